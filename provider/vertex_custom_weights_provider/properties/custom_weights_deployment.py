"""`CustomWeightsDeployment`: weights from Cloud Storage, served."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, ClassVar

from msgspec import Meta

from vertex_custom_weights_provider.properties.adopt import AdoptDeployment
from vertex_custom_weights_provider.properties.base import (
    ANYTHING,
    COMPUTED,
    IN_PLACE,
    STATE_ONLY,
    Change,
    Mutability,
    Problem,
    Rule,
    Spec,
    replaces,
)
from vertex_custom_weights_provider.properties.common import (
    STATUS,
    DedicatedResources,
    DeletionPolicyField,
    GenerationField,
    LabelsField,
    LocationField,
    OwnerField,
    PreflightField,
    PrivateServiceConnectConfig,
    ProjectField,
    TimeoutsField,
    WeightsChangesField,
    endpoint_name,
)
from vertex_custom_weights_provider.properties.container import ModelContainerSpec
from vertex_custom_weights_provider.properties.gcs_folder import GcsUri
from vertex_custom_weights_provider.properties.trial_question import SmokeTest
from vertex_custom_weights_provider.properties.values import DisplayName, EndpointId, ModelId


def _gcs_uri(value: str) -> str:
    return str(GcsUri.parse(value))


def _rising(shares: list[int]) -> list[int]:
    for before, after in pairwise(shares):
        if after <= before:
            raise ValueError(
                f"{after} follows {before}, but a rollout only ever gains traffic. Write shares "
                "from the least to the most."
            )
    return shares


class CustomWeightsDeploymentSpec(Spec, frozen=True, kw_only=True):
    """Inputs of `CustomWeightsDeployment`; mirrors `DeployRequest` (v1beta1) with `customModel`."""

    renewed: ClassVar[tuple[str, ...]] = ("modelName", "deployedModelId", "deployOperation")
    lists: ClassVar[tuple[str, ...]] = ("pscAutomation",)
    outputs: ClassVar[dict[str, str]] = {
        "endpointName": "Full resource name of the endpoint.",
        "modelName": "Full resource name of the registered model.",
        "deployedModelId": "Id of the deployment on the endpoint.",
        "serviceAttachment": "PSC service attachment that a forwarding rule targets.",
        "dedicatedEndpointDns": "Host name of a dedicated public endpoint, without scheme.",
        "pscAutomation": "For each of `pscAutomationConfigs` what Google made of it: `projectId`, "
        "`network`, `state`, `ipAddress`, `forwardingRule`, `errorMessage`.",
        "deployOperation": "Name of the operation that deployed the model.",
        "incarnation": "Token of the creation this state belongs to.",
        "status": STATUS,
    }

    project: ProjectField
    location: LocationField
    gcs_uri: Annotated[
        str,
        Rule(_gcs_uri),
        Meta(
            description="Folder of the weights, `gs://bucket/folder`. It holds config.json, a "
            "tokenizer and safetensors files. Mirrors `customModel.gcsUri`."
        ),
        replaces(
            "a deployed model's weights are loaded once, from the folder it was deployed from",
            unless="endpoint",
        ),
    ]
    endpoint: Annotated[
        str | None,
        Rule(endpoint_name),
        Meta(
            description="Full resource name of an endpoint to deploy onto. Weights, machine and "
            "container then roll out in place. Without it the deployment makes an endpoint of its "
            "own."
        ),
        replaces("a deployment cannot move to another endpoint"),
    ] = None
    endpoint_user_id: Annotated[
        EndpointId | None,
        Meta(
            description="Id of the endpoint. Chosen from owner and inputs when absent. Mirrors "
            "`endpointConfig.endpointUserId`.",
        ),
        replaces("an endpoint keeps its id for life", follows=ANYTHING),
        COMPUTED,
    ] = None
    endpoint_display_name: Annotated[DisplayName | None, IN_PLACE, COMPUTED] = None
    model_user_id: Annotated[
        ModelId | None,
        Meta(
            description="Id of the model in the registry. Mirrors `modelConfig.modelUserId`.",
        ),
        replaces("a model keeps its id for life", unless="endpoint", follows=ANYTHING),
        COMPUTED,
    ] = None
    model_display_name: Annotated[DisplayName | None, IN_PLACE, COMPUTED] = None
    labels: LabelsField = None
    dedicated_endpoint_disabled: Annotated[
        bool | None,
        replaces("the dedicated DNS name is decided when the endpoint is created"),
    ] = None
    private_service_connect_config: Annotated[
        PrivateServiceConnectConfig | None,
        replaces(
            "private access and its project allowlist are fixed when the endpoint is created",
            follows="endpoint",
        ),
    ] = None
    container_spec: Annotated[
        ModelContainerSpec | None,
        replaces("the container of a registered model cannot be changed", unless="endpoint"),
    ] = None
    dedicated_resources: Annotated[DedicatedResources | None, IN_PLACE, COMPUTED] = None
    service_account: Annotated[
        str | None,
        replaces(
            "the service account of a deployed model is fixed when it is deployed",
            unless="endpoint",
        ),
    ] = None
    enable_container_logging: Annotated[
        bool | None,
        Meta(description="Send what the container prints to Cloud Logging. Default as served."),
        IN_PLACE,
        COMPUTED,
    ] = None
    weights_fingerprint: Annotated[
        str | None,
        Meta(description="Digest of the bytes that serving reads, found by preflight."),
        Mutability(
            Change.REPLACE,
            "the weights under gcsUri have changed",
            first_value_is_free=True,
            unless="endpoint",
            follows="gcsUri",
        ),
        COMPUTED,
    ] = None
    weights_changes: WeightsChangesField = None
    smoke_test: Annotated[
        SmokeTest | None,
        Meta(
            description="What a new deployment on a given `endpoint` is asked before it gets "
            "traffic."
        ),
        STATE_ONLY,
    ] = None
    traffic_steps: Annotated[
        list[Annotated[int, Meta(ge=1, le=100)]] | None,
        Rule(_rising),
        Meta(
            description="Shares in percent, rising, in which a rollout on a given `endpoint` takes "
            "over the traffic, 30 s each. Default all at once."
        ),
        STATE_ONLY,
    ] = None
    base_model: Annotated[
        str | None,
        Meta(
            description="What the weights are tuned from: a base model of the catalog, such as "
            "`llama-3.1-8b`. Preflight warns when the weights are of another."
        ),
        STATE_ONLY,
    ] = None
    preflight: PreflightField = None
    adopt: AdoptDeployment = None
    generation: GenerationField = None
    deletion_policy: DeletionPolicyField = None
    timeouts: TimeoutsField = None
    owner: OwnerField = None

    def conflicts(self) -> Iterator[Problem]:
        """Keep what needs a host of its own from the shared one."""
        if not self.dedicated_endpoint_disabled:
            return
        resources, container = self.dedicated_resources, self.container_spec
        if resources and resources.scale_to_zero_spec and resources.min_replica_count == 0:
            yield Problem(
                "dedicatedEndpointDisabled",
                "excludes dedicatedResources.scaleToZeroSpec: the shared host wakes no deployment "
                "up. Remove one of the two.",
            )
        if container and container.invoke_route_prefix:
            yield Problem(
                "dedicatedEndpointDisabled",
                "excludes containerSpec.invokeRoutePrefix: the shared host has no invoke route. "
                "Remove one of the two.",
            )
