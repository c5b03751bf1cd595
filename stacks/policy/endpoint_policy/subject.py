"""What the rules look at: one resource of ours, read property by property.

Each property is read when a rule asks for it. A value that a preview does not know yet makes
Pulumi skip the rule that needs it, and no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vertex_custom_weights_provider import catalog, tokens

DEPLOYMENT = "CustomWeightsDeployment"
ENDPOINTS = (DEPLOYMENT, "Endpoint")
LABELLED = (*ENDPOINTS, "PscAddress", "PscForwardingRule")


@dataclass(frozen=True)
class Subject:
    """One resource.

    Attributes:
        kind: Class of the resource, such as `Endpoint`.
        name: Its name in the program.
        props: Its properties, as they are in state.
        protected: Pulumi refuses to delete it.
    """

    kind: str
    name: str
    props: Mapping[str, Any]
    protected: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Its name in the program, and the name that Google's console shows."""
        shown = self.props.get("endpointDisplayName") or self.props.get("displayName")
        return (self.name, shown) if shown else (self.name,)

    @property
    def is_endpoint(self) -> bool:
        """Whether callers reach it: an endpoint, or a deployment that makes its own."""
        return self.kind in ENDPOINTS and "endpoint" not in self.props

    @property
    def endpoint(self) -> str | None:
        """Endpoint that it is deployed onto; None when it makes its own."""
        return self.props.get("endpoint")

    @property
    def region(self) -> str | None:
        """Where it is."""
        return self.props.get("location") or self.props.get("region")

    @property
    def labels(self) -> Mapping[str, str]:
        """Labels that the program gave it."""
        return _object(self.props, "labels")

    @property
    def private(self) -> bool:
        """Whether callers need a connection of their network: a private one, or a peering."""
        return bool(self._private.get("enablePrivateServiceConnect") or self.props.get("network"))

    @property
    def allowed_projects(self) -> tuple[str, ...] | None:
        """Projects that may connect; None when it is not of that kind."""
        if not self._private.get("enablePrivateServiceConnect"):
            return None
        return tuple(self._private.get("projectAllowlist") or ())

    @property
    def machine_type(self) -> str | None:
        """Machine of each replica; None when Vertex AI chooses."""
        return self._machine.get("machineType")

    @property
    def max_replicas(self) -> int:
        """Replicas that quota and money are needed for."""
        resources = _object(self.props, "dedicatedResources")
        least = resources.get("minReplicaCount") or 1
        return int(max(resources.get("maxReplicaCount") or 0, least))

    @property
    def usd_per_hour(self) -> float | None:
        """What all replicas cost at most; None when no price is known."""
        try:
            machine = catalog.machine(self.machine_type or "")
        except catalog.UnknownMachineError:
            return None
        count = self._machine.get("acceleratorCount")
        return machine.usd_for(self.max_replicas, int(count) if count else None)

    @property
    def _private(self) -> Mapping[str, Any]:
        return _object(self.props, "privateServiceConnectConfig")

    @property
    def _machine(self) -> Mapping[str, Any]:
        return _object(_object(self.props, "dedicatedResources"), "machineSpec")


def read(
    resource_type: str, name: str, props: Mapping[str, Any], protected: bool
) -> Subject | None:
    """Return the resource if it is one of ours."""
    kind = tokens.resource_type(resource_type)
    return Subject(kind, name, props, protected) if kind else None


def _object(props: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return a nested object; Pulumi leaves out what has no value."""
    return props.get(key) or {}
