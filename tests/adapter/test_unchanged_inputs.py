"""Unchanged resources are recognised by comparing, and cost no parsing."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from pulumi.output import UNKNOWN

from vertex_custom_weights_provider.adapter.unchanged import same_inputs

OLDS: dict[str, Any] = {
    "gcsUri": "gs://b/w",
    "dedicatedResources": {"maxReplicaCount": 2.0},
    "endpointUserId": "chat-1",
    "weightsFingerprint": "w1-0",
    "owner": "urn",
    "__provider": "x",
}
NEWS: dict[str, Any] = {
    "gcsUri": "gs://b/w",
    "dedicatedResources": {"maxReplicaCount": 2},
    "endpointUserId": None,
    "owner": "urn",
    "__provider": "y",
}


def test_inputs_of_the_last_run_are_the_same() -> None:
    assert same_inputs(OLDS, NEWS)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("gcsUri", "gs://b/other"),
        ("gcsUri", UNKNOWN),
        ("dedicatedResources", {"maxReplicaCount": 3}),
        ("dedicatedResources", {"maxReplicaCount": UNKNOWN}),
        ("labels", {"team": "x"}),
        ("dedicatedResources", None),
        ("endpointUserId", "mine"),
        ("owner", "another urn"),
    ],
)
def test_any_change_is_noticed(key: str, value: object) -> None:
    assert not same_inputs(OLDS, NEWS | {key: value})


def test_a_first_creation_is_never_the_same() -> None:
    assert not same_inputs({}, {})
    assert not same_inputs({}, NEWS)


PROGRAM = """
import sys
from pulumi.dynamic import Config, ConfigureRequest
from vertex_custom_weights_provider.resources.psc_address import PscAddressProvider
provider = PscAddressProvider()
provider.configure(ConfigureRequest(Config({}, "p")))
inputs = {"project": "p", "region": "us-central1", "subnetwork": "s", "owner": "urn"}
assert provider.check({**inputs, "name": "a"}, inputs).inputs["name"] == "a"
assert not provider.diff("id", {**inputs, "name": "a"}, {**inputs, "name": "a"}).changes
print(any(".properties.psc_" in name for name in sys.modules))
"""


def test_an_unchanged_resource_loads_no_models() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "False", done.stderr
