"""Shapes of nested arguments, named after the API messages they mirror."""

from typing import NotRequired, TypedDict

import pulumi

StrInput = pulumi.Input[str]
IntInput = pulumi.Input[int]
BoolInput = pulumi.Input[bool]


class ReservationAffinityArgs(TypedDict):
    """`ReservationAffinity`: take machines from a Compute Engine reservation."""

    reservation_affinity_type: StrInput
    """NO_RESERVATION, ANY_RESERVATION or SPECIFIC_RESERVATION."""
    key: NotRequired[StrInput]
    """`compute.googleapis.com/reservation-name` for a specific one."""
    values: NotRequired[pulumi.Input[list[StrInput]]]
    """Full names of the reservations."""


class MachineSpecArgs(TypedDict):
    """`MachineSpec`. Machine type, accelerator type and count come together or not at all."""

    machine_type: NotRequired[StrInput]
    """Such as `g2-standard-12`; `auto`, alone, has preflight choose one that fits, once."""
    accelerator_type: NotRequired[StrInput]
    """Such as `NVIDIA_L4`."""
    accelerator_count: NotRequired[IntInput]
    """Accelerators per replica."""
    gpu_partition_size: NotRequired[StrInput]
    """MIG slice; the count is 1 then."""
    tpu_topology: NotRequired[StrInput]
    """Topology of a TPU machine."""
    multihost_gpu_node_count: NotRequired[IntInput]
    """Machines that form one replica (v1beta1)."""
    min_gpu_driver_version: NotRequired[StrInput]
    """Least GPU driver version (v1beta1)."""
    reservation_affinity: NotRequired[pulumi.Input[ReservationAffinityArgs]]
    """Reservation to take machines from; excludes `spot`."""


class ScaleToZeroSpecArgs(TypedDict):
    """`ScaleToZeroSpec` (v1beta1)."""

    min_scaleup_period: NotRequired[StrInput]
    """Least time a replica stays up, 300s to 28800s."""
    idle_scaledown_period: NotRequired[StrInput]
    """Idle time before the last replica goes, 300s to 28800s."""


class AutoscalingMetricSpecArgs(TypedDict):
    """`AutoscalingMetricSpec`."""

    metric_name: StrInput
    """Metric the autoscaler follows."""
    target: NotRequired[IntInput]
    """Target value; the service's default is 60."""
    monitored_resource_labels: NotRequired[pulumi.Input[dict[str, StrInput]]]
    """Labels that select the monitored resource."""


class FlexStartArgs(TypedDict):
    """`FlexStart` (v1beta1)."""

    max_runtime_duration: StrInput
    """How long it may run, up to 7 days."""


class DedicatedResourcesArgs(TypedDict):
    """`DedicatedResources`: machines, and how their number follows the load."""

    machine_spec: NotRequired[pulumi.Input[MachineSpecArgs]]
    """Machine of each replica. The service chooses when absent."""
    min_replica_count: NotRequired[IntInput]
    """At least this many; default 1, 0 with `scale_to_zero_spec`. Changes in place."""
    max_replica_count: NotRequired[IntInput]
    """At most this many; default the minimum. Quota is charged for it. Changes in place."""
    required_replica_count: NotRequired[IntInput]
    """Ready replicas that end the deployment's wait. Changes in place."""
    initial_replica_count: NotRequired[IntInput]
    """Replicas to start with when the minimum is 0 (v1beta1). Changes in place."""
    scale_to_zero_spec: NotRequired[pulumi.Input[ScaleToZeroSpecArgs]]
    """When to go to zero (v1beta1). Changes in place."""
    autoscaling_metric_specs: NotRequired[pulumi.Input[list[AutoscalingMetricSpecArgs]]]
    """Metrics the autoscaler follows. Changes in place."""
    spot: NotRequired[BoolInput]
    """Use spot machines."""
    flex_start: NotRequired[pulumi.Input[FlexStartArgs]]
    """Queue for capacity (v1beta1)."""


class PscAutomationConfigArgs(TypedDict):
    """`PscAutomationConfig`: Google makes address and rule in a consumer network."""

    project_id: StrInput
    """Consumer project, in the allowlist."""
    network: StrInput
    """`projects/{project id}/global/networks/{name}`."""


class PrivateServiceConnectConfigArgs(TypedDict):
    """`PrivateServiceConnectConfig`. Cannot be changed after creation."""

    project_allowlist: pulumi.Input[list[StrInput]]
    """Projects that may connect, your own included; 1 to 10."""
    enable_private_service_connect: NotRequired[BoolInput]
    """Default true."""
    enable_secure_private_service_connect: NotRequired[BoolInput]
    """Check IAM permissions on the private path too (v1beta1)."""
    psc_automation_configs: NotRequired[pulumi.Input[list[PscAutomationConfigArgs]]]
    """Consumer networks to connect automatically."""


class EnvVarArgs(TypedDict):
    """`EnvVar`."""

    name: StrInput
    """Name of the variable."""
    value: StrInput
    """Its value."""


class PortArgs(TypedDict):
    """`Port`."""

    container_port: IntInput
    """Port the container listens on."""


class ExecActionArgs(TypedDict):
    """`ProbeExecAction`."""

    command: pulumi.Input[list[StrInput]]
    """Command in the container; exit code 0 is healthy."""


class HttpGetActionArgs(TypedDict):
    """`ProbeHttpGetAction`."""

    path: NotRequired[StrInput]
    """Path of the request."""
    port: NotRequired[IntInput]
    """Port of the request."""
    host: NotRequired[StrInput]
    """Host name to connect to; default the container's."""
    scheme: NotRequired[StrInput]
    """HTTP (default) or HTTPS."""


class ProbeArgs(TypedDict):
    """`Probe`: how Vertex AI finds out whether a container is healthy."""

    exec: NotRequired[pulumi.Input[ExecActionArgs]]
    """A command in the container."""
    http_get: NotRequired[pulumi.Input[HttpGetActionArgs]]
    """A request to the container."""
    initial_delay_seconds: NotRequired[IntInput]
    """Seconds before the first probe."""
    period_seconds: NotRequired[IntInput]
    """Seconds between probes; the service's default is 10."""
    timeout_seconds: NotRequired[IntInput]
    """Seconds a probe may take; the service's default is 1."""
    failure_threshold: NotRequired[IntInput]
    """Failures in a row that count; the service's default is 3."""
    success_threshold: NotRequired[IntInput]
    """Successes in a row that count; the service's default is 1."""


class ModelContainerSpecArgs(TypedDict):
    """`ModelContainerSpec`: a serving container, or changes to the recommended one."""

    image_uri: NotRequired[StrInput]
    """Image in Artifact Registry. May be left out with a given `endpoint` only: what else is set
    here then replaces the parts of the container that Vertex AI recommends."""
    command: NotRequired[pulumi.Input[list[StrInput]]]
    """Entry point."""
    args: NotRequired[pulumi.Input[list[StrInput]]]
    """Arguments of the entry point."""
    env: NotRequired[pulumi.Input[list[EnvVarArgs]]]
    """Environment variables. State keeps them, encrypted where they are Pulumi secrets; Google
    shows them to whoever may read the model."""
    ports: NotRequired[pulumi.Input[list[PortArgs]]]
    """Ports; the first one is served."""
    grpc_ports: NotRequired[pulumi.Input[list[PortArgs]]]
    """Ports for gRPC."""
    predict_route: NotRequired[StrInput]
    """HTTP path of predictions."""
    invoke_route_prefix: NotRequired[StrInput]
    """`/*` hands `{endpoint}/invoke/…` on to any path of the container. Excludes `predict_route`;
    such a model takes a dedicated endpoint."""
    health_route: NotRequired[StrInput]
    """HTTP path of health checks."""
    shared_memory_size_mb: NotRequired[IntInput]
    """Shared memory in MB."""
    deployment_timeout: NotRequired[StrInput]
    """How long the container may take to start, such as `3600s`."""
    startup_probe: NotRequired[pulumi.Input[ProbeArgs]]
    """Tells when the container has started; others wait for it."""
    health_probe: NotRequired[pulumi.Input[ProbeArgs]]
    """Tells when the container takes requests."""
    liveness_probe: NotRequired[pulumi.Input[ProbeArgs]]
    """Tells when the container is to be restarted."""


class SmokeTestArgs(TypedDict):
    """What a rollout onto a given endpoint asks the new deployment before it gets traffic."""

    enabled: NotRequired[BoolInput]
    """Default true; false asks nothing."""
    prompt: NotRequired[StrInput]
    """The question; default "Hello"."""
    max_tokens: NotRequired[IntInput]
    """Longest answer, in tokens; default 16."""
    timeout: NotRequired[StrInput]
    """How long to go on asking while nobody answers or the answer is 5xx; default 60s."""
    expect: NotRequired[StrInput]
    """Regular expression that the answer must contain; default any answer will do."""
    url: NotRequired[StrInput]
    """Where a private endpoint is reached from where Pulumi runs, such as `http://10.0.0.9`, the
    address of its forwarding rule. A token is sent to Google's own hosts only."""
    send_token: NotRequired[BoolInput]
    """Send the access token to the host of `url` too, over https, though it is none of Google's;
    default false."""
    unreachable: NotRequired[StrInput]
    """`warn` or `fail`: what happens when the question cannot be put, because nobody answers at
    the address or the container takes no such calls. Default `fail` with `url`, else `warn`; where
    nothing serves yet it is always `warn`."""


class TimeoutsArgs(TypedDict):
    """How long to wait for Google before giving the terminal back. The work itself goes on."""

    create: NotRequired[StrInput]
    """For a creation, such as `90m`. Default 2h."""
    update: NotRequired[StrInput]
    """For a change in place. Default 2h."""
    delete: NotRequired[StrInput]
    """For a removal. Default 1h."""


class ClientConnectionConfigArgs(TypedDict):
    """`ClientConnectionConfig`."""

    inference_timeout: StrInput
    """Longest a prediction may take, up to 3600s; default 600s."""


class EncryptionSpecArgs(TypedDict):
    """`EncryptionSpec`."""

    kms_key_name: StrInput
    """Customer-managed key."""


class BigQueryDestinationArgs(TypedDict):
    """`BigQueryDestination`."""

    output_uri: StrInput
    """`bq://project.dataset.table`."""


class PredictRequestResponseLoggingConfigArgs(TypedDict):
    """`PredictRequestResponseLoggingConfig`."""

    enabled: NotRequired[BoolInput]
    """Whether requests and answers are kept."""
    sampling_rate: NotRequired[pulumi.Input[float]]
    """Share of requests, above 0 up to 1."""
    bigquery_destination: NotRequired[pulumi.Input[BigQueryDestinationArgs]]
    """Table to keep them in."""


class TrafficTargetArgs(TypedDict):
    """One entry of `Endpoint.trafficSplit`."""

    deployed_model_id: StrInput
    """Id of a deployment on the endpoint."""
    percent: IntInput
    """Its share of the requests, 0 to 100."""
    name: NotRequired[StrInput]
    """What previews call it; Google does not learn of it."""


class ServiceDirectoryRegistrationArgs(TypedDict):
    """`ForwardingRuleServiceDirectoryRegistration`."""

    namespace: NotRequired[StrInput]
    """Service Directory namespace."""
    service: NotRequired[StrInput]
    """Service Directory service."""


OptionalLabels = pulumi.Input[dict[str, StrInput]] | None
