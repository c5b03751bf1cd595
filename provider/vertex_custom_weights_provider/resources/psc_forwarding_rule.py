"""`PscForwardingRule`: the connection from a consumer network to an endpoint."""

from __future__ import annotations

from typing import Any

import pulumi

from vertex_custom_weights_provider.adapter.provider import VertexProvider
from vertex_custom_weights_provider.resources import arguments, types
from vertex_custom_weights_provider.resources.base import VertexResource

_OUTPUTS = (
    "forwardingRuleName",
    "ipAddress",
    "pscConnectionId",
    "pscConnectionStatus",
    "selfLink",
    "incarnation",
    "status",
)


class PscForwardingRuleProvider(VertexProvider):
    """Provider of `PscForwardingRule`; pickled by this path."""

    resource_type = "PscForwardingRule"

    def _healthy(self, olds: dict[str, Any]) -> bool:
        return olds.get("pscConnectionStatus") == "ACCEPTED" and super()._healthy(olds)


class PscForwardingRule(VertexResource):
    """A connection to a service attachment. Mirrors compute `ForwardingRule`.

    Created means ACCEPTED: requests pass. A connection that is later found CLOSED or REJECTED is
    replaced; its address stays. Labels and global access change in place.
    """

    resource_type = "PscForwardingRule"

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
        labels: types.OptionalLabels = None,
        adopt: pulumi.Input[str] | None = None,
        deletion_policy: pulumi.Input[str] | None = None,
        timeouts: pulumi.Input[types.TimeoutsArgs] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare a connection.

        Args:
            resource_name: Name in the program.
            target: Service attachment: the deployment's `service_attachment`.
            address: A `PscAddress`'s `address_name`, or a literal.
            network: Consumer network: a name, or a full or partial URL.
            project: Consumer project, in the endpoint's allowlist; default `gcp:project`.
            region: Region of the endpoint; default `gcp:region`.
            name: Name of the rule; chosen when absent.
            subnetwork: Usually absent: the address says it.
            allow_psc_global_access: Let callers of other regions in; default false.
            no_automate_dns_zone: Do not let Service Directory make a DNS zone.
            service_directory_registrations: At most one.
            description: Free text.
            labels: Your labels; labels that others set are left alone.
            adopt: Full name of a rule that exists, to take over instead of making one.
            deletion_policy: `delete` (default) or `abandon`.
            timeouts: How long to wait.
            opts: Pulumi resource options.
        """
        given = arguments.of_call(locals())
        given["project"] = arguments.configured(project, "project", "project")
        given["region"] = arguments.configured(region, "region", "region")
        given["owner"] = arguments.owner(resource_name, self.resource_type, opts)
        super().__init__(
            PscForwardingRuleProvider(), resource_name, arguments.wire(given, _OUTPUTS), opts
        )

    @property
    def forwarding_rule_name(self) -> pulumi.Output[str]:
        """`projects/{project}/regions/{region}/forwardingRules/{name}`."""
        return arguments.output(self, "forwardingRuleName")

    @property
    def ip_address(self) -> pulumi.Output[str]:
        """The address callers use."""
        return arguments.output(self, "ipAddress")

    @property
    def psc_connection_status(self) -> pulumi.Output[str]:
        """ACCEPTED when requests pass."""
        return arguments.output(self, "pscConnectionStatus")

    @property
    def status(self) -> pulumi.Output[str]:
        """What was last seen of it, such as `ready` or `unfinished`."""
        return arguments.output(self, "status")
