"""The resource `Endpoint`."""

# Written by tools/resource_classes.py from the tables in properties/. Do not edit.

from __future__ import annotations

from typing import Any

import pulumi

from vertex_custom_weights_provider.adapter.provider import VertexProvider
from vertex_custom_weights_provider.resources import arguments, types
from vertex_custom_weights_provider.resources.base import VertexResource


class EndpointProvider(VertexProvider):
    """Provider of `Endpoint`; pickled by this path."""

    resource_type = "Endpoint"


class Endpoint(VertexResource):
    """A Vertex AI endpoint without a model. Mirrors `Endpoint` of the API (v1beta1).

    Display name, description, labels, request logging and inference timeout change in place;
    everything else makes a new endpoint, because Vertex AI fixes it at creation.
    """

    resource_type = "Endpoint"
    configured = {"project": "project", "location": "region"}
    outputs = (
        "endpointName",
        "dedicatedEndpointDns",
        "serviceAttachment",
        "pscAutomation",
        "createTime",
        "incarnation",
        "status",
    )

    def __init__(
        self,
        resource_name: str,
        *,
        project: pulumi.Input[str] | None = None,
        location: pulumi.Input[str] | None = None,
        endpoint_id: pulumi.Input[str] | None = None,
        display_name: pulumi.Input[str] | None = None,
        description: pulumi.Input[str] | None = None,
        labels: pulumi.Input[dict[str, pulumi.Input[str]]] | None = None,
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
        deletion_policy: pulumi.Input[types.DeletionPolicy] | None = None,
        timeouts: pulumi.Input[types.TimeoutsArgs] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the resource.

        Args:
            resource_name: Name in the program; names that are chosen follow from it.
            project: Google Cloud project that holds the object. Default the configured
                `gcp:project`.
            location: Region, such as `us-central1`. Default the configured `gcp:region`.
            endpoint_id: Last segment of the name. Chosen from owner and inputs when absent: known
                in previews, the same on every retry.
            display_name: Name that Google's console shows, up to 128 characters. Default the
                resource name.
            description: Free text.
            labels: Labels of your own, at most 58. Labels others put there are left alone.
            private_service_connect_config: Private access from listed projects.
            dedicated_endpoint_enabled: A DNS name of its own instead of the shared regional host.
                Default false.
            network: VPC network to peer with, `projects/{number}/global/networks/{name}`.
            encryption_spec: Customer-managed key that the endpoint is encrypted with.
            predict_request_response_logging_config: Keep requests and answers in BigQuery.
            client_connection_config: How long a caller may wait for an answer.
            adopt: Full name of an object that exists: it is taken over instead of a new one being
                made. Looked at when the resource is created; without effect, and free to go,
                afterwards.
            generation: Raise it to deploy anew although nothing else changed. Default 0.
            deletion_policy: `delete` removes the object with the resource; `abandon` leaves it.
                Default `delete`.
            timeouts: How long to wait for Google; the work goes on when the wait ends.
            opts: Pulumi resource options.

        Raises:
            pulumi.RunError: an argument is neither given nor configured.
        """
        given: dict[str, Any] = {
            "project": project,
            "location": location,
            "endpoint_id": endpoint_id,
            "display_name": display_name,
            "description": description,
            "labels": labels,
            "private_service_connect_config": private_service_connect_config,
            "dedicated_endpoint_enabled": dedicated_endpoint_enabled,
            "network": network,
            "encryption_spec": encryption_spec,
            "predict_request_response_logging_config": predict_request_response_logging_config,
            "client_connection_config": client_connection_config,
            "adopt": adopt,
            "generation": generation,
            "deletion_policy": deletion_policy,
            "timeouts": timeouts,
        }
        super().__init__(EndpointProvider(), resource_name, given, opts)

    @property
    def project(self) -> pulumi.Output[str]:
        """Google Cloud project that holds the object. Default the configured `gcp:project`."""
        return arguments.output(self, "project")

    @property
    def location(self) -> pulumi.Output[str]:
        """Region, such as `us-central1`. Default the configured `gcp:region`."""
        return arguments.output(self, "location")

    @property
    def endpoint_id(self) -> pulumi.Output[str]:
        """Last segment of the name.

        Chosen from owner and inputs when absent: known in previews, the same on every retry.
        """
        return arguments.output(self, "endpointId")

    @property
    def display_name(self) -> pulumi.Output[str]:
        """Name that Google's console shows, up to 128 characters. Default the resource name."""
        return arguments.output(self, "displayName")

    @property
    def description(self) -> pulumi.Output[str | None]:
        """Free text."""
        return arguments.output(self, "description")

    @property
    def labels(self) -> pulumi.Output[dict[str, str] | None]:
        """Labels of your own, at most 58. Labels others put there are left alone."""
        return arguments.output(self, "labels")

    @property
    def private_service_connect_config(self) -> pulumi.Output[dict[str, Any] | None]:
        """Private access from listed projects."""
        return arguments.output(self, "privateServiceConnectConfig")

    @property
    def dedicated_endpoint_enabled(self) -> pulumi.Output[bool | None]:
        """A DNS name of its own instead of the shared regional host. Default false."""
        return arguments.output(self, "dedicatedEndpointEnabled")

    @property
    def network(self) -> pulumi.Output[str | None]:
        """VPC network to peer with, `projects/{number}/global/networks/{name}`."""
        return arguments.output(self, "network")

    @property
    def encryption_spec(self) -> pulumi.Output[dict[str, Any] | None]:
        """Customer-managed key that the endpoint is encrypted with."""
        return arguments.output(self, "encryptionSpec")

    @property
    def predict_request_response_logging_config(self) -> pulumi.Output[dict[str, Any] | None]:
        """Keep requests and answers in BigQuery."""
        return arguments.output(self, "predictRequestResponseLoggingConfig")

    @property
    def client_connection_config(self) -> pulumi.Output[dict[str, Any] | None]:
        """How long a caller may wait for an answer."""
        return arguments.output(self, "clientConnectionConfig")

    @property
    def adopt(self) -> pulumi.Output[str | None]:
        """Full name of an object that exists: it is taken over instead of a new one being made.

        Looked at when the resource is created; without effect, and free to go, afterwards.
        """
        return arguments.output(self, "adopt")

    @property
    def generation(self) -> pulumi.Output[int | None]:
        """Raise it to deploy anew although nothing else changed. Default 0."""
        return arguments.output(self, "generation")

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
    def psc_automation(self) -> pulumi.Output[list[dict[str, Any]]]:
        """What Google made of each of `psc_automation_configs`, once a model is deployed."""
        return arguments.output(self, "pscAutomation")

    @property
    def create_time(self) -> pulumi.Output[str]:
        """When the endpoint was created (RFC 3339)."""
        return arguments.output(self, "createTime")

    @property
    def incarnation(self) -> pulumi.Output[str]:
        """Token of the creation this state belongs to."""
        return arguments.output(self, "incarnation")

    @property
    def status(self) -> pulumi.Output[str]:
        """What was last seen of it: `ready`; `unfinished`, begun and not seen to its end, which the next update finishes; `undeployed` by somebody else, so that it is made anew; `taken over by another run` or `ownership labels are gone`, after which the next update marks it again."""
        return arguments.output(self, "status")
