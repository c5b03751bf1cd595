"""`Endpoint`: a Vertex AI endpoint without a model, to deploy onto."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar

from msgspec import Meta

from vertex_custom_weights_provider.properties.adopt import AdoptEndpoint
from vertex_custom_weights_provider.properties.base import (
    ANYTHING,
    COMPUTED,
    IN_PLACE,
    Problem,
    Spec,
    replaces,
)
from vertex_custom_weights_provider.properties.common import (
    STATUS,
    DeletionPolicyField,
    Duration,
    GenerationField,
    LabelsField,
    LocationField,
    OwnerField,
    PrivateServiceConnectConfig,
    ProjectField,
    TimeoutsField,
    seconds,
)
from vertex_custom_weights_provider.properties.values import DisplayName, EndpointId


class ClientConnectionConfig(Spec, frozen=True, kw_only=True):
    """`ClientConnectionConfig`."""

    inference_timeout: Annotated[
        Duration | None,
        Meta(description="Longest a prediction may take, up to 3600s. Default 600s."),
    ] = None

    def conflicts(self) -> Iterator[Problem]:
        """Hold the timeout to the limit of Vertex AI."""
        if self.inference_timeout and seconds(self.inference_timeout) > 3600:
            yield Problem(
                "inferenceTimeout",
                f"{self.inference_timeout} is above 3600s, Vertex AI's limit for private and "
                "dedicated endpoints.",
            )


class EncryptionSpec(Spec, frozen=True, kw_only=True):
    """`EncryptionSpec`: a customer-managed key."""

    kms_key_name: str


class BigQueryDestination(Spec, frozen=True, kw_only=True):
    """`BigQueryDestination`."""

    output_uri: Annotated[str, Meta(description="`bq://project.dataset.table`.")]


class PredictRequestResponseLoggingConfig(Spec, frozen=True, kw_only=True):
    """`PredictRequestResponseLoggingConfig`: keep requests and answers in BigQuery."""

    enabled: bool | None = None
    sampling_rate: Annotated[float, Meta(gt=0, le=1)] | None = None
    bigquery_destination: BigQueryDestination | None = None


class EndpointSpec(Spec, frozen=True, kw_only=True):
    """Inputs of `Endpoint`; mirrors `google.cloud.aiplatform.v1beta1.Endpoint`."""

    lists: ClassVar[tuple[str, ...]] = ("pscAutomation",)
    outputs: ClassVar[dict[str, str]] = {
        "endpointName": "Full resource name; pass it as `endpoint` of a deployment.",
        "dedicatedEndpointDns": "Host name of a dedicated public endpoint, without scheme.",
        "serviceAttachment": "PSC service attachment, once a model is deployed.",
        "pscAutomation": "For each of `pscAutomationConfigs` what Google made of it: `projectId`, "
        "`network`, `state`, `ipAddress`, `forwardingRule`, `errorMessage`.",
        "createTime": "When the endpoint was created (RFC 3339).",
        "incarnation": "Token of the creation this state belongs to.",
        "status": STATUS,
    }

    project: ProjectField
    location: LocationField
    endpoint_id: Annotated[
        EndpointId | None,
        Meta(
            description="Last segment of the name. Chosen from owner and inputs when absent.",
        ),
        replaces("an endpoint keeps its id for life", follows=ANYTHING),
        COMPUTED,
    ] = None
    display_name: Annotated[DisplayName | None, IN_PLACE, COMPUTED] = None
    description: Annotated[str | None, IN_PLACE] = None
    labels: LabelsField = None
    private_service_connect_config: Annotated[
        PrivateServiceConnectConfig | None,
        replaces("private access and its project allowlist are fixed when the endpoint is created"),
    ] = None
    dedicated_endpoint_enabled: Annotated[
        bool | None,
        replaces("the dedicated DNS name is decided when the endpoint is created"),
    ] = None
    network: Annotated[
        str | None, replaces("VPC peering is decided when the endpoint is created")
    ] = None
    encryption_spec: Annotated[
        EncryptionSpec | None, replaces("the encryption key is fixed when the endpoint is created")
    ] = None
    predict_request_response_logging_config: Annotated[
        PredictRequestResponseLoggingConfig | None, IN_PLACE
    ] = None
    client_connection_config: Annotated[ClientConnectionConfig | None, IN_PLACE] = None
    adopt: AdoptEndpoint = None
    generation: GenerationField = None
    deletion_policy: DeletionPolicyField = None
    timeouts: TimeoutsField = None
    owner: OwnerField = None
