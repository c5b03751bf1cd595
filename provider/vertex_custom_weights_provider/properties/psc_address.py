"""`PscAddress`: the internal address by which consumers reach an endpoint."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated, ClassVar

from vertex_custom_weights_provider.properties.adopt import AdoptAddress
from vertex_custom_weights_provider.properties.base import (
    COMPUTED,
    Configured,
    Outputs,
    Rule,
    Spec,
    replaces_first,
    says,
)
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
    Configured("region"),
    says("Compute Engine region, the one of the endpoint.", default="the configured `gcp:region`"),
    replaces_first("an object cannot move to another region"),
]


def _literal(value: str) -> str:
    try:
        ip_address(value)
    except ValueError:
        message = f"{value!r} is not an IP address; write one of the subnetwork, such as 10.0.0.9"
        raise ValueError(message) from None
    return value


class PscAddressOutputs(Outputs, frozen=True, kw_only=True):
    """Outputs of `PscAddress`."""

    address_name: Annotated[
        str, says("Full name, `projects/{project}/regions/{region}/addresses/{name}`.")
    ]
    ip_address: Annotated[str, says("The reserved IPv4 address.")]
    self_link: Annotated[str, says("Full URL of the address.")]
    incarnation: Annotated[str, says("Token of the creation this state belongs to.")]
    status: Annotated[str, says(STATUS)]


class PscAddressSpec(Spec, frozen=True, kw_only=True):
    """A reserved internal address. Mirrors compute `Address` (regional, INTERNAL).

    Only labels change in place. A replacement takes the same name, so the old address goes first.
    """

    outputs: ClassVar[type[Outputs]] = PscAddressOutputs

    project: ProjectField
    region: RegionField
    name: Annotated[
        ComputeName | None,
        says("Name of the address. Chosen from owner and resource when absent."),
        replaces_first("an address keeps its name for life"),
        COMPUTED,
    ] = None
    subnetwork: Annotated[
        str,
        says("Subnetwork the address is taken from: a name, or a full or partial URL."),
        replaces_first("an address belongs to one subnetwork"),
    ]
    address: Annotated[
        str | None,
        says("A literal inside the subnetwork. One is allocated when absent."),
        Rule(_literal),
        replaces_first("a reserved address is fixed", chosen_as="ipAddress"),
        COMPUTED,
    ] = None
    description: Annotated[
        str | None,
        says("Free text."),
        replaces_first("Compute Engine cannot change an address's description"),
    ] = None
    labels: LabelsField = None
    adopt: AdoptAddress = None
    deletion_policy: DeletionPolicyField = None
    timeouts: TimeoutsField = None
    owner: OwnerField = None
