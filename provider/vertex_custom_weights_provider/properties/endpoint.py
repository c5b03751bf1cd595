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
    Outputs,
    Problem,
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
    ProjectField,
    TimeoutsField,
)
from vertex_custom_weights_provider.properties.durations import Duration, seconds
from vertex_custom_weights_provider.properties.private_access import (
    PrivateServiceConnectConfig,
    PscAutomation,
)
from vertex_custom_weights_provider.properties.values import DisplayName, EndpointId


class ClientConnectionConfig(Spec, frozen=True, kw_only=True):
    """`ClientConnectionConfig`."""

    inference_timeout: Annotated[
        Duration | None, says("Longest a prediction may take, up to 3600s.", default="600s")
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

    kms_key_name: Annotated[
        str,
        says(
            "Customer-managed key, "
            "`projects/{project}/locations/{location}/keyRings/{ring}/cryptoKeys/{key}`."
        ),
    ]


class BigQueryDestination(Spec, frozen=True, kw_only=True):
    """`BigQueryDestination`."""

    output_uri: Annotated[str, says("Where the rows go: `bq://project.dataset.table`.")]


class PredictRequestResponseLoggingConfig(Spec, frozen=True, kw_only=True):
    """`PredictRequestResponseLoggingConfig`: keep requests and answers in BigQuery."""

    enabled: Annotated[
        bool | None, says("Whether requests and answers are kept.", default="false")
    ] = None
    sampling_rate: Annotated[
        Annotated[float, Meta(gt=0, le=1)] | None,
        says(
            "Share of the requests that is kept, above 0 up to 1.", default="decided by the service"
        ),
    ] = None
    bigquery_destination: Annotated[
        BigQueryDestination | None,
        says("Table to keep them in.", default="one that the service makes"),
    ] = None


class EndpointOutputs(Outputs, frozen=True, kw_only=True):
    """Outputs of `Endpoint`."""

    endpoint_name: Annotated[
        str, says("Full resource name; pass it as `endpoint` of a deployment.")
    ]
    dedicated_endpoint_dns: Annotated[
        str, says("Host name of a dedicated public endpoint, without scheme; empty otherwise.")
    ]
    service_attachment: Annotated[
        str, says("PSC service attachment, once a model is deployed; empty before.")
    ]
    psc_automation: Annotated[
        list[PscAutomation],
        says("What Google made of each of `pscAutomationConfigs`, once a model is deployed."),
    ]
    create_time: Annotated[str, says("When the endpoint was created (RFC 3339).")]
    incarnation: Annotated[str, says("Token of the creation this state belongs to.")]
    status: Annotated[str, says(STATUS)]


class EndpointSpec(Spec, frozen=True, kw_only=True):
    """A Vertex AI endpoint without a model. Mirrors `Endpoint` of the API (v1beta1).

    Display name, description, labels, request logging and inference timeout change in place;
    everything else makes a new endpoint, because Vertex AI fixes it at creation.
    """

    outputs: ClassVar[type[Outputs]] = EndpointOutputs

    project: ProjectField
    location: LocationField
    endpoint_id: Annotated[
        EndpointId | None,
        says(
            "Last segment of the name. Chosen from owner and inputs when absent: "
            "known in previews, the same on every retry."
        ),
        replaces("an endpoint keeps its id for life", follows=ANYTHING),
        COMPUTED,
    ] = None
    display_name: Annotated[
        DisplayName | None,
        says(
            "Name that Google's console shows, up to 128 characters.", default="the resource name"
        ),
        IN_PLACE,
        COMPUTED,
    ] = None
    description: Annotated[str | None, says("Free text."), IN_PLACE] = None
    labels: LabelsField = None
    private_service_connect_config: Annotated[
        PrivateServiceConnectConfig | None,
        says("Private access from listed projects."),
        replaces("private access and its project allowlist are fixed when the endpoint is created"),
    ] = None
    dedicated_endpoint_enabled: Annotated[
        bool | None,
        says("A DNS name of its own instead of the shared regional host.", default="false"),
        replaces("the dedicated DNS name is decided when the endpoint is created"),
    ] = None
    network: Annotated[
        str | None,
        says("VPC network to peer with, `projects/{number}/global/networks/{name}`."),
        replaces("VPC peering is decided when the endpoint is created"),
    ] = None
    encryption_spec: Annotated[
        EncryptionSpec | None,
        says("Customer-managed key that the endpoint is encrypted with."),
        replaces("the encryption key is fixed when the endpoint is created"),
    ] = None
    predict_request_response_logging_config: Annotated[
        PredictRequestResponseLoggingConfig | None,
        says("Keep requests and answers in BigQuery."),
        IN_PLACE,
    ] = None
    client_connection_config: Annotated[
        ClientConnectionConfig | None, says("How long a caller may wait for an answer."), IN_PLACE
    ] = None
    adopt: AdoptEndpoint = None
    generation: GenerationField = None
    deletion_policy: DeletionPolicyField = None
    timeouts: TimeoutsField = None
    owner: OwnerField = None
