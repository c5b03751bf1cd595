"""`PscAddress`: the internal address by which consumers reach an endpoint."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated, ClassVar

from msgspec import Meta

from vertex_custom_weights_provider.properties.adopt import AdoptAddress
from vertex_custom_weights_provider.properties.base import COMPUTED, Rule, Spec, replaces_first
from vertex_custom_weights_provider.properties.common import (
    STATUS,
    DeletionPolicyField,
    LabelsField,
    OwnerField,
    ProjectField,
    TimeoutsField,
)
from vertex_custom_weights_provider.properties.values import ComputeName

RegionField = Annotated[
    str,
    Meta(description="Compute Engine region, the one of the endpoint."),
    replaces_first("an object cannot move to another region"),
]


def _literal(value: str) -> str:
    try:
        ip_address(value)
    except ValueError:
        message = f"{value!r} is not an IP address; write one of the subnetwork, such as 10.0.0.9"
        raise ValueError(message) from None
    return value


class PscAddressSpec(Spec, frozen=True, kw_only=True):
    """Inputs of `PscAddress`; mirrors compute `Address` (regional, INTERNAL)."""

    outputs: ClassVar[dict[str, str]] = {
        "addressName": "`projects/{project}/regions/{region}/addresses/{name}`.",
        "ipAddress": "The reserved IPv4 address.",
        "selfLink": "Full URL of the address.",
        "incarnation": "Token of the creation this state belongs to.",
        "status": STATUS,
    }

    project: ProjectField
    region: RegionField
    name: Annotated[
        ComputeName | None,
        Meta(description="Chosen from owner and resource when absent."),
        replaces_first("an address keeps its name for life"),
        COMPUTED,
    ] = None
    subnetwork: Annotated[
        str,
        Meta(description="Subnetwork the address is taken from, full or partial URL."),
        replaces_first("an address belongs to one subnetwork"),
    ]
    address: Annotated[
        str | None,
        Rule(_literal),
        Meta(description="A literal inside the subnetwork. One is allocated when absent."),
        replaces_first("a reserved address is fixed"),
        COMPUTED,
    ] = None
    description: Annotated[
        str | None, replaces_first("Compute Engine cannot change an address's description")
    ] = None
    labels: LabelsField = None
    adopt: AdoptAddress = None
    deletion_policy: DeletionPolicyField = None
    timeouts: TimeoutsField = None
    owner: OwnerField = None
