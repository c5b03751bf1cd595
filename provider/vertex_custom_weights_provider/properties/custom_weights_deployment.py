"""`CustomWeightsDeployment`: weights from Cloud Storage, served."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, ClassVar

from msgspec import Meta

from vertex_custom_weights_provider.properties.adopt import AdoptDeployment
from vertex_custom_weights_provider.properties.base import (
    ANYTHING,
    COMPUTED,
    IN_PLACE,
    INTERNAL,
    RENEWED,
    STATE_ONLY,
    Change,
    Mutability,
    Outputs,
    Problem,
    Rule,
    Spec,
    replaces,
    says,
)
from vertex_custom_weights_provider.properties.common import (
    STATUS,
    DeletionPolicyField,
    GenerationField,
    LabelsField,
    LocationField,
    OwnerField,
    PreflightField,
    ProjectField,
    TimeoutsField,
    WeightsChangesField,
    endpoint_name,
)
from vertex_custom_weights_provider.properties.container import ModelContainerSpec
from vertex_custom_weights_provider.properties.gcs_folder import GcsUri
from vertex_custom_weights_provider.properties.machines import DedicatedResources
from vertex_custom_weights_provider.properties.private_access import (
    PrivateServiceConnectConfig,
    PscAutomation,
)
from vertex_custom_weights_provider.properties.trial_question import SmokeTest
from vertex_custom_weights_provider.properties.values import DisplayName, EndpointId, ModelId


def _gcs_uri(value: str) -> str:
    return str(GcsUri.parse(value))


def _account(value: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
        raise ValueError(
            f"{value!r} is no service account; write its e-mail address, such as "
            "serving@my-project.iam.gserviceaccount.com"
        )
    return value


def _rising(shares: list[int]) -> list[int]:
    for before, after in pairwise(shares):
        if after <= before:
            raise ValueError(
                f"{after} follows {before}, but a rollout only ever gains traffic. Write shares "
                "from the least to the most"
            )
    return shares


class CustomWeightsDeploymentOutputs(Outputs, frozen=True, kw_only=True):
    """Outputs of `CustomWeightsDeployment`."""

    endpoint_name: Annotated[str, says("Full resource name of the endpoint.")]
    model_name: Annotated[str, says("Full resource name of the registered model."), RENEWED]
    deployed_model_id: Annotated[str, says("Id of the deployment on the endpoint."), RENEWED]
    service_attachment: Annotated[
        str, says("PSC service attachment, the target of a forwarding rule; empty without PSC.")
    ]
    dedicated_endpoint_dns: Annotated[
        str, says("Host name of a dedicated public endpoint, without scheme; empty otherwise.")
    ]
    psc_automation: Annotated[
        list[PscAutomation], says("What Google made of each of `pscAutomationConfigs`.")
    ]
    deploy_operation: Annotated[
        str, says("Name of the operation that deployed the model."), RENEWED
    ]
    incarnation: Annotated[str, says("Token of the creation this state belongs to.")]
    status: Annotated[str, says(STATUS)]


class CustomWeightsDeploymentSpec(Spec, frozen=True, kw_only=True):
    """Endpoint, registered model and deployment in one, from a folder in Cloud Storage.

    Mirrors `DeployRequest` with `customModel` (Vertex AI v1beta1). Display names, labels, replica
    counts and autoscaling change in place. Weights, machine, container and private access make a
    new endpoint, which stands before the old one goes.

    With a given `endpoint` only model and deployment are made, and those same changes roll out in
    place: deployed beside the old one, asked a question, given its traffic; or rolled back. This
    route (`recommendSpec`, `models.upload`, `deployModel`) follows from the published API; it has
    not been run against Google yet.
    """

    outputs: ClassVar[type[Outputs]] = CustomWeightsDeploymentOutputs

    project: ProjectField
    location: LocationField
    gcs_uri: Annotated[
        str,
        says(
            "Folder of the weights, `gs://bucket/folder`. It holds config.json, a "
            "tokenizer and safetensors files.",
            mirrors="customModel.gcsUri",
        ),
        Rule(_gcs_uri),
        replaces(
            "a deployed model's weights are loaded once, from the folder it was deployed from",
            unless="endpoint",
        ),
    ]
    endpoint: Annotated[
        str | None,
        says(
            "Full resource name of an endpoint to deploy onto. Weights, machine and "
            "container then roll out in place.",
            default="an endpoint of its own",
        ),
        Rule(endpoint_name),
        replaces("a deployment cannot move to another endpoint"),
    ] = None
    endpoint_user_id: Annotated[
        EndpointId | None,
        says(
            "Id of the endpoint. Chosen from owner and inputs when absent: known in "
            "previews, the same on every retry, a new one for a replacement.",
            mirrors="endpointConfig.endpointUserId",
        ),
        replaces("an endpoint keeps its id for life", follows=ANYTHING),
        COMPUTED,
    ] = None
    endpoint_display_name: Annotated[
        DisplayName | None,
        says(
            "Name of the endpoint that Google's console shows, up to 128 characters.",
            default="the resource name",
            mirrors="endpointConfig.endpointDisplayName",
        ),
        IN_PLACE,
        COMPUTED,
    ] = None
    model_user_id: Annotated[
        ModelId | None,
        says(
            "Id of the model in the registry. Chosen when absent.",
            mirrors="modelConfig.modelUserId",
        ),
        replaces("a model keeps its id for life", unless="endpoint", follows=ANYTHING),
        COMPUTED,
    ] = None
    model_display_name: Annotated[
        DisplayName | None,
        says(
            "Name of the model that Google's console shows, up to 128 characters.",
            default="the resource name",
            mirrors="Model.displayName",
        ),
        IN_PLACE,
        COMPUTED,
    ] = None
    labels: LabelsField = None
    dedicated_endpoint_disabled: Annotated[
        bool | None,
        says(
            "Serve a public endpoint from the shared regional host, without a DNS name of its own.",
            default="false",
            mirrors="endpointConfig.dedicatedEndpointDisabled",
        ),
        replaces("the dedicated DNS name is decided when the endpoint is created"),
    ] = None
    private_service_connect_config: Annotated[
        PrivateServiceConnectConfig | None,
        says(
            "Private access from listed projects.",
            default="public",
            mirrors="endpointConfig.privateServiceConnectConfig",
        ),
        replaces(
            "private access and its project allowlist are fixed when the endpoint is created",
            follows="endpoint",
        ),
    ] = None
    container_spec: Annotated[
        ModelContainerSpec | None,
        says(
            "A serving container instead of the one Vertex AI chooses.",
            mirrors="modelConfig.containerSpec",
        ),
        replaces("the container of a registered model cannot be changed", unless="endpoint"),
    ] = None
    dedicated_resources: Annotated[
        DedicatedResources | None,
        says(
            "Machine and replicas; the service chooses what is absent.",
            mirrors="deployConfig.dedicatedResources",
        ),
        IN_PLACE,
        COMPUTED,
    ] = None
    service_account: Annotated[
        str | None,
        says(
            "Identity of the serving container, an e-mail address.",
            default="the service's own",
            mirrors="DeployedModel.serviceAccount",
        ),
        Rule(_account),
        replaces(
            "the service account of a deployed model is fixed when it is deployed",
            unless="endpoint",
        ),
    ] = None
    enable_container_logging: Annotated[
        bool | None,
        says(
            "Send what the container prints to Cloud Logging (v1beta1).",
            default="decided by the service",
            mirrors="DeployedModel.enableContainerLogging",
        ),
        IN_PLACE,
        COMPUTED,
    ] = None
    enable_access_logging: Annotated[
        bool | None,
        says(
            "Log each request, with time and latency; onto a given `endpoint` only.",
            default="false",
            mirrors="DeployedModel.enableAccessLogging",
        ),
        replaces(
            "whether requests are logged is decided when a model is deployed", unless="endpoint"
        ),
    ] = None
    weights_fingerprint: Annotated[
        str | None,
        INTERNAL,
        says("Digest of the bytes that serving reads, found by preflight."),
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
        says(
            "What a new deployment on a given `endpoint` is asked before it gets traffic.",
            default="whether it answers Hello",
        ),
        STATE_ONLY,
    ] = None
    traffic_steps: Annotated[
        list[Annotated[int, Meta(ge=1, le=100)]] | None,
        says(
            "Shares in which a rollout on a given `endpoint` takes over the traffic. They rise, "
            "from 1 to 100 at most; each but the last holds for 30 s.",
            default="all at once",
            unit="percent",
        ),
        Rule(_rising),
        STATE_ONLY,
    ] = None
    base_model: Annotated[
        str | None,
        says(
            "What the weights are tuned from: a base model of the catalog, such as "
            "`llama-3.1-8b`. Preflight warns when the weights are of another. `vcw "
            "catalog models` lists the names."
        ),
        STATE_ONLY,
    ] = None
    family: Annotated[
        str | None,
        says(
            "Family of models that the weights are of, such as `llama`: preflight refuses others. "
            "The components of families say theirs.",
            default="any",
        ),
        Mutability(Change.NOTHING),  # what is there is of the family already, or was let pass
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
