"""What Google's Terraform provider (and so pulumi-gcp) sends, byte for byte in its own shapes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

REGION = "projects/my-proj/regions/us-central1"
PRIVATE = {"enablePrivateServiceConnect": True, "projectAllowlist": ["my-proj"]}


class Terraform:
    """Requests as the provider writes them, against a custom endpoint."""

    def __init__(self, url: str) -> None:
        self.base = f"{url}/compute/v1/"
        self.http = httpx.Client(base_url=self.base, params={"alt": "json"})

    def change(self, verb: str, path: str, body: Any = None) -> None:
        operation = self.http.request(verb, path, json=body).raise_for_status().json()
        for _ in range(100):
            polled = self.http.get(f"{REGION}/operations/{operation['name']}").json()
            if polled["status"] == "DONE":
                break
        assert "error" not in polled

    def read(self, path: str) -> dict[str, Any]:
        return self.http.get(path).raise_for_status().json()


@pytest.fixture
def terraform(served: Callable[..., str]) -> Iterator[Terraform]:
    found = Terraform(served(operation_seconds=0.02))
    yield found
    found.http.close()


def attachment(terraform: Terraform) -> str:
    url = terraform.base.removesuffix("compute/v1/")
    location = "v1beta1/projects/my-proj/locations/us-central1"
    body = {
        "customModel": {"gcsUri": "gs://bkt/llama"},
        "endpointConfig": {"endpointUserId": "e1", "privateServiceConnectConfig": PRIVATE},
    }
    operation = httpx.post(f"{url}{location}:deploy", json=body).json()["name"]
    httpx.post(f"{url}v1beta1/{operation}:wait")
    endpoint = httpx.get(f"{url}{location}/endpoints/e1").json()
    return endpoint["deployedModels"][0]["privateEndpoints"]["serviceAttachment"]


def reserve(terraform: Terraform) -> dict[str, Any]:
    body = {
        "addressType": "INTERNAL",
        "description": "",
        "labels": {"goog-terraform-provisioned": "true"},
        "name": "ip",
        "networkTier": "",
        "region": "projects/my-proj/global/regions/us-central1",
        "subnetwork": f"https://www.googleapis.com/compute/v1/{REGION}/subnetworks/s",
    }
    terraform.change("POST", f"{REGION}/addresses", body)
    return terraform.read(f"{REGION}/addresses/ip")


def test_an_address_is_labelled_on_insert_and_again_by_set_labels(terraform: Terraform) -> None:
    address = reserve(terraform)
    labels = {"goog-terraform-provisioned": "true", "team": "x"}
    body = {"labels": labels, "labelFingerprint": address["labelFingerprint"]}
    terraform.change("POST", f"{REGION}/addresses/ip/setLabels", body)

    again = terraform.read(f"{REGION}/addresses/ip")

    assert address["labels"] == {"goog-terraform-provisioned": "true"}
    assert again["labels"] == labels
    assert again["region"] == f"https://www.googleapis.com/compute/v1/{REGION}"


def test_a_rule_takes_urls_built_on_the_custom_endpoint(terraform: Terraform) -> None:
    address = reserve(terraform)
    target = attachment(terraform)
    body = {
        "IPAddress": address["selfLink"],
        "allowPscGlobalAccess": False,
        "description": "",
        "loadBalancingScheme": "",
        "name": "rule",
        "network": f"{terraform.base}projects/my-proj/global/networks/default",
        "networkTier": "",
        "noAutomateDnsZone": False,
        "ports": [],
        "region": "projects/my-proj/global/regions/us-central1",
        "target": f"{terraform.base}{target}",
    }
    terraform.change("POST", f"{REGION}/forwardingRules", body)
    rule = terraform.read(f"{REGION}/forwardingRules/rule")
    labels = {"labels": {"team": "x"}, "labelFingerprint": rule["labelFingerprint"]}
    terraform.change("POST", f"{REGION}/forwardingRules/rule/setLabels", labels)
    patch = {"allowPscGlobalAccess": True, "fingerprint": rule["fingerprint"]}
    terraform.change("PATCH", f"{REGION}/forwardingRules/rule", patch)
    changed = terraform.read(f"{REGION}/forwardingRules/rule")

    assert rule["pscConnectionStatus"] == "ACCEPTED"
    assert rule["IPAddress"] == address["address"]
    assert rule["target"] == f"https://www.googleapis.com/compute/v1/{target}"
    assert rule["network"].startswith("https://www.googleapis.com/compute/v1/projects/")
    assert (changed["labels"], changed["allowPscGlobalAccess"]) == ({"team": "x"}, True)
    terraform.change("DELETE", f"{REGION}/forwardingRules/rule")
    terraform.change("DELETE", f"{REGION}/addresses/ip")
