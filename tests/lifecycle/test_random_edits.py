"""Any series of edits ends where a fresh run of the last program would have ended."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from .support.inputs import MACHINE, address, bare_endpoint, deployment, endpoint, rule
from .support.small_engine import SmallEngine
from .support.world import PROJECT, World

Bag = dict[str, Any]
BIGGER = {"machineType": "g2-standard-24", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 2}
# What is chosen anew for each object, and says nothing about what was asked for.
INCIDENTAL = frozenset(
    {
        "address",
        "createTime",
        "creationTimestamp",
        "dedicatedEndpointDns",
        "deployedModelId",
        "deployedModels",
        "endpoint",
        "etag",
        "fingerprint",
        "id",
        "labelFingerprint",
        "lastUpdateTime",
        "model",
        "name",
        "pscConnectionId",
        "privateEndpoints",
        "selfLink",
        "status",
        "target",
        "trafficSplit",
        "updateTime",
        "value",
        "vcw-incarnation",
        "versionCreateTime",
        "versionUpdateTime",
    }
)
# The same as none; a switch that is off may be left out as well.
DEFAULT_TIMEOUT = {"inferenceTimeout": "600s"}
SETTINGS = settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # each example is a run of an engine: do not shrink
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

LABELS = st.dictionaries(st.sampled_from(["team", "tier"]), st.sampled_from(["a", "b"]))
NAMES = st.sampled_from(["one", "two"])


def some(required: dict[str, st.SearchStrategy[Any]], **optional: st.SearchStrategy[Any]) -> Any:
    return st.fixed_dictionaries(required, optional=optional)


RESOURCES = st.sampled_from(
    [
        {"machineSpec": machine, "minReplicaCount": low, "maxReplicaCount": high}
        for machine in (MACHINE, BIGGER)
        for low, high in ((1, 1), (1, 3), (2, 3))
    ]
)
# What check fills in is always given: where a program falls silent, the old value stays.
ENDPOINTS = some(
    {"displayName": NAMES},
    description=NAMES,
    labels=LABELS,
    clientConnectionConfig=st.just({"inferenceTimeout": "1200s"}),
    generation=st.integers(0, 1),
    dedicatedEndpointEnabled=st.booleans(),
)
DEPLOYMENTS = some(
    {
        "endpointDisplayName": NAMES,
        "modelDisplayName": NAMES,
        "dedicatedResources": RESOURCES,
        "gcsUri": st.sampled_from(["gs://weights/a", "gs://weights/b"]),
    },
    labels=LABELS,
    privateServiceConnectConfig=st.just({"projectAllowlist": [PROJECT]}),
    generation=st.integers(0, 1),
)
ROLLOUTS = some(
    {
        "modelDisplayName": NAMES,
        "dedicatedResources": RESOURCES,
        "gcsUri": st.sampled_from(["gs://weights/a", "gs://weights/b"]),
    },
    labels=LABELS,
    generation=st.integers(0, 1),
    trafficSteps=st.just([50]),
)
ADDRESSES = some(
    {"subnetwork": st.sampled_from(["default", "other"])}, labels=LABELS, description=NAMES
)
RULES = some(
    {},
    labels=LABELS,
    description=NAMES,
    allowPscGlobalAccess=st.booleans(),
)


def essence(value: Any) -> Any:
    """Leave out what is incidental, at every depth."""
    if isinstance(value, dict):
        said = {k: v for k, v in value.items() if v is not False and v != DEFAULT_TIMEOUT}
        return {key: essence(inner) for key, inner in said.items() if key not in INCIDENTAL}
    if isinstance(value, list):
        return [essence(item) for item in value]
    return value


def objects(world: World) -> list[Any]:
    """Return all that is there, in order of kind, with what is deployed told apart."""
    state = world.admin("GET", "state")["resources"]
    found: list[Any] = []
    for kind in ("endpoints", "models", "addresses", "forwardingRules"):
        for name in state[kind]:
            regional = kind in ("addresses", "forwardingRules")
            live = world.get(_regional(name) if regional else name)
            assert live is not None
            # A deployment keeps the display name that its model had when it was deployed.
            deployed = [
                {key: value for key, value in essence(item).items() if key != "displayName"}
                for item in live.get("deployedModels", [])
            ]
            shares = sorted(int(share) for share in live.get("trafficSplit", {}).values())
            found.append((kind, essence(live), deployed, shares))
    return found


def _regional(name: str) -> str:
    return name if name.startswith("projects/") else f"projects/{name}"


def run(world: World, kind: str, edits: list[Bag], base: Any) -> list[Any]:
    world.reset()
    inputs = base(world)
    engine = SmallEngine(world, kind)
    for edit in edits:
        engine.up({**inputs, **edit})
        assert engine.preview({**inputs, **edit}) == "unchanged"
    assert engine.refresh() == "unchanged"
    assert engine.preview({**inputs, **edits[-1]}) == "unchanged"
    assert world.running() == []
    return objects(world)


CASES: dict[str, tuple[str, Any, Any]] = {
    "endpoint": ("Endpoint", ENDPOINTS, lambda world: endpoint()),
    "deployment": ("CustomWeightsDeployment", DEPLOYMENTS, lambda world: deployment()),
    "rollout": (
        "CustomWeightsDeployment",
        ROLLOUTS,
        lambda world: deployment(endpoint=bare_endpoint(world)),
    ),
    "address": ("PscAddress", ADDRESSES, lambda world: address()),
    "rule": ("PscForwardingRule", RULES, rule),
}


@pytest.mark.parametrize("case", CASES)
@SETTINGS
@given(data=st.data())
def test_edits_end_where_a_fresh_run_of_the_last_one_ends(
    world: World, case: str, data: st.DataObject
) -> None:
    kind, inputs, base = CASES[case]
    edits = data.draw(st.lists(inputs, min_size=2, max_size=5))
    edited = run(world, kind, edits, base)
    fresh = run(world, kind, edits[-1:], base)
    assert edited == fresh
