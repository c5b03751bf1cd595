"""Any series of edits ends where a fresh run of the last program would have ended."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from difflib import unified_diff

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from vertex_custom_weights_provider.properties.base import Spec
from vertex_custom_weights_provider.properties.custom_weights_deployment import (
    CustomWeightsDeploymentSpec,
)
from vertex_custom_weights_provider.properties.endpoint import EndpointSpec
from vertex_custom_weights_provider.properties.psc_address import PscAddressSpec
from vertex_custom_weights_provider.properties.psc_forwarding_rule import PscForwardingRuleSpec
from vertex_custom_weights_provider.properties.table import properties
from vertex_custom_weights_provider.properties.traffic_split import TrafficSplitSpec

from .support.edits import CHOICES, EVERY_EDIT, PROGRAM, edit, first_program, objects, write
from .support.groups import prepare
from .support.harness import Engine

# The full run takes minutes: VCW_FULL=1.
FULL = os.environ.get("VCW_FULL") == "1"
EXAMPLES, UPDATES, EDITS = (6, 10, 10) if FULL else (2, 2, 10)

# What no edit touches: where and whose a thing is, ids that `check` chooses, what the program
# wires, how a folder that is not there is examined, what is left behind or adopted on purpose.
UNTOUCHED = frozenset(
    {
        "address",
        "adopt",
        "deletionPolicy",
        "endpoint",
        "endpointId",
        "endpointUserId",
        "location",
        "modelUserId",
        "name",
        "owner",
        "preflight",
        "project",
        "region",
        "target",
        "traffic",
        "weightsFingerprint",
    }
)
# And what would keep the others from being seen: keys and networks that exclude each other, and
# steps of a rollout that take half a minute each.
BESIDE: dict[str, set[str]] = {
    "host": {"encryptionSpec", "network", "privateServiceConnectConfig"},
    "one": {
        "dedicatedEndpointDisabled",
        "endpointDisplayName",
        "privateServiceConnectConfig",
        "smokeTest",
        "trafficSteps",
    },
    "solo": {"dedicatedEndpointDisabled", "enableAccessLogging", "smokeTest", "trafficSteps"},
    "rule": {"subnetwork"},
}
TABLES: dict[str, type[Spec]] = {
    "host": EndpointSpec,
    "one": CustomWeightsDeploymentSpec,
    "split": TrafficSplitSpec,
    "solo": CustomWeightsDeploymentSpec,
    "address": PscAddressSpec,
    "rule": PscForwardingRuleSpec,
}
OF_ONE_UPDATE = st.lists(
    st.sampled_from(EVERY_EDIT), min_size=EDITS, max_size=EDITS, unique_by=lambda edit: edit[:2]
)


@pytest.mark.parametrize("name", TABLES)
def test_every_property_of_a_table_is_edited_or_left_alone_for_a_reason(name: str) -> None:
    table = {row.wire for row in properties(TABLES[name])}
    edited = set(CHOICES[name]) - {"first"}
    assert table == edited | (table & UNTOUCHED) | BESIDE.get(name, set())


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,  # the same edits every time
    phases=[Phase.generate],  # each example takes minutes: do not shrink
    suppress_health_check=list(HealthCheck),
)
@given(edits=st.lists(OF_ONE_UPDATE, min_size=UPDATES, max_size=UPDATES))
def test_updates_of_ten_edits_each_end_where_a_fresh_run_of_the_last_program_ends(
    make_engine: Callable[..., Engine], edits: list[list[tuple[str, str, int]]]
) -> None:
    inputs = first_program()
    example = uuid.uuid4().hex[:8]
    edited, fresh = make_engine(f"edited-{example}"), make_engine(f"fresh-{example}")
    clouds = [prepare(engine, deploy_seconds=0.2, program=PROGRAM) for engine in (edited, fresh)]
    write(edited, inputs)
    edited.up()
    for of_one_update in edits:
        for name, key, step in of_one_update:
            edit(inputs, name, key, step)
        write(edited, inputs)
        edited.up()
    assert edited.preview().unchanged, inputs
    assert edited.refresh("--expect-no-changes").unchanged, inputs

    write(fresh, inputs)
    fresh.up()
    differences = "\n".join(unified_diff(*map(objects, clouds), lineterm="", n=30))
    assert not differences, f"{inputs}\n{differences}"
