"""`CustomWeightsDeployment`: weights from Cloud Storage, served by Vertex AI."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pulumi

from vertex_custom_weights_provider.adapter.provider import VertexProvider
from vertex_custom_weights_provider.resources import arguments, types
from vertex_custom_weights_provider.resources.base import VertexResource

if TYPE_CHECKING:
    from vertex_custom_weights_provider.call.call import Call

_OUTPUTS = (
    "endpointName",
    "modelName",
    "deployedModelId",
    "serviceAttachment",
    "pscAutomation",
    "dedicatedEndpointDns",
    "deployOperation",
    "incarnation",
    "status",
    "weightsFingerprint",
)


class CustomWeightsDeploymentProvider(VertexProvider):
    """Provider of `CustomWeightsDeployment`; pickled by this path."""

    resource_type = "CustomWeightsDeployment"

    def _still_so(self, olds: dict[str, Any], call: Call) -> bool:
        """Tell whether the folder holds the same weights: one listing."""
        from vertex_custom_weights_provider.lifecycle.weights import announced
        from vertex_custom_weights_provider.storage import Deadline, StorageError
        from vertex_custom_weights_provider.storage.inventory import listing_digest

        if olds.get("preflight") == "off" or _ignores_changes(olds):
            return True
        try:
            listing = announced.listing(self._cloud(call), olds["gcsUri"], Deadline())
            return listing_digest(listing) == olds.get("weightsFingerprint")
        except StorageError:
            return False  # the examination says what is wrong with the folder

    def _healthy(self, olds: dict[str, Any]) -> bool:
        automated: list[dict[str, str]] = olds.get("pscAutomation") or []
        connected = all(one["state"] == "PSC_AUTOMATION_STATE_SUCCESSFUL" for one in automated)
        return connected and super()._healthy(olds)


def _ignores_changes(olds: Mapping[str, Any]) -> bool:
    return olds.get("weightsChanges") == "ignore" and bool(olds.get("weightsFingerprint"))


class CustomWeightsDeployment(VertexResource):
    """Endpoint, registered model and deployment in one, from a folder in Cloud Storage.

    Mirrors `DeployRequest` with `customModel` (Vertex AI v1beta1). Display names, labels, replica
    counts and autoscaling change in place. Weights, machine, container and private access make a
    new endpoint, which stands before the old one goes.

    With a given `endpoint` only model and deployment are made, and those same changes roll out in
    place: deployed beside the old one, asked a question, given its traffic; or rolled back. This
    route (`recommendSpec`, `models.upload`, `deployModel`) follows from the published API; it has
    not been run against Google yet.
    """

    resource_type = "CustomWeightsDeployment"

    def __init__(
        self,
        resource_name: str,
        *,
        gcs_uri: pulumi.Input[str],
        project: pulumi.Input[str] | None = None,
        location: pulumi.Input[str] | None = None,
        endpoint: pulumi.Input[str] | None = None,
        endpoint_user_id: pulumi.Input[str] | None = None,
        endpoint_display_name: pulumi.Input[str] | None = None,
        model_user_id: pulumi.Input[str] | None = None,
        model_display_name: pulumi.Input[str] | None = None,
        labels: types.OptionalLabels = None,
        dedicated_endpoint_disabled: pulumi.Input[bool] | None = None,
        private_service_connect_config: pulumi.Input[types.PrivateServiceConnectConfigArgs]
        | None = None,
        container_spec: pulumi.Input[types.ModelContainerSpecArgs] | None = None,
        dedicated_resources: pulumi.Input[types.DedicatedResourcesArgs] | None = None,
        service_account: pulumi.Input[str] | None = None,
        enable_container_logging: pulumi.Input[bool] | None = None,
        weights_changes: pulumi.Input[str] | None = None,
        smoke_test: pulumi.Input[types.SmokeTestArgs] | None = None,
        traffic_steps: pulumi.Input[list[pulumi.Input[int]]] | None = None,
        base_model: pulumi.Input[str] | None = None,
        preflight: pulumi.Input[str] | None = None,
        adopt: pulumi.Input[str] | None = None,
        generation: pulumi.Input[int] | None = None,
        deletion_policy: pulumi.Input[str] | None = None,
        timeouts: pulumi.Input[types.TimeoutsArgs] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare a deployment.

        Args:
            resource_name: Name in the program; default ids and display names follow from it.
            gcs_uri: Folder of the weights, `gs://bucket/folder`.
            project: Google Cloud project; default `gcp:project`.
            location: Region; default `gcp:region`.
            endpoint: Full resource name of an endpoint to deploy onto: weights, machine and
                container then roll out in place. Absent: an endpoint of its own.
            endpoint_user_id: Id of the endpoint. Chosen when absent: known in previews, the same
                on every retry, a new one for a replacement.
            endpoint_display_name: Up to 128 characters; default the resource name.
            model_user_id: Id of the model in the registry; chosen when absent.
            model_display_name: Up to 128 characters; default the resource name.
            labels: Your labels; labels that others set are left alone.
            dedicated_endpoint_disabled: Serve from the shared regional host.
            private_service_connect_config: Private access from listed projects.
            container_spec: A serving container instead of the one Vertex AI chooses.
            dedicated_resources: Machine and replicas; the service chooses what is absent.
            service_account: Identity of the serving container.
            enable_container_logging: Send what the container prints to Cloud Logging; the service
                decides when absent. Mirrors `DeployedModel.enableContainerLogging` (v1beta1).
            weights_changes: `rollout` (default) or `ignore`: what new bytes under the same
                `gcs_uri` do. Ignored ones are deployed when something else replaces the endpoint.
            smoke_test: What a new deployment on a given `endpoint` is asked before it gets
                traffic.
            traffic_steps: Shares in percent in which a rollout takes over the traffic.
            base_model: What the weights are tuned from, such as `llama-3.1-8b`; preflight warns
                when they are of another model. `vcw catalog models` lists the names.
            preflight: `enforce` (default), `warn` or `off`: what findings about the weights do.
            adopt: Full name of an endpoint that `:deploy` made, or with `endpoint` of what is
                deployed there (`…/deployedModels/ID`), to take over instead of deploying.
            generation: Raise it to deploy anew although nothing else changed.
            deletion_policy: `delete` (default) or `abandon`.
            timeouts: How long to wait; the work goes on at Google.
            opts: Pulumi resource options.
        """
        given = arguments.of_call(locals())
        given["project"] = arguments.configured(project, "project", "project")
        given["location"] = arguments.configured(location, "region", "location")
        given["owner"] = arguments.owner(resource_name, self.resource_type, opts)
        super().__init__(
            CustomWeightsDeploymentProvider(),
            resource_name,
            arguments.wire(given, _OUTPUTS),
            opts,
        )

    @property
    def endpoint_name(self) -> pulumi.Output[str]:
        """Full resource name of the endpoint."""
        return arguments.output(self, "endpointName")

    @property
    def model_name(self) -> pulumi.Output[str]:
        """Full resource name of the registered model."""
        return arguments.output(self, "modelName")

    @property
    def deployed_model_id(self) -> pulumi.Output[str]:
        """Id of the deployment on its endpoint."""
        return arguments.output(self, "deployedModelId")

    @property
    def service_attachment(self) -> pulumi.Output[str]:
        """PSC service attachment, the target of a forwarding rule; empty without PSC."""
        return arguments.output(self, "serviceAttachment")

    @property
    def dedicated_endpoint_dns(self) -> pulumi.Output[str]:
        """Host name of a dedicated public endpoint, without scheme; empty otherwise."""
        return arguments.output(self, "dedicatedEndpointDns")

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
