"""Rows of the fault matrix in which a resource takes over what somebody else has made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .by_hand import deployed_onto, one_shot
from .inputs import (
    MACHINE,
    PRIVATE,
    SUBNETWORK,
    address,
    deployment,
    endpoint,
    rule,
    shared_endpoint,
    traffic,
)
from .world import LOCATION, REGIONAL, World

if TYPE_CHECKING:
    from .small_engine import SmallEngine

Bag = dict[str, Any]
LABELS = {"labels": {"team": "found"}}
TWO = {"dedicatedResources": {"machineSpec": MACHINE, "minReplicaCount": 1, "maxReplicaCount": 2}}


def rows() -> Iterator[tuple[str, str, Any]]:
    """Yield name, kind, and what brings the row about."""
    yield "endpoint adopt existing", "Endpoint", _endpoint
    yield "deployment adopt existing", "CustomWeightsDeployment", _one_shot
    yield "onto adopt existing", "CustomWeightsDeployment", _onto
    yield "address adopt existing", "PscAddress", _address
    yield "rule adopt existing", "PscForwardingRule", _rule
    yield "split adopt existing", "TrafficSplit", _split


def _endpoint(world: World, engine: SmallEngine) -> Bag:
    world.must("POST", f"{LOCATION}/endpoints", {"displayName": "old"}, endpointId="by-hand")
    timeout = {"clientConnectionConfig": {"inferenceTimeout": "900s"}}
    return endpoint(adopt=f"{LOCATION}/endpoints/by-hand", displayName="new", **timeout, **LABELS)


def _one_shot(world: World, engine: SmallEngine) -> Bag:
    name = one_shot(world)
    private = {"privateServiceConnectConfig": PRIVATE, "modelDisplayName": "new"}
    return deployment(adopt=name, **private, **TWO, **LABELS)


def _onto(world: World, engine: SmallEngine) -> Bag:
    name = deployed_onto(world)
    adopted = {"endpoint": name, "adopt": f"{name}/deployedModels/77"}
    return deployment(**adopted, modelDisplayName="new", **TWO, **LABELS)


def _address(world: World, engine: SmallEngine) -> Bag:
    body = {"name": "by-hand", "addressType": "INTERNAL", "subnetwork": SUBNETWORK}
    world.must("POST", f"{REGIONAL}/addresses", body)
    return address(adopt=f"{REGIONAL}/addresses/by-hand", **LABELS)


def _rule(world: World, engine: SmallEngine) -> Bag:
    wanted = rule(world, allowPscGlobalAccess=True, **LABELS)
    body = {
        "name": "by-hand",
        "target": wanted["target"],
        "IPAddress": wanted["address"],
        "network": "global/networks/default",
        "loadBalancingScheme": "",
    }
    world.must("POST", f"{REGIONAL}/forwardingRules", body)
    return {**wanted, "adopt": f"{REGIONAL}/forwardingRules/by-hand"}


def _split(world: World, engine: SmallEngine) -> Bag:
    name = shared_endpoint(world)
    return {**traffic(name, d11=60, d22=40), "adopt": f"{name}/trafficSplit"}
