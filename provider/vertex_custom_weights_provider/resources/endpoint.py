"""`Endpoint`: a Vertex AI endpoint to deploy onto."""

from __future__ import annotations

import pulumi

from vertex_custom_weights_provider.adapter.provider import VertexProvider
from vertex_custom_weights_provider.resources import arguments, types
from vertex_custom_weights_provider.resources.base import VertexResource

_OUTPUTS = (
    "endpointName",
    "dedicatedEndpointDns",
    "serviceAttachment",
    "pscAutomation",
    "createTime",
    "incarnation",
    "status",
)


class EndpointProvider(VertexProvider):
    """Provider of `Endpoint`; pickled by this path."""

    resource_type = "Endpoint"


class Endpoint(VertexResource):
    """A Vertex AI endpoint without a model. Mirrors `Endpoint` of the API (v1beta1).

    Display name, description, labels, request logging and inference timeout change in place;
    everything else makes a new endpoint, because Vertex AI fixes it at creation.
    """

    resource_type = "Endpoint"

    def __init__(
        self,
        resource_name: str,
        *,
        project: pulumi.Input[str] | None = None,
        location: pulumi.Input[str] | None = None,
        endpoint_id: pulumi.Input[str] | None = None,
        display_name: pulumi.Input[str] | None = None,
        description: pulumi.Input[str] | None = None,
        labels: types.OptionalLabels = None,
        private_service_connect_config: pulumi.Input[types.PrivateServiceConnectConfigArgs]
        | None = None,
        dedicated_endpoint_enabled: pulumi.Input[bool] | None = None,
        network: pulumi.Input[str] | None = None,
        encryption_spec: pulumi.Input[types.EncryptionSpecArgs] | None = None,
        predict_request_response_logging_config: pulumi.Input[
            types.PredictRequestResponseLoggingConfigArgs
        ]
        | None = None,
        client_connection_config: pulumi.Input[types.ClientConnectionConfigArgs] | None = None,
        adopt: pulumi.Input[str] | None = None,
        generation: pulumi.Input[int] | None = None,
        deletion_policy: pulumi.Input[str] | None = None,
        timeouts: pulumi.Input[types.TimeoutsArgs] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare an endpoint.

        Args:
            resource_name: Name in the program; the default id and display name follow from it.
            project: Google Cloud project; default `gcp:project`.
            location: Region; default `gcp:region`.
            endpoint_id: Last segment of the name. Chosen when absent: known in previews, the same
                on every retry.
            display_name: Up to 128 characters; default the resource name.
            description: Free text.
            labels: Your labels; labels that others set are left alone.
            private_service_connect_config: Private access from listed projects.
            dedicated_endpoint_enabled: A DNS name of its own instead of the shared host.
            network: VPC to peer with, `projects/{number}/global/networks/{name}`.
            encryption_spec: Customer-managed key.
            predict_request_response_logging_config: Keep requests and answers in BigQuery.
            client_connection_config: Inference timeout, up to 3600s.
            adopt: Full name of an endpoint that exists, to take over instead of making one.
            generation: Raise it to replace although nothing else changed.
            deletion_policy: `delete` (default) or `abandon`.
            timeouts: How long to wait; the work goes on at Google.
            opts: Pulumi resource options.
        """
        given = arguments.of_call(locals())
        given["project"] = arguments.configured(project, "project", "project")
        given["location"] = arguments.configured(location, "region", "location")
        given["owner"] = arguments.owner(resource_name, self.resource_type, opts)
        super().__init__(EndpointProvider(), resource_name, arguments.wire(given, _OUTPUTS), opts)

    @property
    def endpoint_name(self) -> pulumi.Output[str]:
        """Full resource name; pass it as `endpoint` of a deployment."""
        return arguments.output(self, "endpointName")

    @property
    def dedicated_endpoint_dns(self) -> pulumi.Output[str]:
        """Host name of a dedicated public endpoint, without scheme; empty otherwise."""
        return arguments.output(self, "dedicatedEndpointDns")

    @property
    def service_attachment(self) -> pulumi.Output[str]:
        """PSC service attachment, once a model is deployed; empty before."""
        return arguments.output(self, "serviceAttachment")

    @property
    def psc_automation(self) -> pulumi.Output[list[dict[str, str]]]:
        """What Google made of each of `psc_automation_configs`, once a model is deployed.

        Each entry has `projectId`, `network`, `ipAddress`, `forwardingRule`, `errorMessage` and
        `state`: `PSC_AUTOMATION_STATE_SUCCESSFUL`, `…_FAILED`, or `…_UNSPECIFIED` before.
        """
        return arguments.output(self, "pscAutomation")

    @property
    def status(self) -> pulumi.Output[str]:
        """What was last seen of it, such as `ready` or `unfinished`."""
        return arguments.output(self, "status")
