"""What a stack wants of Google, read from its resources' inputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from vertex_custom_weights_provider import tokens

_GRANT = "gcp:storage/bucketIAMMember:BucketIAMMember"
_SERVICE = "gcp:projects/service:Service"
# What a preview shows in place of a value that only the update knows.
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
Inputs = Mapping[str, Any]


@dataclass(frozen=True)
class Deployment:
    """One deployment: its weights, its machines, and who may connect."""

    name: str
    project: str
    location: str
    weights_uri: str
    machine_type: str = ""
    accelerator: str = ""
    accelerators: int = 0
    max_replicas: int = 1
    spot: bool = False


@dataclass(frozen=True)
class Access:
    """Private Service Connect of one endpoint."""

    name: str
    project: str
    location: str
    allowed: tuple[str, ...]
    automated: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Connection:
    """A consumer's side: where an address is taken from, and the network of its rule."""

    name: str
    project: str
    region: str
    subnetwork: str = ""
    address: str = ""
    network: str = ""


@dataclass(frozen=True)
class Wanted:
    """All that a stack declares of this package's resources, and what it sees to itself.

    Attributes:
        deployments: Its deployments.
        accesses: Private access to its endpoints.
        connections: Connections from consumers' networks.
        granted: Buckets that it gives somebody access to.
        enabled: Services that it enables: project and service.
    """

    deployments: tuple[Deployment, ...] = ()
    accesses: tuple[Access, ...] = ()
    connections: tuple[Connection, ...] = ()
    granted: frozenset[str] = frozenset()
    enabled: frozenset[tuple[str, str]] = frozenset()

    @property
    def projects(self) -> tuple[str, ...]:
        """The projects that endpoints live in."""
        return tuple(sorted({d.project for d in self.deployments if d.project}))


def wanted_by(resources: Iterable[Mapping[str, Any]]) -> Wanted:
    """Read resources as a preview or a state file lists them; unknown values are left out."""
    deployments: list[Deployment] = []
    accesses: list[Access] = []
    connections: list[Connection] = []
    granted: set[str] = set()
    enabled: set[tuple[str, str]] = set()
    for resource in resources:
        token = str(resource.get("type", ""))
        kind = tokens.resource_type(token) or token
        name = str(resource.get("urn", "")).rsplit("::", 1)[-1]
        inputs = cast("Inputs", resource.get("inputs") or {})
        if kind == "CustomWeightsDeployment":
            deployments.append(_deployment(name, inputs))
        if kind in ("CustomWeightsDeployment", "Endpoint"):
            accesses += _access(name, inputs)
        elif kind in ("PscAddress", "PscForwardingRule"):
            connections.append(_connection(name, inputs))
        elif kind == _GRANT:
            granted.add(_text(inputs, "bucket"))
        elif kind == _SERVICE:
            enabled.add((_text(inputs, "project"), _text(inputs, "service")))
    return Wanted(
        tuple(deployments),
        tuple(accesses),
        tuple(connections),
        frozenset(granted),
        frozenset(enabled),
    )


def _deployment(name: str, inputs: Inputs) -> Deployment:
    resources = _object(inputs, "dedicatedResources")
    machine = _object(resources, "machineSpec")
    fewest = _count(resources, "minReplicaCount", 1)
    return Deployment(
        name=name,
        project=_text(inputs, "project"),
        location=_text(inputs, "location"),
        weights_uri=_text(inputs, "gcsUri"),
        machine_type=_text(machine, "machineType"),
        accelerator=_text(machine, "acceleratorType"),
        accelerators=_count(machine, "acceleratorCount", 0),
        max_replicas=max(_count(resources, "maxReplicaCount", fewest), 1),
        spot=resources.get("spot") is True,
    )


def _access(name: str, inputs: Inputs) -> list[Access]:
    private = _object(inputs, "privateServiceConnectConfig")
    if not private.get("enablePrivateServiceConnect"):
        return []
    allowed = cast("list[Any]", private.get("projectAllowlist") or [])
    automated = cast("list[Inputs]", private.get("pscAutomationConfigs") or [])
    pairs = tuple((_text(one, "projectId"), _text(one, "network")) for one in automated)
    place = _text(inputs, "project"), _text(inputs, "location")
    return [Access(name, *place, tuple(str(one) for one in allowed), pairs)]


def _connection(name: str, inputs: Inputs) -> Connection:
    literal = _text(inputs, "address")
    return Connection(
        name=name,
        project=_text(inputs, "project"),
        region=_text(inputs, "region"),
        subnetwork=_text(inputs, "subnetwork"),
        address="" if "/" in literal else literal,
        network=_text(inputs, "network"),
    )


def _object(inputs: Inputs, key: str) -> Inputs:
    value = inputs.get(key)
    return cast("Inputs", value) if isinstance(value, dict) else {}


def _text(inputs: Inputs, key: str) -> str:
    value = inputs.get(key)
    return value if isinstance(value, str) and _UNKNOWN not in value else ""


def _count(inputs: Inputs, key: str, default: int) -> int:
    value = inputs.get(key)
    return int(value) if isinstance(value, int | float) else default
