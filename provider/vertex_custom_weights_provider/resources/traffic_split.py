"""`TrafficSplit`: how an endpoint shares its requests among the models deployed on it."""

from __future__ import annotations

import pulumi

from vertex_custom_weights_provider.adapter.provider import VertexProvider
from vertex_custom_weights_provider.resources import arguments, types
from vertex_custom_weights_provider.resources.base import VertexResource

_OUTPUTS = ("endpointName",)


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

    def __init__(
        self,
        resource_name: str,
        *,
        endpoint: pulumi.Input[str],
        traffic: pulumi.Input[list[types.TrafficTargetArgs]],
        adopt: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare a split.

        Args:
            resource_name: Name in the program.
            endpoint: Full resource name: a deployment's or an endpoint's `endpoint_name`.
            traffic: Deployments and their shares in percent. Other deployments keep theirs, and
                all sum to 100: two splits of one endpoint trade shares in two updates, of which
                the first lowers one.
            adopt: `{endpoint}/trafficSplit`: says in the preview what is taken over.
            opts: Pulumi resource options.
        """
        given = arguments.of_call(locals())
        given["owner"] = arguments.owner(resource_name, self.resource_type, opts)
        super().__init__(
            TrafficSplitProvider(), resource_name, arguments.wire(given, _OUTPUTS), opts
        )

    @property
    def endpoint_name(self) -> pulumi.Output[str]:
        """Full resource name of the endpoint."""
        return arguments.output(self, "endpointName")
