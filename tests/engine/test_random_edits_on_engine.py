"""Any series of edits ends where a fresh run of the last program would have ended."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable, Mapping
from difflib import unified_diff
from typing import Any

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

from .support.cloud import EmulatedCloud
from .support.groups import prepare
from .support.harness import Engine

Inputs = dict[str, dict[str, Any]]
# The full run takes minutes: VCW_FULL=1.
FULL = os.environ.get("VCW_FULL") == "1"
EXAMPLES, UPDATES, EDITS = (6, 10, 10) if FULL else (2, 2, 10)

PROGRAM = """
    import json
    import re
    from pathlib import Path

    from vertex_custom_weights_provider.resources.custom_weights_deployment import (
        CustomWeightsDeployment,
    )
    from vertex_custom_weights_provider.resources.endpoint import Endpoint
    from vertex_custom_weights_provider.resources.psc_address import PscAddress
    from vertex_custom_weights_provider.resources.psc_forwarding_rule import PscForwardingRule
    from vertex_custom_weights_provider.resources.traffic_split import TrafficSplit

    given = json.loads(Path("inputs.json").read_text())


    def make(name, type_, **wired):
        def snake(key):
            return re.sub("[A-Z]", lambda upper: f"_{upper[0].lower()}", key)

        inputs = {snake(k): v for k, v in given[name].items() if v is not None}
        return type_(name, **wired, **inputs)


    host = make("host", Endpoint)
    ones = [
        make(name, CustomWeightsDeployment, endpoint=host.endpoint_name) for name in ("one", "two")
    ]
    first = given["split"]["first"]
    TrafficSplit(
        "split",
        endpoint=host.endpoint_name,
        traffic=[
            {"deployed_model_id": each.deployed_model_id, "percent": percent}
            for each, percent in zip(ones, (first, 100 - first))
        ],
    )
    solo = make("solo", CustomWeightsDeployment)
    address = make("address", PscAddress)
    make("rule", PscForwardingRule, target=solo.service_attachment, address=address.address_name)
"""

L4 = {"machineType": "g2-standard-12", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 1}
TWO_L4 = {"machineType": "g2-standard-24", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 2}
LABELS = [None, {"team": "a"}, {"team": "b"}, {"team": "a", "tier": "b"}]
TIMEOUTS = [None, {"create": "600s"}]
LOGGING = {
    "enabled": True,
    "samplingRate": 0.5,
    "bigqueryDestination": {"outputUri": "bq://local-project.logs.asked"},
}
RESOURCES = [
    {"machineSpec": machine, "minReplicaCount": low, "maxReplicaCount": high}
    for machine in (L4, TWO_L4)
    for low, high in ((1, 1), (1, 3), (2, 3))
]
CONTAINER = {
    "imageUri": "us-docker.pkg.dev/p/r/image",
    "env": [{"name": "MODE", "value": "fast"}],
    "ports": [{"containerPort": 8080}],
}
MODEL: dict[str, list[Any]] = {
    "gcsUri": ["gs://weights/a", "gs://weights/b"],
    "baseModel": [None, "llama-3.2-1b", "gemma-3-1b"],
    "modelDisplayName": ["one", "two"],
    "labels": LABELS,
    "dedicatedResources": RESOURCES,
    "containerSpec": [None, CONTAINER],
    "serviceAccount": [None, "server@local-project.iam.gserviceaccount.com"],
    "enableContainerLogging": [True, False],
    "weightsChanges": [None, "ignore"],
    "generation": [None, 1, 2],
    "timeouts": TIMEOUTS,
}
# By resource: what each property may be, None for absent. What `check` fills in is always given:
# where a program falls silent, the old value stays.
CHOICES: dict[str, dict[str, list[Any]]] = {
    "host": {
        "displayName": ["one", "two"],
        "description": [None, "one", "two"],
        "labels": LABELS,
        "predictRequestResponseLoggingConfig": [None, LOGGING],
        "clientConnectionConfig": [None, {"inferenceTimeout": "1200s"}],
        "dedicatedEndpointEnabled": [True, False],
        "generation": [None, 1, 2],
        "timeouts": TIMEOUTS,
    },
    "one": MODEL,
    "two": MODEL,
    "split": {"first": [100, 70, 30]},
    "solo": {
        **MODEL,
        "endpointDisplayName": ["one", "two"],
        "privateServiceConnectConfig": [
            {"projectAllowlist": ["local-project"]},
            {"projectAllowlist": ["local-project", "other-project"]},
        ],
    },
    "address": {
        "subnetwork": ["default", "other"],
        "description": [None, "one"],
        "labels": LABELS,
        "timeouts": TIMEOUTS,
    },
    "rule": {
        "network": ["default"],
        "description": [None, "one"],
        "labels": LABELS,
        "allowPscGlobalAccess": [None, True, False],
        "noAutomateDnsZone": [None, True],
        "serviceDirectoryRegistrations": [[{"namespace": "one"}], [{"namespace": "two"}]],
        "timeouts": TIMEOUTS,
    },
}
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
    "solo": {"dedicatedEndpointDisabled", "smokeTest", "trafficSteps"},
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
# An edit: of which resource, which property, and how many values further.
EVERY_EDIT = [
    (name, key, step)
    for name, choices in CHOICES.items()
    for key, values in choices.items()
    for step in range(1, len(values))
]
OF_ONE_UPDATE = st.lists(
    st.sampled_from(EVERY_EDIT), min_size=EDITS, max_size=EDITS, unique_by=lambda edit: edit[:2]
)
# What is chosen anew for each object, and says nothing about what was asked for.
INCIDENTAL = frozenset(
    {
        "IPAddress",
        "address",
        "createTime",
        "creationTimestamp",
        "dedicatedEndpointDns",
        "deployedModelId",
        "endpoint",
        "etag",
        "fingerprint",
        "id",
        "labelFingerprint",
        "lastUpdateTime",
        "model",
        "name",
        "privateEndpoints",
        "pscConnectionId",
        "selfLink",
        "target",
        "trafficSplit",
        "updateTime",
        "users",
        "vcw-incarnation",
        "versionCreateTime",
        "versionUpdateTime",
    }
)
# The same as none; a switch that is off may be left out as well.
DEFAULT_TIMEOUT = {"inferenceTimeout": "600s"}


def essence(value: Any) -> Any:
    """Leave out what is incidental, at every depth."""
    if isinstance(value, dict):
        if value.keys() == {"name", "value"}:  # a variable; Model Garden puts the id into MODEL_ID
            return {**value, "value": ""} if value["name"] == "MODEL_ID" else value
        said = {k: v for k, v in value.items() if v is not False and v != DEFAULT_TIMEOUT}
        kept = {key: inner for key, inner in said.items() if key not in INCIDENTAL}
        return {key: essence(inner) for key, inner in kept.items()}
    if isinstance(value, list):
        return sorted((essence(item) for item in value), key=json.dumps)
    return value


def shares(endpoint: Mapping[str, Any]) -> list[list[Any]]:
    """Return what is deployed with its traffic, because ids are chosen anew.

    A deployment keeps the display name that its model had when it was deployed.
    """
    split = endpoint.get("trafficSplit", {})
    found = [
        [int(split.get(deployed["id"], 0)), essence({**deployed, "displayName": ""})]
        for deployed in endpoint.get("deployedModels", [])
    ]
    return sorted(found, key=json.dumps)


def objects(cloud: EmulatedCloud) -> list[str]:
    """Return all that is there, line by line, without what is incidental."""
    found: list[Any] = []
    for kind in ("endpoints", "models", "addresses", "forwardingRules"):
        for live in cloud.items(kind):
            without = {key: value for key, value in live.items() if key != "deployedModels"}
            found.append([kind, essence(without), shares(live) if kind == "endpoints" else []])
    shown = sorted(json.dumps(item, sort_keys=True, indent=1) for item in found)
    return "\n".join(shown).splitlines()


def edit(inputs: Inputs, name: str, key: str, step: int) -> None:
    """Give one property of one resource another value."""
    values = CHOICES[name][key]
    inputs[name][key] = values[(values.index(inputs[name][key]) + step) % len(values)]


def write(engine: Engine, inputs: Inputs) -> None:
    examined = ("one", "two", "solo")
    given = {n: {**v, **({"preflight": "off"} if n in examined else {})} for n, v in inputs.items()}
    (engine.folder / "inputs.json").write_text(json.dumps(given))


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
    inputs = {name: {k: v[0] for k, v in choices.items()} for name, choices in CHOICES.items()}
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
