"""`PscForwardingRule`: the connection from a consumer network to an endpoint."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from vertex_custom_weights_provider.properties.adopt import AdoptForwardingRule
from vertex_custom_weights_provider.properties.base import (
    COMPUTED,
    IN_PLACE,
    Outputs,
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
from vertex_custom_weights_provider.properties.psc_address import RegionField
from vertex_custom_weights_provider.properties.values import ComputeName


class ServiceDirectoryRegistration(Spec, frozen=True, kw_only=True):
    """`ForwardingRuleServiceDirectoryRegistration`."""

    namespace: Annotated[
        str | None, says("Service Directory namespace.", default="goog-psc-default")
    ] = None
    service: Annotated[str | None, says("Service of that namespace.")] = None


class PscForwardingRuleOutputs(Outputs, frozen=True, kw_only=True):
    """Outputs of `PscForwardingRule`."""

    forwarding_rule_name: Annotated[
        str, says("Full name, `projects/{project}/regions/{region}/forwardingRules/{name}`.")
    ]
    ip_address: Annotated[str, says("The address callers use.")]
    psc_connection_id: Annotated[str, says("Id that Google gives the connection.")]
    psc_connection_status: Annotated[str, says("`ACCEPTED` when requests pass.")]
    self_link: Annotated[str, says("Full URL of the rule.")]
    incarnation: Annotated[str, says("Token of the creation this state belongs to.")]
    status: Annotated[str, says(STATUS)]


class PscForwardingRuleSpec(Spec, frozen=True, kw_only=True):
    """A connection to a service attachment. Mirrors compute `ForwardingRule`.

    Created means ACCEPTED: requests pass. A connection that is later found CLOSED or REJECTED is
    replaced; its address stays. Labels and global access change in place.
    """

    outputs: ClassVar[type[Outputs]] = PscForwardingRuleOutputs

    project: ProjectField
    region: RegionField
    name: Annotated[
        ComputeName | None,
        says("Name of the rule. Chosen from owner and resource when absent."),
        replaces_first("a forwarding rule keeps its name for life"),
        COMPUTED,
    ] = None
    target: Annotated[
        str,
        says("Service attachment, as the deployment's `serviceAttachment` gives it."),
        replaces_first("Compute Engine cannot move a rule to another service attachment"),
    ]
    address: Annotated[
        str,
        says(
            "A reserved address, as `addressName` of a `PscAddress` gives it, or a literal.",
            mirrors="IPAddress",
        ),
        replaces_first("a rule cannot change its address"),
    ]
    network: Annotated[
        str,
        says("Consumer network: a name, or a full or partial URL."),
        replaces_first("a rule belongs to one network"),
    ]
    subnetwork: Annotated[
        str | None,
        says("Subnetwork of the address; usually absent, because the address says it."),
        replaces_first("a rule belongs to one subnetwork"),
    ] = None
    allow_psc_global_access: Annotated[
        bool | None, says("Let callers of other regions in.", default="false"), IN_PLACE
    ] = None
    no_automate_dns_zone: Annotated[
        bool | None,
        says("Do not let Service Directory make a DNS zone.", default="false"),
        replaces_first("the DNS zone is decided when the rule is created"),
    ] = None
    service_directory_registrations: Annotated[
        Annotated[list[ServiceDirectoryRegistration], Meta(max_length=1)] | None,
        says("Registration in Service Directory, at most one.", default="made by the service"),
        replaces_first("a rule's Service Directory registration is fixed when it is created"),
        COMPUTED,
    ] = None
    description: Annotated[
        str | None,
        says("Free text."),
        replaces_first("Compute Engine cannot change a rule's description"),
    ] = None
    labels: LabelsField = None
    adopt: AdoptForwardingRule = None
    deletion_policy: DeletionPolicyField = None
    timeouts: TimeoutsField = None
    owner: OwnerField = None
