"""Python arguments on their way to Pulumi properties."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from vertex_custom_weights_provider.properties.custom_weights_deployment import (
    CustomWeightsDeploymentSpec,
)
from vertex_custom_weights_provider.properties.endpoint import EndpointSpec
from vertex_custom_weights_provider.properties.psc_address import PscAddressSpec
from vertex_custom_weights_provider.properties.psc_forwarding_rule import PscForwardingRuleSpec
from vertex_custom_weights_provider.properties.table import properties
from vertex_custom_weights_provider.properties.traffic_split import TrafficSplitSpec
from vertex_custom_weights_provider.resources import arguments
from vertex_custom_weights_provider.resources.custom_weights_deployment import (
    CustomWeightsDeployment,
)
from vertex_custom_weights_provider.resources.endpoint import Endpoint
from vertex_custom_weights_provider.resources.psc_address import PscAddress
from vertex_custom_weights_provider.resources.psc_forwarding_rule import PscForwardingRule
from vertex_custom_weights_provider.resources.traffic_split import TrafficSplit


def test_names_become_camel_case_at_every_depth() -> None:
    given = {"dedicated_resources": {"autoscaling_metric_specs": [{"metric_name": "m"}]}}
    assert arguments.wire(given, ()) == {
        "dedicatedResources": {"autoscalingMetricSpecs": [{"metricName": "m"}]}
    }


def test_keys_that_are_the_users_own_words_stay() -> None:
    given = {
        "labels": {"cost_center": "a_b"},
        "specs": [{"monitored_resource_labels": {"my_key": "v"}}],
    }
    assert arguments.wire(given, ()) == {
        "labels": {"cost_center": "a_b"},
        "specs": [{"monitoredResourceLabels": {"my_key": "v"}}],
    }


def test_outputs_are_declared_and_do_not_hide_inputs() -> None:
    found = arguments.wire({"endpoint_id": "chat"}, ("endpointName", "endpointId"))
    assert found == {"endpointName": None, "endpointId": "chat"}


@pytest.mark.parametrize(
    ("resource", "spec"),
    [
        (Endpoint, EndpointSpec),
        (CustomWeightsDeployment, CustomWeightsDeploymentSpec),
        (PscAddress, PscAddressSpec),
        (PscForwardingRule, PscForwardingRuleSpec),
        (TrafficSplit, TrafficSplitSpec),
    ],
)
def test_every_input_of_a_spec_is_an_argument_and_the_other_way_round(
    resource: Any, spec: Any
) -> None:
    code = resource.__init__.__code__
    names = set(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])
    chosen_for_the_user = {"owner", "weights_fingerprint"}
    inputs = {row.name for row in properties(spec)} - chosen_for_the_user
    assert names - {"self", "resource_name", "opts"} == inputs


def test_a_missing_project_is_asked_for_by_its_configuration_key() -> None:
    pulumi.runtime.set_all_config({})  # what other tests have set stays set in the process
    with pytest.raises(pulumi.RunError, match="pulumi config set gcp:project"):
        arguments.configured(None, "project", "project")
    assert arguments.configured("p", "project", "project") == "p"


def test_an_output_is_turned_over_when_it_is_known() -> None:
    seen: list[Any] = []

    class Known(pulumi.Output[Any]):
        def __init__(self, value: Any) -> None:
            self.value = value

        def apply(self, func: Any, run_with_unknowns: bool = False) -> Any:
            seen.append(func(self.value))
            return self

    arguments.wire({"machine_spec": Known({"machine_type": "g2-standard-12"})}, ())
    assert seen == [{"machineType": "g2-standard-12"}]
