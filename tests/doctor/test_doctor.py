"""`vcw doctor`: what is found in a healthy project, and what is said of each thing that ails."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from googleapiclient import discovery_cache

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.clock import SystemClock
from vertex_custom_weights_provider.api.credentials import Anonymous
from vertex_custom_weights_provider.api.rest import Rest
from vertex_custom_weights_provider.doctor import Check, Patient, Wanted, examine, wanted_by
from vertex_custom_weights_provider.doctor.wanted import Access, Connection, Deployment
from vertex_custom_weights_provider.settings import CredentialSettings

from ..support.transport import Beneath

AGENT = "serviceAccount:service-42@gcp-sa-aiplatform.iam.gserviceaccount.com"
MANAGER = "https://cloudresourcemanager.googleapis.com/v3/projects"
USAGE = "https://serviceusage.googleapis.com/v1/projects"
STORAGE = "https://storage.googleapis.com/storage/v1/b"
COMPUTE = "https://compute.googleapis.com/compute/v1/projects"
POLICIES = "https://networkconnectivity.googleapis.com/v1/projects/shop/locations/us-central1"
POLICIES += "/serviceConnectionPolicies"
NETWORK = "projects/shop/global/networks/apps"
QUOTA = (
    "https://cloudquotas.googleapis.com/v1/projects/models/locations/global/services/"
    "aiplatform.googleapis.com/quotaInfos/CustomModelServingL4GPUsPerProjectPerRegion"
)

WANTED = Wanted(
    deployments=(
        Deployment(
            name="chat",
            project="models",
            location="us-central1",
            weights_uri="gs://weights/chat",
            machine_type="g2-standard-12",
            accelerator="NVIDIA_L4",
            accelerators=1,
            max_replicas=2,
        ),
    ),
    accesses=(Access("chat", "models", "us-central1", ("shop",), (("shop", NETWORK),)),),
    connections=(
        Connection("address", "shop", "us-central1", subnetwork="apps", address="10.0.0.7"),
        Connection("rule", "shop", "us-central1", network="apps"),
    ),
)


@cache
def published(host: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return the methods that Google publishes for a host: verb and form of the path."""
    documents = Path(discovery_cache.__file__).parent / "documents"
    names = {
        "cloudresourcemanager": "cloudresourcemanager.v3",
        "serviceusage": "serviceusage.v1",
        "storage": "storage.v1",
        "compute": "compute.v1",
        "networkconnectivity": "networkconnectivity.v1",
        "monitoring": "monitoring.v3",
        "www": "oauth2.v2",
    }
    document = json.loads((documents / f"{names[host.partition('.')[0]]}.json").read_text())
    base = document["servicePath"]

    def form(method: dict[str, Any]) -> re.Pattern[str]:
        path = "/" + base + str(method.get("flatPath") or method["path"])
        return re.compile(re.sub(r"\\?\{[^{}]*\\?\}", "[^/:]+", re.escape(path)))

    return tuple((method["httpMethod"], form(method)) for method in walk(document))


def walk(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from resource.get("methods", {}).values()
    for child in resource.get("resources", {}).values():
        yield from walk(child)


class Google:
    """Answers as a project in which nothing is missing; a test takes something away."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        policy = {"bindings": [{"role": "roles/aiplatform.user", "members": [AGENT]}]}
        readers = {"bindings": [{"role": "roles/storage.objectViewer", "members": [AGENT]}]}
        self.answers: dict[str, Any] = {
            f"{MANAGER}/models": {"name": "projects/42", "state": "ACTIVE"},
            f"{MANAGER}/models:getIamPolicy": policy,
            f"{STORAGE}/weights": {"location": "US-CENTRAL1", "projectNumber": "7"},
            f"{STORAGE}/weights/o": {"items": [{"name": "chat/config.json"}]},
            f"{STORAGE}/weights/iam": readers,
            f"{COMPUTE}/shop/global/networks/apps": {"name": "apps"},
            f"{COMPUTE}/shop/regions/us-central1/subnetworks/apps": {"ipCidrRange": "10.0.0.0/24"},
            POLICIES: {
                "serviceConnectionPolicies": [{"serviceClass": "gcp-vertexai", "network": NETWORK}]
            },
            QUOTA: {
                "dimensionsInfos": [
                    {"dimensions": {"region": "us-central1"}, "details": {"value": "8"}}
                ]
            },
            "https://monitoring.googleapis.com/v3/projects/models/timeSeries": {},
            "https://www.googleapis.com/oauth2/v2/userinfo": {"email": "me@example.com"},
        }

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        url = str(request.url.copy_with(query=None))
        answer = self.answers.get(url)
        if answer is None and url.endswith(":testIamPermissions"):
            answer = json.loads(request.content)
        if answer is None and url.startswith(USAGE):
            answer = {"state": "ENABLED"}
        if answer is None and request.url.host == "cloudquotas.googleapis.com":
            answer = {}
        if isinstance(answer, httpx.Response):
            return answer
        assert answer is not None, url
        return httpx.Response(200, json=answer)


class Someone(Anonymous):
    """Credentials of a service account."""

    def principal(self) -> str:
        return "ci@models.iam.gserviceaccount.com"


class Nobody(Anonymous):
    """No credentials."""

    def headers(self, *, renew: bool = False) -> dict[str, str]:
        raise errors.ConfigurationError("No Google credentials found.")

    def principal(self) -> str:
        return ""


def refused(message: str = "no", **details: Any) -> httpx.Response:
    error = {"message": message, "status": "PERMISSION_DENIED", **details}
    return httpx.Response(403, json={"error": error})


@pytest.fixture
def google() -> Google:
    return Google()


@pytest.fixture
def patient(google: Google) -> Patient:
    rest = Rest(Beneath(google), Anonymous(), SystemClock())
    return Patient(WANTED, rest, "models", CredentialSettings(), Someone())


@pytest.fixture
def ailing(google: Google, patient: Patient) -> Callable[..., Check]:
    """Change one answer and return the check of that subject."""

    def find(about: str, answers: dict[str, Any] | None = None, **changes: Any) -> Check:
        google.answers.update(answers or {})
        found = [check for _, checks in examine(replace(patient, **changes)) for check in checks]
        (check,) = (check for check in found if check.about == about)
        return check

    return find


def test_healthy_stack_has_nothing_but_ok(patient: Patient) -> None:
    checks = [check for _, found in examine(patient) for check in found]

    assert {check.status for check in checks} == {"ok"}
    assert len(checks) > 15


def test_every_question_is_a_published_one_and_changes_nothing(
    google: Google, patient: Patient
) -> None:
    list(examine(patient))

    for request in google.requests:
        assert request.method == "GET" or request.url.path.endswith(
            (":testIamPermissions", ":getIamPolicy")
        )
        if request.url.host != "cloudquotas.googleapis.com":  # not among the bundled documents
            assert any(
                verb == request.method and form.fullmatch(request.url.path)
                for verb, form in published(request.url.host)
            ), request.url


def test_missing_credentials_end_the_round_with_the_login_command(patient: Patient) -> None:
    ((title, (check,)),) = examine(replace(patient, identity=Nobody()))

    assert title == "Identity"
    assert check.status == "problem"
    assert check.mend == ("gcloud auth application-default login",)


def test_credentials_are_named_with_their_source_and_owner(ailing: Callable[..., Check]) -> None:
    settings = CredentialSettings(access_token="precious")
    told = ailing("credentials", credentials=settings).told

    assert "GOOGLE_OAUTH_ACCESS_TOKEN" in told
    assert "ci@models.iam.gserviceaccount.com" in told
    assert "precious" not in told


def test_unknown_project_is_a_problem(ailing: Callable[..., Check]) -> None:
    gone = httpx.Response(404, json={"error": {"message": "not found"}})
    assert ailing("project models", {f"{MANAGER}/models": gone}).status == "problem"


def test_service_that_is_off_is_named_with_the_command_that_enables_it(
    ailing: Callable[..., Check],
) -> None:
    off = {f"{USAGE}/models/services/aiplatform.googleapis.com": {"state": "DISABLED"}}
    check = ailing("aiplatform.googleapis.com in models", off)

    assert check.status == "problem"
    assert check.mend == ("gcloud services enable aiplatform.googleapis.com --project=models",)


def test_service_that_the_stack_enables_itself_is_no_problem(
    ailing: Callable[..., Check],
) -> None:
    service = "aiplatform.googleapis.com"
    off = {f"{USAGE}/models/services/{service}": {"state": "DISABLED"}}
    wanted = replace(WANTED, enabled=frozenset({("models", service)}))
    assert ailing(f"{service} in models", off, wanted=wanted).status == "ok"


def test_access_that_the_stack_grants_itself_is_no_problem(
    ailing: Callable[..., Check],
) -> None:
    wanted = replace(WANTED, granted=frozenset({"weights"}))
    about = "service agent's access to gs://weights"
    assert ailing(about, {f"{STORAGE}/weights/iam": {}}, wanted=wanted).status == "ok"


def test_look_through_a_service_that_is_off_could_not_tell_and_says_which(
    ailing: Callable[..., Check],
) -> None:
    metadata = {"service": "serviceusage.googleapis.com", "consumer": "projects/models"}
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED"}
    off = refused(details=[{**info, "metadata": metadata}])
    url = f"{USAGE}/models/services/aiplatform.googleapis.com"
    check = ailing("aiplatform.googleapis.com in models", {url: off})

    assert check.status == "unknown"
    assert check.mend == ("gcloud services enable serviceusage.googleapis.com --project=models",)


def test_service_agent_without_a_role_is_given_one(ailing: Callable[..., Check]) -> None:
    check = ailing("service agent of models", {f"{MANAGER}/models:getIamPolicy": {}})

    assert check.status == "problem"
    assert check.mend[-1].endswith(f"--member={AGENT} --role=roles/aiplatform.user")


def test_service_agent_with_its_first_role_only_is_noted(ailing: Callable[..., Check]) -> None:
    policy = {"bindings": [{"role": "roles/aiplatform.serviceAgent", "members": [AGENT]}]}
    check = ailing("service agent of models", {f"{MANAGER}/models:getIamPolicy": policy})

    assert check.status == "note"
    assert "code 13" in check.told


def test_policy_that_may_not_be_read_could_not_tell(ailing: Callable[..., Check]) -> None:
    policy = {f"{MANAGER}/models:getIamPolicy": refused("no getIamPolicy")}
    check = ailing("service agent of models", policy)

    assert check.status == "unknown"
    assert "no getIamPolicy" in check.told


def test_missing_permission_is_named_with_the_role_for_whoever_asks(
    ailing: Callable[..., Check],
) -> None:
    some = {"permissions": ["aiplatform.endpoints.get"]}
    url = f"{MANAGER}/models:testIamPermissions"
    check = ailing("your permissions for serving in models", {url: some})

    assert "aiplatform.endpoints.create" in check.told
    assert "aiplatform.endpoints.get," not in check.told
    (command,) = check.mend
    assert "--member=serviceAccount:ci@models.iam.gserviceaccount.com" in command
    assert command.endswith("--role=roles/aiplatform.user")


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({}, "empty, or does not exist"),
        (httpx.Response(404, json={"error": {"message": "no bucket"}}), "no bucket weights"),
        (refused("denied"), "You may not list it"),
    ],
)
def test_folder_that_cannot_be_listed_is_a_problem(
    ailing: Callable[..., Check], answer: Any, told: str
) -> None:
    check = ailing("gs://weights/chat", {f"{STORAGE}/weights/o": answer})

    assert check.status == "problem"
    assert told in check.told


def test_bucket_far_from_the_endpoint_is_noted(ailing: Callable[..., Check]) -> None:
    far = {f"{STORAGE}/weights": {"location": "EUROPE-WEST4"}}
    assert ailing("location of gs://weights", far).status == "note"


def test_bucket_that_the_service_agent_may_not_read_is_a_problem(
    ailing: Callable[..., Check],
) -> None:
    check = ailing("service agent's access to gs://weights", {f"{STORAGE}/weights/iam": {}})

    assert check.status == "problem"
    assert check.mend[0].startswith("gcloud storage buckets add-iam-policy-binding gs://weights")
    assert AGENT in check.mend[0]


def test_bucket_of_the_same_project_is_read_by_the_agents_own_role(
    google: Google, ailing: Callable[..., Check]
) -> None:
    policy = {"bindings": [{"role": "roles/aiplatform.serviceAgent", "members": [AGENT]}]}
    google.answers[f"{MANAGER}/models:getIamPolicy"] = policy
    own = {f"{STORAGE}/weights": {"location": "US", "projectNumber": "42"}}
    check = ailing("service agent's access to gs://weights", own)

    assert (check.status, "on the project" in check.told) == ("ok", True)


def limit(value: str) -> dict[str, Any]:
    info = {"dimensions": {"region": "us-central1"}, "details": {"value": value}}
    return {QUOTA: {"dimensionsInfos": [info]}}


def test_quota_below_all_replicas_is_a_problem_with_the_request_for_more(
    ailing: Callable[..., Check],
) -> None:
    check = ailing("quota for NVIDIA_L4 in us-central1, models", limit("1"))

    assert check.told == "Needs 2; the limit is 1."
    assert "--preferred-value=2 --dimensions=region=us-central1" in check.mend[0]


def test_quota_that_may_not_be_read_could_not_tell_and_gives_the_default(
    ailing: Callable[..., Check],
) -> None:
    check = ailing("quota for NVIDIA_L4 in us-central1, models", {QUOTA: refused()})

    assert check.status == "unknown"
    assert re.search(r"projects start with \d+", check.told)


def test_region_without_the_accelerator_names_regions_that_have_it(
    ailing: Callable[..., Check],
) -> None:
    moved = replace(WANTED.deployments[0], accelerator="NVIDIA_H100_80GB", location="me-west1")
    wanted = Wanted(deployments=(moved,))
    check = ailing("NVIDIA_H100_80GB in me-west1", wanted=wanted)

    assert check.status == "problem"
    assert "us-central1" in check.told


@pytest.mark.parametrize(
    ("path", "about"),
    [
        ("shop/global/networks/apps", f"network {NETWORK}"),
        (
            "shop/regions/us-central1/subnetworks/apps",
            "subnetwork projects/shop/regions/us-central1/subnetworks/apps",
        ),
    ],
)
def test_network_that_does_not_exist_is_a_problem(
    ailing: Callable[..., Check], path: str, about: str
) -> None:
    gone = httpx.Response(404, json={"error": {"message": "not found"}})
    check = ailing(about, {f"{COMPUTE}/{path}": gone})

    assert check.status == "problem"
    assert check.mend[0].startswith("gcloud compute networks ")


def test_address_outside_its_subnetwork_is_a_problem(ailing: Callable[..., Check]) -> None:
    url = f"{COMPUTE}/shop/regions/us-central1/subnetworks/apps"
    check = ailing("address 10.0.0.7", {url: {"ipCidrRange": "10.1.0.0/24"}})
    assert "10.1.0.0/24" in check.told


def test_consumer_that_is_not_allowed_is_a_problem(ailing: Callable[..., Check]) -> None:
    access = replace(WANTED.accesses[0], allowed=("models",))
    wanted = replace(WANTED, accesses=(access,))
    check = ailing("connections from shop", wanted=wanted)

    assert check.status == "problem"
    assert "allowedProjects" in check.told


def test_automation_without_a_policy_is_told_the_command_that_makes_one(
    ailing: Callable[..., Check],
) -> None:
    about = "service connection policy of network apps in shop, us-central1"
    check = ailing(about, {POLICIES: {}})

    assert "CONNECTION_POLICY_MISSING" in check.told
    assert "--service-class=gcp-vertexai" in check.mend[0]


def test_silence_could_not_tell_and_suggests_nothing(
    google: Google, ailing: Callable[..., Check]
) -> None:
    silent = httpx.Response(502, text="<html>")
    check = ailing(f"network {NETWORK}", {f"{COMPUTE}/shop/global/networks/apps": silent})
    assert (check.status, check.mend) == ("unknown", ())


def test_wishes_are_read_from_a_previews_resources() -> None:
    private = {
        "enablePrivateServiceConnect": True,
        "projectAllowlist": ["shop"],
        "pscAutomationConfigs": [{"projectId": "shop", "network": NETWORK}],
    }
    machine = {
        "machineType": "g2-standard-12",
        "acceleratorType": "NVIDIA_L4",
        "acceleratorCount": 1.0,
    }
    place = {"project": "models", "location": "us-central1"}
    deployment = {
        **place,
        "gcsUri": "gs://weights/chat",
        "dedicatedResources": {"machineSpec": machine, "maxReplicaCount": 2.0},
        "privateServiceConnectConfig": private,
    }
    consumer = {"project": "shop", "region": "us-central1"}
    resources = [
        {"type": "pulumi:pulumi:Stack", "urn": "s"},
        {"type": "vcw:m:Deployment", "urn": "x::chat", "inputs": deployment},
        {
            "type": "vcw:m:Address",
            "urn": "x::address",
            "inputs": {**consumer, "subnetwork": "apps", "address": "10.0.0.7"},
        },
        {
            "type": "vcw:m:Rule",
            "urn": "x::rule",
            "inputs": {**consumer, "network": "apps", "address": "projects/shop/x/addresses/a"},
        },
        {
            "type": "gcp:storage/bucketIAMMember:BucketIAMMember",
            "inputs": {"bucket": "weights", "role": "roles/storage.objectViewer"},
        },
        {
            "type": "gcp:projects/service:Service",
            "inputs": {"project": "models", "service": "aiplatform.googleapis.com"},
        },
    ]

    granted, enabled = frozenset({"weights"}), {("models", "aiplatform.googleapis.com")}
    wanted = replace(WANTED, granted=granted, enabled=frozenset(enabled))
    assert wanted_by(resources) == wanted


def test_values_that_only_the_update_knows_are_left_out() -> None:
    unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
    rule = {"project": "shop", "region": "us-central1", "network": unknown, "target": unknown}
    kind = "vcw:m:Rule"
    (connection,) = wanted_by([{"type": kind, "urn": "x::rule", "inputs": rule}]).connections

    assert connection.network == ""
