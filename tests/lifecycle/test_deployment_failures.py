"""Deployments that fail: what is removed, what is left, and what the person is told to do."""

from __future__ import annotations

from typing import Any

import pytest

from vertex_custom_weights_provider.adapter.provider import Failed
from vertex_custom_weights_provider.call.call import InitFailed

from .support.inputs import MACHINE, address, bare_endpoint, deployment, endpoint
from .support.small_engine import SmallEngine
from .support.world import LOCATION, World

KIND = "CustomWeightsDeployment"
NUMBER = "778249642445"
AGENT = f"service-{NUMBER}@gcp-sa-aiplatform.iam.gserviceaccount.com"
LOGS = 'resource.labels.endpoint_id="'
LATE: dict[str, tuple[Any, ...]] = {
    "quota-exceeded-late": (
        8,
        "quota CustomModelServingL4GPUsPerProjectPerRegion (limit 0) of project my-proj in "
        "us-central1 is used up. This deployment needs 1 (quota is charged for maxReplicaCount)",
        "https://console.cloud.google.com/iam-admin/quotas?project=my-proj",
        "lower maxReplicaCount",
        "set location to one of the regions that have quota by default (NVIDIA_L4",
    ),
    "container-crash": (9, "gcloud logging read", LOGS, "--project=my-proj"),
    "container-crash-leaves-endpoint": (9, "Cloud Logging", LOGS),
    "service-agent-role-missing": (
        13,
        f"--member=serviceAccount:{AGENT} --role=roles/aiplatform.user",
        "gcloud projects add-iam-policy-binding my-proj",
    ),
    "stockout": (
        14,
        "no free g2-standard-12 in us-central1 right now; quota is not the cause",
        "flexStart",
        "set location to one of the regions that offer it (NVIDIA_L4, catalog ",
        "us-west1, us-east1",
    ),
    "cancelled-by-service": (1, "run `pulumi up` again"),
}
AT_ONCE: dict[str, tuple[str, ...]] = {
    "quota-exceeded": ("CustomModelServingL4GPUsPerProjectPerRegion (limit 0)",),
    "stockout-at-once": ("no free g2-standard-12 in us-central1", "offer it (NVIDIA_L4"),
    "permission-denied": (
        "Permission 'aiplatform.endpoints.create' denied",
        "Grant roles/aiplatform.user to the account that runs Pulumi",
    ),
    "bucket-unreadable": (
        "gcloud storage buckets add-iam-policy-binding gs://weights "
        f"--member=serviceAccount:{AGENT} --role=roles/storage.objectViewer",
    ),
    "api-disabled": (f"gcloud services enable aiplatform.googleapis.com --project={NUMBER}",),
    "unknown-machine": (
        'Machine type "g2-standard-12" is not supported',
        "Machines with NVIDIA_L4, and how many: g2-standard-4 (1)",
    ),
    "accelerator-count-not-allowed": ("allowed values are: [1, 2, 4]", "g2-standard-24 (2)"),
    "accelerator-mismatch": ("is not supported for machine type", "g2-standard-48 (4)"),
    "unsupported-model": ("vcw preflight gs://weights/llama",),
}


@pytest.mark.parametrize("scenario", LATE)
def test_a_failed_operation_leaves_nothing_and_says_the_next_step(
    world: World, scenario: str
) -> None:
    code, *advice = LATE[scenario]
    world.scenario(scenario)
    engine = SmallEngine(world, KIND)
    with pytest.raises(Failed) as failed:
        engine.up(deployment())
    assert str(failed.value).count(f"(code {code}, operation projects/") == 1
    for told in advice:
        assert told in str(failed.value)
    assert "were removed" in str(failed.value)
    assert world.things() == {}
    assert engine.saved is None


CODES: dict[int, tuple[str, str, str]] = {
    3: (
        "INVALID_ARGUMENT",
        'Accelerator "NVIDIA_L4" is not supported for machine type "g2-standard-12".',
        "Machines with NVIDIA_L4, and how many: g2-standard-4 (1)",
    ),
    4: ("DEADLINE_EXCEEDED", "Deadline exceeded.", "containerSpec.deploymentTimeout"),
    5: ("NOT_FOUND", "The image was not found.", "Mend the cause, then run `pulumi up` again"),
    7: (
        "PERMISSION_DENIED",
        f"{AGENT} does not have permission artifactregistry.repositories.downloadArtifacts.",
        f"Grant roles/artifactregistry.reader to the service agent {AGENT}",
    ),
    9: (
        "FAILED_PRECONDITION",
        f"{AGENT} does not have storage.objects.list access to gs://weights.",
        f"add-iam-policy-binding gs://weights --member=serviceAccount:{AGENT}",
    ),
}


@pytest.mark.parametrize("code", CODES)
def test_what_an_operation_ends_with_is_turned_into_a_next_step(world: World, code: int) -> None:
    status, message, told = CODES[code]
    rule = {"method": "*.deploy", "operation": {"error": {"status": status, "message": message}}}
    world.admin("PUT", "scenarios/active", {"rules": [rule]})
    with pytest.raises(Failed) as failed:
        SmallEngine(world, KIND).up(deployment())
    assert str(failed.value).count(f"(code {code}, operation projects/") == 1
    assert told in str(failed.value)
    assert world.things() == {}


@pytest.mark.parametrize("scenario", LATE)
def test_the_next_up_after_a_failure_succeeds_when_the_cause_is_gone(
    world: World, scenario: str
) -> None:
    world.scenario(scenario)
    engine = SmallEngine(world, KIND)
    with pytest.raises(Failed):
        engine.up(deployment())
    world.scenario()
    assert engine.up(deployment()) == "created"
    assert len(world.things()["endpoints"]) == 1
    engine.destroy()
    assert world.things() == {}


@pytest.mark.parametrize("scenario", AT_ONCE)
def test_a_refused_request_makes_nothing_and_says_the_next_step(
    world: World, scenario: str
) -> None:
    world.scenario(scenario)
    with pytest.raises(Failed) as failed:
        SmallEngine(world, KIND).up(deployment())
    for told in AT_ONCE[scenario]:
        assert str(failed.value).count(told) == 1
    assert world.things() == {}
    assert "\n" not in str(failed.value)


def test_what_cannot_be_removed_after_a_failure_is_kept_in_the_state(world: World) -> None:
    world.scenario("container-crash-leaves-endpoint")
    world.fault(method="*.endpoints.delete", times=2, error={"http": 403, "message": "not allowed"})
    engine = SmallEngine(world, KIND)
    with pytest.raises(InitFailed, match="Not removed yet"):
        engine.up(deployment())
    assert engine.saved is not None
    assert world.things() != {}
    with pytest.raises(Failed, match="not allowed"):
        engine.destroy()
    engine.destroy()
    assert world.things() == {}


def test_a_failure_never_removes_what_another_program_has_meanwhile_made(world: World) -> None:
    SmallEngine(world, KIND, stack="prod").up(deployment(endpointUserId="chat"))
    world.fault(method="*.endpoints.get", times=1, error={"http": 404, "message": "not yet"})
    world.scenario("conflict-in-operation")
    with pytest.raises(Failed, match="belongs to shop/prod/chat"):
        SmallEngine(world, KIND, stack="dev").up(deployment(endpointUserId="chat"))
    assert world.things()["endpoints"] == ["chat"]


@pytest.mark.parametrize("scenario", [(), ("quota-exceeded-late",), ("container-crash",)])
def test_a_model_of_somebody_else_under_the_wanted_id_is_stepped_past_and_stays(
    world: World, scenario: tuple[str, ...]
) -> None:
    model = {"displayName": "theirs", "containerSpec": {"imageUri": "i"}}
    world.must("POST", f"{LOCATION}/models:upload", {"modelId": "theirs", "model": model})
    # Google does not say whether it looks at the model's id before or after all else.
    world.scenario(*scenario)
    engine = SmallEngine(world, KIND)
    wanted = deployment(modelUserId="theirs")
    if scenario:
        with pytest.raises(Failed, match="were removed"):
            engine.up(wanted)
    else:
        engine.up(wanted)
        assert world.things()["models"] == ["theirs", "theirs-2"]
        engine.destroy()
    assert world.things() == {"models": ["theirs"]}
    assert sum(call.endswith(":deploy") for call in world.wire.calls) == 1


def test_a_deadline_during_a_stuck_deployment_is_no_failure_and_it_can_be_destroyed(
    world: World,
) -> None:
    world.scenario("stuck")
    engine = SmallEngine(world, KIND)
    with pytest.raises(InitFailed, match="still running after"):
        engine.up(deployment(timeouts={"create": "1h"}))
    engine.destroy()
    assert world.things() == {}
    assert world.running() == []


def test_an_unclear_start_that_never_clears_up_is_saved_and_resumed(world: World) -> None:
    world.fault(method="*.locations.deploy", times=6, reset="before")
    engine = SmallEngine(world, KIND)
    with pytest.raises(InitFailed, match="Run `pulumi up` again to finish"):
        engine.up(deployment())
    assert engine.up(deployment()) == "updated"
    assert len(world.mutations("locations.deploy")) == 1
    assert world.unused_faults() == []


def test_the_message_of_a_failure_is_one_paragraph_without_a_traceback(world: World) -> None:
    world.scenario("stockout")
    with pytest.raises(Failed) as failed:
        SmallEngine(world, KIND).up(deployment())
    assert "\n" not in str(failed.value)
    assert failed.value.__cause__ is None


SPOT = {"spot": True, "machineSpec": MACHINE, "minReplicaCount": 1, "maxReplicaCount": 3}


def test_spot_quota_and_capacity_are_told_as_such(world: World) -> None:
    inputs = deployment(dedicatedResources=SPOT)
    world.scenario("quota-exceeded-spot")
    with pytest.raises(Failed, match="reemptible.*needs 3 \\(1 for each of 3 replicas;"):
        SmallEngine(world, KIND).up(inputs)
    world.scenario("stockout")
    with pytest.raises(Failed, match="do without spot"):
        SmallEngine(world, KIND).up(inputs)


@pytest.mark.parametrize("scenario", [s for s in (*LATE, *AT_ONCE) if s != "permission-denied"])
def test_a_rollout_that_fails_gets_the_same_advice(world: World, scenario: str) -> None:
    advice = LATE[scenario][1:] if scenario in LATE else AT_ONCE[scenario]
    name = bare_endpoint(world)
    engine = SmallEngine(world, KIND)
    engine.up(deployment(endpoint=name))
    before = world.things()
    world.scenario(scenario)
    with pytest.raises(Failed) as failed:
        engine.up(deployment(endpoint=name, generation=1))
    for told in advice:
        assert told in str(failed.value)
    assert world.things() == before


@pytest.mark.parametrize(
    ("kind", "inputs", "scenario", "told"),
    [
        ("Endpoint", endpoint(), "permission-denied", "Grant roles/aiplatform.user"),
        ("Endpoint", endpoint(), "api-disabled", "gcloud services enable aiplatform.goog"),
        ("PscAddress", address(), "compute-api-disabled", "services enable compute.googleapis"),
    ],
)
def test_other_resources_say_which_right_is_missing(
    world: World, kind: str, inputs: dict[str, Any], scenario: str, told: str
) -> None:
    world.scenario(scenario)
    with pytest.raises(Failed, match=told):
        SmallEngine(world, kind).up(inputs)
    assert world.things() == {}


def test_a_refresh_without_the_right_to_look_keeps_the_state_and_names_the_right(
    world: World,
) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(deployment())
    world.scenario("read-denied")
    with pytest.raises(Failed, match="Grant roles/aiplatform.user"):
        engine.refresh()
    assert engine.saved is not None


def test_a_rollout_that_cannot_be_taken_back_is_kept_in_the_state(world: World) -> None:
    name = bare_endpoint(world)
    engine = SmallEngine(world, KIND)
    world.scenario("container-crash")
    world.fault(method="*.models.delete", times=1, error={"http": 403, "message": "not allowed"})
    with pytest.raises(InitFailed, match="Not removed yet: .*not allowed"):
        engine.up(deployment(endpoint=name))
    assert engine.saved is not None
    assert len(world.things()["models"]) == 1
    engine.destroy()
    assert world.things() == {"endpoints": ["shared"]}
