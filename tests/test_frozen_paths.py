"""What the states and projects of users name by its path: it never moves."""

from __future__ import annotations

import importlib
import importlib.util
import pickle
import re
from pathlib import Path

import pytest

import vertex_custom_weights
from vertex_custom_weights import resources, stack

RESOURCES = "vertex_custom_weights_provider.resources"
PROVIDERS = {
    "custom_weights_deployment": "CustomWeightsDeploymentProvider",
    "endpoint": "EndpointProvider",
    "psc_address": "PscAddressProvider",
    "psc_forwarding_rule": "PscForwardingRuleProvider",
    "traffic_split": "TrafficSplitProvider",
}
EXPORTED = {
    "Address",
    "CustomWeightsDeployment",
    "Deployment",
    "Endpoint",
    "PscAddress",
    "PscForwardingRule",
    "Rule",
    "Traffic",
    "TrafficSplit",
}


@pytest.mark.parametrize(("module", "name"), PROVIDERS.items())
def test_a_provider_in_a_state_is_found_and_says_what_it_serves(module: str, name: str) -> None:
    # As Pulumi pickles an object without attributes: protocol 4, by module and name.
    state = f"\x80\x04c{RESOURCES}.{module}\n{name}\n)\x81.".encode("latin-1")
    provider = pickle.loads(state)  # noqa: S301
    assert provider.resource_type == name.removesuffix("Provider")


def test_a_copied_launcher_finds_the_host() -> None:
    launcher = Path(__file__).parents[1] / "plugin" / "pulumi-resource-pulumi-python"
    assert re.search(r"\$PACKAGE\.host\.standby\}", launcher.read_text())
    assert importlib.util.find_spec("vertex_custom_weights_provider.host.standby")
    plugin = launcher.with_name("pulumi-resource-vcw")
    assert "VCW_MODULE=vertex_custom_weights_plugin " in plugin.read_text()
    assert importlib.util.find_spec("vertex_custom_weights_plugin.__main__")


def test_a_program_finds_what_it_imports() -> None:
    assert callable(stack.declare)
    assert set(resources.__all__) >= EXPORTED
    assert resources.Deployment is resources.CustomWeightsDeployment
    assert set(vertex_custom_weights.__all__) >= {"LlamaEndpoint", "PrivateServiceConnect"}
