"""`PscAddress`: the internal address by which consumers reach an endpoint."""

from __future__ import annotations

import pulumi

from vertex_custom_weights_provider.adapter.provider import VertexProvider
from vertex_custom_weights_provider.resources import arguments, types
from vertex_custom_weights_provider.resources.base import VertexResource

_OUTPUTS = ("addressName", "ipAddress", "selfLink", "incarnation", "status")


class PscAddressProvider(VertexProvider):
    """Provider of `PscAddress`; pickled by this path."""

    resource_type = "PscAddress"


class PscAddress(VertexResource):
    """A reserved internal address. Mirrors compute `Address` (regional, INTERNAL).

    Only labels change in place. A replacement takes the same name, so the old address goes first.
    """

    resource_type = "PscAddress"

    def __init__(
        self,
        resource_name: str,
        *,
        subnetwork: pulumi.Input[str],
        project: pulumi.Input[str] | None = None,
        region: pulumi.Input[str] | None = None,
        name: pulumi.Input[str] | None = None,
        address: pulumi.Input[str] | None = None,
        description: pulumi.Input[str] | None = None,
        labels: types.OptionalLabels = None,
        adopt: pulumi.Input[str] | None = None,
        deletion_policy: pulumi.Input[str] | None = None,
        timeouts: pulumi.Input[types.TimeoutsArgs] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare an address.

        Args:
            resource_name: Name in the program.
            subnetwork: Subnetwork to take it from: a name, or a full or partial URL.
            project: Consumer project; default `gcp:project`.
            region: Region of the endpoint; default `gcp:region`.
            name: Name of the address; chosen when absent.
            address: A literal inside the subnetwork; one is allocated when absent.
            description: Free text.
            labels: Your labels; labels that others set are left alone.
            adopt: Full name of an address that exists, to take over instead of reserving one.
            deletion_policy: `delete` (default) or `abandon`.
            timeouts: How long to wait.
            opts: Pulumi resource options.
        """
        given = arguments.of_call(locals())
        given["project"] = arguments.configured(project, "project", "project")
        given["region"] = arguments.configured(region, "region", "region")
        given["owner"] = arguments.owner(resource_name, self.resource_type, opts)
        super().__init__(PscAddressProvider(), resource_name, arguments.wire(given, _OUTPUTS), opts)

    @property
    def address_name(self) -> pulumi.Output[str]:
        """`projects/{project}/regions/{region}/addresses/{name}`."""
        return arguments.output(self, "addressName")

    @property
    def ip_address(self) -> pulumi.Output[str]:
        """The reserved IPv4 address."""
        return arguments.output(self, "ipAddress")

    @property
    def self_link(self) -> pulumi.Output[str]:
        """Full URL of the address."""
        return arguments.output(self, "selfLink")

    @property
    def status(self) -> pulumi.Output[str]:
        """What was last seen of it, such as `ready` or `unfinished`."""
        return arguments.output(self, "status")
