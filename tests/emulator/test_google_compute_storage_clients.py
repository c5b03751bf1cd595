"""Google's own Compute and Cloud Storage clients, unmodified, against a served emulator."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from google.api_core import exceptions
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import compute_v1, storage

WHERE = {"project": "my-proj", "region": "us-central1"}
LOCATION = "/v1beta1/projects/my-proj/locations/us-central1"


@pytest.fixture
def url(served: Callable[..., str], tmp_path: Path) -> str:
    folder = tmp_path / "weights"
    (folder / "llama").mkdir(parents=True)
    (folder / "llama/config.json").write_text('{"model_type": "llama"}')
    (folder / "llama/big.bin").write_bytes(bytes(range(256)) * 40)
    return served(buckets={"weights": folder})


class Compute:
    """The clients of one server."""

    def __init__(self, url: str) -> None:
        options: dict[str, Any] = {
            "credentials": AnonymousCredentials(),
            "client_options": ClientOptions(api_endpoint=url),
        }
        self.addresses = compute_v1.AddressesClient(**options)
        self.rules = compute_v1.ForwardingRulesClient(**options)
        self.operations = compute_v1.RegionOperationsClient(**options)

    def done(self, operation: Any) -> Any:
        return self.operations.wait(operation=operation.name, **WHERE)

    def reserve(self, name: str = "ip") -> compute_v1.Address:
        subnet = "projects/my-proj/regions/us-central1/subnetworks/s"
        resource = compute_v1.Address(name=name, address_type="INTERNAL", subnetwork=subnet)
        self.done(self.addresses.insert_unary(address_resource=resource, **WHERE))
        return self.addresses.get(address=name, **WHERE)


@pytest.fixture
def compute(url: str) -> Compute:
    return Compute(url)


def private_attachment(url: str) -> str:
    psc = {"enablePrivateServiceConnect": True, "projectAllowlist": ["my-proj"]}
    body = {
        "customModel": {"gcsUri": "gs://weights/llama"},
        "endpointConfig": {"endpointUserId": "e1", "privateServiceConnectConfig": psc},
        "deployConfig": {
            "dedicatedResources": {
                "machineSpec": {
                    "machineType": "g2-standard-12",
                    "acceleratorType": "NVIDIA_L4",
                    "acceleratorCount": 1,
                }
            }
        },
    }
    operation = httpx.post(f"{url}{LOCATION}:deploy", json=body).json()
    httpx.post(f"{url}/v1beta1/{operation['name']}:wait")
    endpoint = httpx.get(f"{url}{LOCATION}/endpoints/e1").json()
    return endpoint["deployedModels"][0]["privateEndpoints"]["serviceAttachment"]


def test_an_address_lives_its_life_through_the_compute_client(compute: Compute) -> None:
    address = compute.reserve()
    request = compute_v1.RegionSetLabelsRequest(
        labels={"team": "x"}, label_fingerprint=address.label_fingerprint
    )
    compute.done(
        compute.addresses.set_labels_unary(
            resource="ip", region_set_labels_request_resource=request, **WHERE
        )
    )

    labelled = compute.addresses.get(address="ip", **WHERE)
    listed = list(compute.addresses.list(**WHERE))
    everywhere = dict(compute.addresses.aggregated_list(project="my-proj"))
    compute.done(compute.addresses.delete_unary(address="ip", **WHERE))

    assert address.status == "RESERVED"
    assert labelled.labels == {"team": "x"}
    assert [item.name for item in listed] == ["ip"]
    assert [item.name for item in everywhere["regions/us-central1"].addresses] == ["ip"]
    with pytest.raises(exceptions.NotFound):
        compute.addresses.get(address="ip", **WHERE)


def test_a_rule_lives_its_life_through_the_compute_client(url: str, compute: Compute) -> None:
    address = compute.reserve()
    resource = compute_v1.ForwardingRule(
        name="rule",
        target=private_attachment(url),
        I_p_address=address.self_link,
        network="projects/my-proj/global/networks/n",
        load_balancing_scheme="",
    )
    compute.done(compute.rules.insert_unary(forwarding_rule_resource=resource, **WHERE))
    rule = compute.rules.get(forwarding_rule="rule", **WHERE)
    patch = compute_v1.ForwardingRule(allow_psc_global_access=True, fingerprint=rule.fingerprint)
    compute.done(
        compute.rules.patch_unary(forwarding_rule="rule", forwarding_rule_resource=patch, **WHERE)
    )

    assert rule.psc_connection_status == "ACCEPTED"
    assert rule.I_p_address == address.address
    assert compute.rules.get(forwarding_rule="rule", **WHERE).allow_psc_global_access
    with pytest.raises(exceptions.BadRequest, match="already being used"):
        compute.addresses.delete(address="ip", **WHERE)
    compute.done(compute.rules.delete_unary(forwarding_rule="rule", **WHERE))
    compute.done(compute.addresses.delete_unary(address="ip", **WHERE))


def test_the_compute_clients_own_waiting_works(compute: Compute) -> None:
    services = compute.addresses.transport._extended_operations_services
    services["region_operations"] = compute.operations
    resource = compute_v1.Address(name="ip", address_type="INTERNAL")

    compute.addresses.insert(address_resource=resource, **WHERE).result(timeout=10)

    assert compute.addresses.get(address="ip", **WHERE).status == "RESERVED"


def test_an_operations_error_is_raised_by_the_compute_client(compute: Compute) -> None:
    taken = compute.reserve().address
    resource = compute_v1.Address(name="two", address_type="INTERNAL", address=taken)

    operation = compute.done(compute.addresses.insert_unary(address_resource=resource, **WHERE))

    assert operation.error.errors[0].code == "IP_IN_USE_BY_ANOTHER_RESOURCE"


def test_a_stale_fingerprint_is_a_failed_precondition_to_the_compute_client(
    compute: Compute,
) -> None:
    compute.reserve()
    request = compute_v1.RegionSetLabelsRequest(labels={"a": "b"}, label_fingerprint="AAAA")

    with pytest.raises(exceptions.PreconditionFailed):
        compute.addresses.set_labels_unary(
            resource="ip", region_set_labels_request_resource=request, **WHERE
        )


@pytest.fixture
def gcs(url: str, monkeypatch: pytest.MonkeyPatch) -> storage.Client:
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", url)
    monkeypatch.setenv("DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA", "1")
    return storage.Client(project="my-proj", credentials=AnonymousCredentials())


def test_the_storage_client_lists_and_reads(gcs: storage.Client) -> None:
    bucket = gcs.bucket("weights")

    found = [blob.name for blob in gcs.list_blobs("weights", prefix="llama/", page_size=1)]
    blob = bucket.get_blob("llama/config.json")

    assert found == ["llama/big.bin", "llama/config.json"]
    assert blob is not None
    assert blob.download_as_text() == '{"model_type": "llama"}'


def test_the_storage_client_reads_ranges(gcs: storage.Client) -> None:
    blob = gcs.bucket("weights").blob("llama/big.bin")

    assert blob.download_as_bytes(start=250, end=260) == bytes([*range(250, 256), *range(5)])


def test_the_storage_client_reads_in_chunks(gcs: storage.Client, tmp_path: Path) -> None:
    blob = gcs.bucket("weights").blob("llama/big.bin", chunk_size=256 * 1024)

    blob.download_to_filename(tmp_path / "copy")

    assert (tmp_path / "copy").read_bytes() == bytes(range(256)) * 40


def test_the_storage_client_sees_what_is_missing(gcs: storage.Client) -> None:
    with pytest.raises(exceptions.NotFound, match="No such object: weights/none"):
        gcs.bucket("weights").blob("none").download_as_bytes()
    with pytest.raises(exceptions.NotFound, match="bucket does not exist"):
        list(gcs.list_blobs("nowhere"))


def test_the_storage_client_sees_a_broken_precondition(gcs: storage.Client) -> None:
    with pytest.raises(exceptions.PreconditionFailed):
        gcs.bucket("weights").blob("llama/config.json").reload(if_generation_match=1)
