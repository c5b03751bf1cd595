"""The resource `TrafficSplit`."""

# Written by tools/resource_classes.py from the tables in properties/. Do not edit.

from __future__ import annotations

from typing import Any

import pulumi

from vertex_custom_weights_provider.adapter.provider import VertexProvider
from vertex_custom_weights_provider.resources import arguments, types
from vertex_custom_weights_provider.resources.base import VertexResource


class TrafficSplitProvider(VertexProvider):
    """Provider of `TrafficSplit`; pickled by this path."""

    resource_type = "TrafficSplit"


class TrafficSplit(VertexResource):
    """Shares of an endpoint's requests. Mirrors `Endpoint.trafficSplit` of the API.

    Shares of deployments that are not named stay as they are; all shares of an endpoint sum to 100.
    Changes take place under the endpoint's etag, so two programs do not overwrite each other.
    Removing the resource leaves the traffic where it is.
    """

    resource_type = "TrafficSplit"
    outputs = ("endpointName",)

    def __init__(
        self,
        resource_name: str,
        *,
        endpoint: pulumi.Input[str],
        traffic: pulumi.Input[list[types.TrafficTargetArgs]],
        adopt: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the resource.

        Args:
            resource_name: Name in the program; names that are chosen follow from it.
            endpoint: Full resource name of the endpoint: `endpoint_name` of what made it.
            traffic: Shares of the deployments that this program directs. Shares of others stay as
                they are; with them, the sum is 100: two splits of one endpoint trade shares in two
                updates, of which the first lowers one.
            adopt: Full name of an object that exists: it is taken over instead of a new one being
                made. Looked at when the resource is created; without effect, and free to go,
                afterwards.
            opts: Pulumi resource options.

        Raises:
            pulumi.RunError: an argument is neither given nor configured.
        """
        given: dict[str, Any] = {
            "endpoint": endpoint,
            "traffic": traffic,
            "adopt": adopt,
        }
        super().__init__(TrafficSplitProvider(), resource_name, given, opts)

    @property
    def endpoint(self) -> pulumi.Output[str]:
        """Full resource name of the endpoint: `endpoint_name` of what made it."""
        return arguments.output(self, "endpoint")

    @property
    def traffic(self) -> pulumi.Output[list[dict[str, Any]]]:
        """Shares of the deployments that this program directs.

        Shares of others stay as they are; with them, the sum is 100: two splits of one endpoint
        trade shares in two updates, of which the first lowers one.
        """
        return arguments.output(self, "traffic")

    @property
    def adopt(self) -> pulumi.Output[str | None]:
        """Full name of an object that exists: it is taken over instead of a new one being made.

        Looked at when the resource is created; without effect, and free to go, afterwards.
        """
        return arguments.output(self, "adopt")

    @property
    def owner(self) -> pulumi.Output[str | None]:
        """URN of the resource that manages the object; stamped on it as labels."""
        return arguments.output(self, "owner")

    @property
    def endpoint_name(self) -> pulumi.Output[str]:
        """Full resource name of the endpoint."""
        return arguments.output(self, "endpointName")
