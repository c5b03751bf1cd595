"""The resource `CustomWeightsDeployment`."""

# Written by tools/resource_classes.py from the tables in properties/. Do not edit.

from __future__ import annotations

from typing import Any

import pulumi

from vertex_custom_weights_provider.adapter.weights_provider import WeightsProvider
from vertex_custom_weights_provider.resources import arguments, types
from vertex_custom_weights_provider.resources.base import VertexResource


class CustomWeightsDeploymentProvider(WeightsProvider):
    """Provider of `CustomWeightsDeployment`; pickled by this path."""

    resource_type = "CustomWeightsDeployment"


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
    configured = {"project": "project", "location": "region"}
    outputs = (
        "endpointName",
        "modelName",
        "deployedModelId",
        "serviceAttachment",
        "dedicatedEndpointDns",
        "pscAutomation",
        "deployOperation",
        "incarnation",
        "status",
        "weightsFingerprint",
    )

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
        labels: pulumi.Input[dict[str, pulumi.Input[str]]] | None = None,
        dedicated_endpoint_disabled: pulumi.Input[bool] | None = None,
        private_service_connect_config: pulumi.Input[types.PrivateServiceConnectConfigArgs]
        | None = None,
        container_spec: pulumi.Input[types.ModelContainerSpecArgs] | None = None,
        dedicated_resources: pulumi.Input[types.DedicatedResourcesArgs] | None = None,
        service_account: pulumi.Input[str] | None = None,
        enable_container_logging: pulumi.Input[bool] | None = None,
        weights_changes: pulumi.Input[types.WeightsChanges] | None = None,
        smoke_test: pulumi.Input[types.SmokeTestArgs] | None = None,
        traffic_steps: pulumi.Input[list[pulumi.Input[int]]] | None = None,
        base_model: pulumi.Input[str] | None = None,
        preflight: pulumi.Input[types.Preflight] | None = None,
        adopt: pulumi.Input[str] | None = None,
        generation: pulumi.Input[int] | None = None,
        deletion_policy: pulumi.Input[types.DeletionPolicy] | None = None,
        timeouts: pulumi.Input[types.TimeoutsArgs] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the resource.

        Args:
            resource_name: Name in the program; names that are chosen follow from it.
            gcs_uri: Folder of the weights, `gs://bucket/folder`. It holds config.json, a tokenizer
                and safetensors files. Mirrors `customModel.gcsUri`.
            project: Google Cloud project that holds the object. Default the configured
                `gcp:project`.
            location: Region, such as `us-central1`. Default the configured `gcp:region`.
            endpoint: Full resource name of an endpoint to deploy onto. Weights, machine and
                container then roll out in place. Default an endpoint of its own.
            endpoint_user_id: Id of the endpoint. Chosen from owner and inputs when absent: known in
                previews, the same on every retry, a new one for a replacement. Mirrors
                `endpointConfig.endpointUserId`.
            endpoint_display_name: Name of the endpoint that Google's console shows, up to 128
                characters. Default the resource name. Mirrors `endpointConfig.endpointDisplayName`.
            model_user_id: Id of the model in the registry. Chosen when absent. Mirrors
                `modelConfig.modelUserId`.
            model_display_name: Name of the model that Google's console shows, up to 128 characters.
                Default the resource name. Mirrors `Model.displayName`.
            labels: Labels of your own, at most 58. Labels others put there are left alone.
            dedicated_endpoint_disabled: Serve a public endpoint from the shared regional host,
                without a DNS name of its own. Default false. Mirrors
                `endpointConfig.dedicatedEndpointDisabled`.
            private_service_connect_config: Private access from listed projects. Default public.
                Mirrors `endpointConfig.privateServiceConnectConfig`.
            container_spec: A serving container instead of the one Vertex AI chooses. Mirrors
                `modelConfig.containerSpec`.
            dedicated_resources: Machine and replicas; the service chooses what is absent. Mirrors
                `deployConfig.dedicatedResources`.
            service_account: Identity of the serving container, an e-mail address. Default the
                service's own. Mirrors `DeployedModel.serviceAccount`.
            enable_container_logging: Send what the container prints to Cloud Logging (v1beta1).
                Default decided by the service. Mirrors `DeployedModel.enableContainerLogging`.
            weights_changes: What new bytes under the same `gcs_uri` do. `rollout` deploys them;
                `ignore` leaves what is deployed, until something else replaces it. Default
                `rollout`.
            smoke_test: What a new deployment on a given `endpoint` is asked before it gets traffic.
                Default whether it answers Hello.
            traffic_steps: Shares in which a rollout on a given `endpoint` takes over the traffic.
                They rise, from 1 to 100 at most; each but the last holds for 30 s. In percent.
                Default all at once.
            base_model: What the weights are tuned from: a base model of the catalog, such as
                `llama-3.1-8b`. Preflight warns when the weights are of another. `vcw catalog
                models` lists the names.
            preflight: What findings about the weights do: stop, only warn, or nothing because
                nobody looks. Default `enforce`.
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
            "gcs_uri": gcs_uri,
            "project": project,
            "location": location,
            "endpoint": endpoint,
            "endpoint_user_id": endpoint_user_id,
            "endpoint_display_name": endpoint_display_name,
            "model_user_id": model_user_id,
            "model_display_name": model_display_name,
            "labels": labels,
            "dedicated_endpoint_disabled": dedicated_endpoint_disabled,
            "private_service_connect_config": private_service_connect_config,
            "container_spec": container_spec,
            "dedicated_resources": dedicated_resources,
            "service_account": service_account,
            "enable_container_logging": enable_container_logging,
            "weights_changes": weights_changes,
            "smoke_test": smoke_test,
            "traffic_steps": traffic_steps,
            "base_model": base_model,
            "preflight": preflight,
            "adopt": adopt,
            "generation": generation,
            "deletion_policy": deletion_policy,
            "timeouts": timeouts,
        }
        super().__init__(CustomWeightsDeploymentProvider(), resource_name, given, opts)

    @property
    def project(self) -> pulumi.Output[str]:
        """Google Cloud project that holds the object. Default the configured `gcp:project`."""
        return arguments.output(self, "project")

    @property
    def location(self) -> pulumi.Output[str]:
        """Region, such as `us-central1`. Default the configured `gcp:region`."""
        return arguments.output(self, "location")

    @property
    def gcs_uri(self) -> pulumi.Output[str]:
        """Folder of the weights, `gs://bucket/folder`.

        It holds config.json, a tokenizer and safetensors files. Mirrors `customModel.gcsUri`.
        """
        return arguments.output(self, "gcsUri")

    @property
    def endpoint(self) -> pulumi.Output[str | None]:
        """Full resource name of an endpoint to deploy onto.

        Weights, machine and container then roll out in place. Default an endpoint of its own.
        """
        return arguments.output(self, "endpoint")

    @property
    def endpoint_user_id(self) -> pulumi.Output[str]:
        """Id of the endpoint.

        Chosen from owner and inputs when absent: known in previews, the same on every retry, a
        new one for a replacement. Mirrors `endpointConfig.endpointUserId`.
        """
        return arguments.output(self, "endpointUserId")

    @property
    def endpoint_display_name(self) -> pulumi.Output[str]:
        """Name of the endpoint that Google's console shows, up to 128 characters.

        Default the resource name. Mirrors `endpointConfig.endpointDisplayName`.
        """
        return arguments.output(self, "endpointDisplayName")

    @property
    def model_user_id(self) -> pulumi.Output[str]:
        """Id of the model in the registry.

        Chosen when absent. Mirrors `modelConfig.modelUserId`.
        """
        return arguments.output(self, "modelUserId")

    @property
    def model_display_name(self) -> pulumi.Output[str]:
        """Name of the model that Google's console shows, up to 128 characters.

        Default the resource name. Mirrors `Model.displayName`.
        """
        return arguments.output(self, "modelDisplayName")

    @property
    def labels(self) -> pulumi.Output[dict[str, str] | None]:
        """Labels of your own, at most 58. Labels others put there are left alone."""
        return arguments.output(self, "labels")

    @property
    def dedicated_endpoint_disabled(self) -> pulumi.Output[bool | None]:
        """Serve a public endpoint from the shared regional host, without a DNS name of its own.

        Default false. Mirrors `endpointConfig.dedicatedEndpointDisabled`.
        """
        return arguments.output(self, "dedicatedEndpointDisabled")

    @property
    def private_service_connect_config(self) -> pulumi.Output[dict[str, Any] | None]:
        """Private access from listed projects.

        Default public. Mirrors `endpointConfig.privateServiceConnectConfig`.
        """
        return arguments.output(self, "privateServiceConnectConfig")

    @property
    def container_spec(self) -> pulumi.Output[dict[str, Any] | None]:
        """A serving container instead of the one Vertex AI chooses.

        Mirrors `modelConfig.containerSpec`.
        """
        return arguments.output(self, "containerSpec")

    @property
    def dedicated_resources(self) -> pulumi.Output[dict[str, Any]]:
        """Machine and replicas; the service chooses what is absent.

        Mirrors `deployConfig.dedicatedResources`.
        """
        return arguments.output(self, "dedicatedResources")

    @property
    def service_account(self) -> pulumi.Output[str | None]:
        """Identity of the serving container, an e-mail address.

        Default the service's own. Mirrors `DeployedModel.serviceAccount`.
        """
        return arguments.output(self, "serviceAccount")

    @property
    def enable_container_logging(self) -> pulumi.Output[bool]:
        """Send what the container prints to Cloud Logging (v1beta1).

        Default decided by the service. Mirrors `DeployedModel.enableContainerLogging`.
        """
        return arguments.output(self, "enableContainerLogging")

    @property
    def weights_fingerprint(self) -> pulumi.Output[str | None]:
        """Digest of the bytes that serving reads, found by preflight."""
        return arguments.output(self, "weightsFingerprint")

    @property
    def weights_changes(self) -> pulumi.Output[str | None]:
        """What new bytes under the same `gcs_uri` do.

        `rollout` deploys them; `ignore` leaves what is deployed, until something else replaces
        it. Default `rollout`.
        """
        return arguments.output(self, "weightsChanges")

    @property
    def smoke_test(self) -> pulumi.Output[dict[str, Any] | None]:
        """What a new deployment on a given `endpoint` is asked before it gets traffic.

        Default whether it answers Hello.
        """
        return arguments.output(self, "smokeTest")

    @property
    def traffic_steps(self) -> pulumi.Output[list[int] | None]:
        """Shares in which a rollout on a given `endpoint` takes over the traffic.

        They rise, from 1 to 100 at most; each but the last holds for 30 s. In percent. Default
        all at once.
        """
        return arguments.output(self, "trafficSteps")

    @property
    def base_model(self) -> pulumi.Output[str | None]:
        """What the weights are tuned from: a base model of the catalog, such as `llama-3.1-8b`.

        Preflight warns when the weights are of another. `vcw catalog models` lists the names.
        """
        return arguments.output(self, "baseModel")

    @property
    def preflight(self) -> pulumi.Output[str | None]:
        """What findings about the weights do: stop, only warn, or nothing because nobody looks.

        Default `enforce`.
        """
        return arguments.output(self, "preflight")

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
        """Full resource name of the endpoint."""
        return arguments.output(self, "endpointName")

    @property
    def model_name(self) -> pulumi.Output[str]:
        """Full resource name of the registered model."""
        return arguments.output(self, "modelName")

    @property
    def deployed_model_id(self) -> pulumi.Output[str]:
        """Id of the deployment on the endpoint."""
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
    def psc_automation(self) -> pulumi.Output[list[dict[str, Any]]]:
        """What Google made of each of `psc_automation_configs`."""
        return arguments.output(self, "pscAutomation")

    @property
    def deploy_operation(self) -> pulumi.Output[str]:
        """Name of the operation that deployed the model."""
        return arguments.output(self, "deployOperation")

    @property
    def incarnation(self) -> pulumi.Output[str]:
        """Token of the creation this state belongs to."""
        return arguments.output(self, "incarnation")

    @property
    def status(self) -> pulumi.Output[str]:
        """What was last seen of it: `ready`; `unfinished`, begun and not seen to its end, which the next update finishes; `undeployed` by somebody else, so that it is made anew; `taken over by another run` or `ownership labels are gone`, after which the next update marks it again."""
        return arguments.output(self, "status")
