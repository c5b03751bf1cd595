"""`Endpoint`: a Vertex AI endpoint without a model, to deploy onto."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from vertex_custom_weights_provider.spec.adoption import AdoptEndpoint
from vertex_custom_weights_provider.spec.base import (
    ANYTHING,
    COMPUTED,
    IN_PLACE,
    Spec,
    replaces,
    wrong,
)
from vertex_custom_weights_provider.spec.common import (
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


class ClientConnectionConfig(Spec):
    """`ClientConnectionConfig`."""

    inference_timeout: Duration | None = Field(
        default=None, description="Longest a prediction may take, up to 3600s. Default 600s."
    )

    @model_validator(mode="after")
    def _within_limit(self) -> Self:
        if self.inference_timeout and seconds(self.inference_timeout) > 3600:
            raise wrong(
                "inferenceTimeout",
                f"{self.inference_timeout} is above 3600s, Vertex AI's limit for private and "
                "dedicated endpoints.",
            )
        return self


class EncryptionSpec(Spec):
    """`EncryptionSpec`: a customer-managed key."""

    kms_key_name: str


class BigQueryDestination(Spec):
    """`BigQueryDestination`."""

    output_uri: str = Field(description="`bq://project.dataset.table`.")


class PredictRequestResponseLoggingConfig(Spec):
    """`PredictRequestResponseLoggingConfig`: keep requests and answers in BigQuery."""

    enabled: bool | None = None
    sampling_rate: float | None = Field(default=None, gt=0, le=1)
    bigquery_destination: BigQueryDestination | None = None


class EndpointSpec(Spec):
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
    }

    project: ProjectField
    location: LocationField
    endpoint_id: Annotated[
        str | None,
        Field(
            pattern=r"^([a-z]([a-z0-9-]{0,61}[a-z0-9])?|[1-9][0-9]{0,8})$",
            description="Last segment of the name. Chosen from owner and inputs when absent.",
        ),
        replaces("an endpoint keeps its id for life", follows=ANYTHING),
        COMPUTED,
    ] = None
    display_name: Annotated[str | None, Field(max_length=128), IN_PLACE, COMPUTED] = None
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
