"""`PscForwardingRule`: the connection from a consumer network to an endpoint."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from vertex_custom_weights_provider.properties.adopt import AdoptForwardingRule
from vertex_custom_weights_provider.properties.base import COMPUTED, IN_PLACE, Spec, replaces_first
from vertex_custom_weights_provider.properties.common import (
    STATUS,
    DeletionPolicyField,
    LabelsField,
    OwnerField,
    ProjectField,
    TimeoutsField,
)
from vertex_custom_weights_provider.properties.psc_address import RegionField
from vertex_custom_weights_provider.properties.values import ComputeName


class ServiceDirectoryRegistration(Spec, frozen=True, kw_only=True):
    """`ForwardingRuleServiceDirectoryRegistration`."""

    namespace: str | None = None
    service: str | None = None


class PscForwardingRuleSpec(Spec, frozen=True, kw_only=True):
    """Inputs of `PscForwardingRule`; mirrors compute `ForwardingRule` to a service attachment."""

    outputs: ClassVar[dict[str, str]] = {
        "forwardingRuleName": "`projects/{project}/regions/{region}/forwardingRules/{name}`.",
        "ipAddress": "The address callers use.",
        "pscConnectionId": "Id of the connection.",
        "pscConnectionStatus": "ACCEPTED when requests pass.",
        "selfLink": "Full URL of the rule.",
        "incarnation": "Token of the creation this state belongs to.",
        "status": STATUS,
    }

    project: ProjectField
    region: RegionField
    name: Annotated[
        ComputeName | None,
        Meta(description="Chosen from owner and resource when absent."),
        replaces_first("a forwarding rule keeps its name for life"),
        COMPUTED,
    ] = None
    target: Annotated[
        str,
        Meta(description="Service attachment, as the deployment's `serviceAttachment` gives it."),
        replaces_first("Compute Engine cannot move a rule to another service attachment"),
    ]
    address: Annotated[
        str,
        Meta(description="Name of a reserved address, or a literal. Mirrors `IPAddress`."),
        replaces_first("a rule cannot change its address"),
    ]
    network: Annotated[
        str,
        Meta(description="Consumer network, full or partial URL."),
        replaces_first("a rule belongs to one network"),
    ]
    subnetwork: Annotated[str | None, replaces_first("a rule belongs to one subnetwork")] = None
    allow_psc_global_access: Annotated[
        bool | None,
        Meta(description="Let callers of other regions in. Default false."),
        IN_PLACE,
    ] = None
    no_automate_dns_zone: Annotated[
        bool | None, replaces_first("the DNS zone is decided when the rule is created")
    ] = None
    service_directory_registrations: Annotated[
        Annotated[list[ServiceDirectoryRegistration], Meta(max_length=1)] | None,
        replaces_first("a rule's Service Directory registration is fixed when it is created"),
        COMPUTED,
    ] = None
    description: Annotated[
        str | None, replaces_first("Compute Engine cannot change a rule's description")
    ] = None
    labels: LabelsField = None
    adopt: AdoptForwardingRule = None
    deletion_policy: DeletionPolicyField = None
    timeouts: TimeoutsField = None
    owner: OwnerField = None
