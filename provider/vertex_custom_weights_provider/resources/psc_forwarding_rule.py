"""The resource `PscForwardingRule`."""

# Written by tools/resource_classes.py from the tables in properties/. Do not edit.

from __future__ import annotations

from typing import Any

import pulumi

from vertex_custom_weights_provider.adapter.provider import VertexProvider
from vertex_custom_weights_provider.resources import arguments, types
from vertex_custom_weights_provider.resources.base import VertexResource


class PscForwardingRuleProvider(VertexProvider):
    """Provider of `PscForwardingRule`; pickled by this path."""

    resource_type = "PscForwardingRule"


class PscForwardingRule(VertexResource):
    """A connection to a service attachment. Mirrors compute `ForwardingRule`.

    Created means ACCEPTED: requests pass. A connection that is later found CLOSED or REJECTED is
    replaced; its address stays. Labels and global access change in place.
    """

    resource_type = "PscForwardingRule"
    configured = {"project": "project", "region": "region"}
    outputs = (
        "forwardingRuleName",
        "ipAddress",
        "pscConnectionId",
        "pscConnectionStatus",
        "selfLink",
        "incarnation",
        "status",
    )

    def __init__(
        self,
        resource_name: str,
        *,
        target: pulumi.Input[str],
        address: pulumi.Input[str],
        network: pulumi.Input[str],
        project: pulumi.Input[str] | None = None,
        region: pulumi.Input[str] | None = None,
        name: pulumi.Input[str] | None = None,
        subnetwork: pulumi.Input[str] | None = None,
        allow_psc_global_access: pulumi.Input[bool] | None = None,
        no_automate_dns_zone: pulumi.Input[bool] | None = None,
        service_directory_registrations: pulumi.Input[list[types.ServiceDirectoryRegistrationArgs]]
        | None = None,
        description: pulumi.Input[str] | None = None,
        labels: pulumi.Input[dict[str, pulumi.Input[str]]] | None = None,
        adopt: pulumi.Input[str] | None = None,
        deletion_policy: pulumi.Input[types.DeletionPolicy] | None = None,
        timeouts: pulumi.Input[types.TimeoutsArgs] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the resource.

        Args:
            resource_name: Name in the program; names that are chosen follow from it.
            target: Service attachment, as the deployment's `service_attachment` gives it.
            address: A reserved address, as `address_name` of a `PscAddress` gives it, or a literal.
                Mirrors `IPAddress`.
            network: Consumer network: a name, or a full or partial URL.
            project: Google Cloud project that holds the object. Default the configured
                `gcp:project`.
            region: Compute Engine region, the one of the endpoint. Default the configured
                `gcp:region`.
            name: Name of the rule. Chosen from owner and resource when absent.
            subnetwork: Subnetwork of the address; usually absent, because the address says it.
            allow_psc_global_access: Let callers of other regions in. Default false.
            no_automate_dns_zone: Do not let Service Directory make a DNS zone. Default false.
            service_directory_registrations: Registration in Service Directory, at most one. Default
                made by the service.
            description: Free text.
            labels: Labels of your own, at most 58. Labels others put there are left alone.
            adopt: Full name of an object that exists: it is taken over instead of a new one being
                made. Looked at when the resource is created; without effect, and free to go,
                afterwards.
            deletion_policy: `delete` removes the object with the resource; `abandon` leaves it.
                Default `delete`.
            timeouts: How long to wait for Google; the work goes on when the wait ends.
            opts: Pulumi resource options.

        Raises:
            pulumi.RunError: an argument is neither given nor configured.
        """
        given: dict[str, Any] = {
            "target": target,
            "address": address,
            "network": network,
            "project": project,
            "region": region,
            "name": name,
            "subnetwork": subnetwork,
            "allow_psc_global_access": allow_psc_global_access,
            "no_automate_dns_zone": no_automate_dns_zone,
            "service_directory_registrations": service_directory_registrations,
            "description": description,
            "labels": labels,
            "adopt": adopt,
            "deletion_policy": deletion_policy,
            "timeouts": timeouts,
        }
        super().__init__(PscForwardingRuleProvider(), resource_name, given, opts)

    @property
    def project(self) -> pulumi.Output[str]:
        """Google Cloud project that holds the object. Default the configured `gcp:project`."""
        return arguments.output(self, "project")

    @property
    def region(self) -> pulumi.Output[str]:
        """Compute Engine region, the one of the endpoint.

        Default the configured `gcp:region`.
        """
        return arguments.output(self, "region")

    @property
    def name(self) -> pulumi.Output[str]:
        """Name of the rule. Chosen from owner and resource when absent."""
        return arguments.output(self, "name")

    @property
    def target(self) -> pulumi.Output[str]:
        """Service attachment, as the deployment's `service_attachment` gives it."""
        return arguments.output(self, "target")

    @property
    def address(self) -> pulumi.Output[str]:
        """A reserved address, as `address_name` of a `PscAddress` gives it, or a literal.

        Mirrors `IPAddress`.
        """
        return arguments.output(self, "address")

    @property
    def network(self) -> pulumi.Output[str]:
        """Consumer network: a name, or a full or partial URL."""
        return arguments.output(self, "network")

    @property
    def subnetwork(self) -> pulumi.Output[str | None]:
        """Subnetwork of the address; usually absent, because the address says it."""
        return arguments.output(self, "subnetwork")

    @property
    def allow_psc_global_access(self) -> pulumi.Output[bool | None]:
        """Let callers of other regions in. Default false."""
        return arguments.output(self, "allowPscGlobalAccess")

    @property
    def no_automate_dns_zone(self) -> pulumi.Output[bool | None]:
        """Do not let Service Directory make a DNS zone. Default false."""
        return arguments.output(self, "noAutomateDnsZone")

    @property
    def service_directory_registrations(self) -> pulumi.Output[list[dict[str, Any]]]:
        """Registration in Service Directory, at most one. Default made by the service."""
        return arguments.output(self, "serviceDirectoryRegistrations")

    @property
    def description(self) -> pulumi.Output[str | None]:
        """Free text."""
        return arguments.output(self, "description")

    @property
    def labels(self) -> pulumi.Output[dict[str, str] | None]:
        """Labels of your own, at most 58. Labels others put there are left alone."""
        return arguments.output(self, "labels")

    @property
    def adopt(self) -> pulumi.Output[str | None]:
        """Full name of an object that exists: it is taken over instead of a new one being made.

        Looked at when the resource is created; without effect, and free to go, afterwards.
        """
        return arguments.output(self, "adopt")

    @property
    def deletion_policy(self) -> pulumi.Output[str | None]:
        """`delete` removes the object with the resource; `abandon` leaves it.

        Default `delete`.
        """
        return arguments.output(self, "deletionPolicy")

    @property
    def timeouts(self) -> pulumi.Output[dict[str, Any] | None]:
        """How long to wait for Google; the work goes on when the wait ends."""
        return arguments.output(self, "timeouts")

    @property
    def owner(self) -> pulumi.Output[str | None]:
        """URN of the resource that manages the object; stamped on it as labels."""
        return arguments.output(self, "owner")

    @property
    def forwarding_rule_name(self) -> pulumi.Output[str]:
        """Full name, `projects/{project}/regions/{region}/forwardingRules/{name}`."""
        return arguments.output(self, "forwardingRuleName")

    @property
    def ip_address(self) -> pulumi.Output[str]:
        """The address callers use."""
        return arguments.output(self, "ipAddress")

    @property
    def psc_connection_id(self) -> pulumi.Output[str]:
        """Id that Google gives the connection."""
        return arguments.output(self, "pscConnectionId")

    @property
    def psc_connection_status(self) -> pulumi.Output[str]:
        """`ACCEPTED` when requests pass."""
        return arguments.output(self, "pscConnectionStatus")

    @property
    def self_link(self) -> pulumi.Output[str]:
        """Full URL of the rule."""
        return arguments.output(self, "selfLink")

    @property
    def incarnation(self) -> pulumi.Output[str]:
        """Token of the creation this state belongs to."""
        return arguments.output(self, "incarnation")

    @property
    def status(self) -> pulumi.Output[str]:
        """What was last seen of it: `ready`; `unfinished`, begun and not seen to its end, which the next update finishes; `undeployed` by somebody else, so that it is made anew; `taken over by another run` or `ownership labels are gone`, after which the next update marks it again."""
        return arguments.output(self, "status")
