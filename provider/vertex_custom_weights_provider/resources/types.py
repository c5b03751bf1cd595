"""Shapes of nested arguments, named after the API messages they mirror."""

# Written by tools/resource_classes.py from the tables in properties/. Do not edit.

from typing import Literal, NotRequired, TypedDict

import pulumi

DeletionPolicy = Literal["delete", "abandon"]
"""`delete` removes the object with the resource; `abandon` leaves it."""

Scheme = Literal["HTTP", "HTTPS"]
"""`HTTP` or `HTTPS`."""

ReservationAffinityType = Literal["NO_RESERVATION", "ANY_RESERVATION", "SPECIFIC_RESERVATION"]
"""Which reservations may be used: none, any that fits, or the one that `key` and `values` name.
"""

Unreachable = Literal["warn", "fail"]
"""What happens when the question cannot be put, because nobody answers at the address or the
container takes no such calls; where nothing serves yet it is always `warn`.
"""

WeightsChanges = Literal["rollout", "ignore"]
"""What new bytes under the same `gcs_uri` do. `rollout` deploys them; `ignore` leaves what is
deployed, until something else replaces it.
"""

Preflight = Literal["enforce", "warn", "off"]
"""What findings about the weights do: stop, only warn, or nothing because nobody looks."""


class PscAutomationConfigArgs(TypedDict):
    """`PscAutomationConfig`: let Google make address and rule in a consumer network."""

    project_id: pulumi.Input[str]
    """Consumer project; must be in `project_allowlist`."""
    network: pulumi.Input[str]
    """Consumer network, `projects/{project id}/global/networks/{name}`."""


class PrivateServiceConnectConfigArgs(TypedDict):
    """`PrivateServiceConnectConfig`: reach the endpoint privately, from listed projects only."""

    enable_private_service_connect: NotRequired[pulumi.Input[bool]]
    """Serve through Private Service Connect only. Default true."""
    project_allowlist: NotRequired[pulumi.Input[list[pulumi.Input[str]]]]
    """Projects that may connect, your own included; 1 to 10. Cannot be changed afterwards."""
    enable_secure_private_service_connect: NotRequired[pulumi.Input[bool]]
    """Check IAM permissions on the private path too (v1beta1). Default false."""
    psc_automation_configs: NotRequired[pulumi.Input[list[PscAutomationConfigArgs]]]
    """Consumer networks in which Google makes address and forwarding rule."""


class EncryptionSpecArgs(TypedDict):
    """`EncryptionSpec`: a customer-managed key."""

    kms_key_name: pulumi.Input[str]
    """Customer-managed key,
    `projects/{project}/locations/{location}/keyRings/{ring}/cryptoKeys/{key}`.
    """


class BigQueryDestinationArgs(TypedDict):
    """`BigQueryDestination`."""

    output_uri: pulumi.Input[str]
    """Where the rows go: `bq://project.dataset.table`."""


class PredictRequestResponseLoggingConfigArgs(TypedDict):
    """`PredictRequestResponseLoggingConfig`: keep requests and answers in BigQuery."""

    enabled: NotRequired[pulumi.Input[bool]]
    """Whether requests and answers are kept. Default false."""
    sampling_rate: NotRequired[pulumi.Input[float]]
    """Share of the requests that is kept, above 0 up to 1. Default decided by the service."""
    bigquery_destination: NotRequired[pulumi.Input[BigQueryDestinationArgs]]
    """Table to keep them in. Default one that the service makes."""


class ClientConnectionConfigArgs(TypedDict):
    """`ClientConnectionConfig`."""

    inference_timeout: NotRequired[pulumi.Input[str]]
    """Longest a prediction may take, up to 3600s. Default 600s."""


class TimeoutsArgs(TypedDict):
    """How long to wait for Google before giving the terminal back. The work itself goes on."""

    create: NotRequired[pulumi.Input[str]]
    """For a creation, such as `90m`. Default 2h."""
    update: NotRequired[pulumi.Input[str]]
    """For a change in place, a rollout included. Default 2h."""
    delete: NotRequired[pulumi.Input[str]]
    """For a removal. Default 1h."""


class EnvVarArgs(TypedDict):
    """`EnvVar`."""

    name: pulumi.Input[str]
    """Name of the variable."""
    value: pulumi.Input[str]
    """Its value; state keeps it, encrypted where it is a Pulumi secret, and Google shows it to
    whoever may read the model.
    """


class PortArgs(TypedDict):
    """`Port`."""

    container_port: pulumi.Input[int]
    """Port the container listens on, 1 to 65535."""


class ExecActionArgs(TypedDict):
    """`ProbeExecAction`: a command in the container; exit code 0 is healthy."""

    command: pulumi.Input[list[pulumi.Input[str]]]
    """Command and its arguments, run without a shell."""


class HttpGetActionArgs(TypedDict):
    """`ProbeHttpGetAction`: a request to the container; 200 to 399 is healthy."""

    path: NotRequired[pulumi.Input[str]]
    """Path of the request. Default /."""
    port: NotRequired[pulumi.Input[int]]
    """Port of the request, 1 to 65535. Default the container's first port."""
    host: NotRequired[pulumi.Input[str]]
    """Host name to connect to. Default the container's."""
    scheme: NotRequired[pulumi.Input[Scheme]]
    """`HTTP` or `HTTPS`. Default `HTTP`."""


class ProbeArgs(TypedDict):
    """`Probe`: how Vertex AI finds out whether a container is healthy."""

    exec: NotRequired[pulumi.Input[ExecActionArgs]]
    """A command in the container; exit code 0 is healthy."""
    http_get: NotRequired[pulumi.Input[HttpGetActionArgs]]
    """A request to the container; 200 to 399 is healthy."""
    initial_delay_seconds: NotRequired[pulumi.Input[int]]
    """Time before the first probe. In seconds. Default 0."""
    period_seconds: NotRequired[pulumi.Input[int]]
    """Time between probes. In seconds. Default 10."""
    timeout_seconds: NotRequired[pulumi.Input[int]]
    """Longest a probe may take. In seconds. Default 1."""
    failure_threshold: NotRequired[pulumi.Input[int]]
    """Failures in a row that count. Default 3."""
    success_threshold: NotRequired[pulumi.Input[int]]
    """Successes in a row that count. Default 1."""


class ModelContainerSpecArgs(TypedDict):
    """`ModelContainerSpec`: a serving container, or what is to be different in the chosen one.

    With `image_uri` it is served as it is. Without, which takes a given `endpoint`, its parts
    replace those of the container that Vertex AI recommends for the weights.
    """

    image_uri: NotRequired[pulumi.Input[str]]
    """Image in Artifact Registry. May be left out with a given `endpoint` only: what else is set
    here then replaces the parts of the container that Vertex AI recommends.
    """
    command: NotRequired[pulumi.Input[list[pulumi.Input[str]]]]
    """Entry point. Default the image's."""
    args: NotRequired[pulumi.Input[list[pulumi.Input[str]]]]
    """Arguments of the entry point. Default the image's."""
    env: NotRequired[pulumi.Input[list[EnvVarArgs]]]
    """Environment variables of the container."""
    ports: NotRequired[pulumi.Input[list[PortArgs]]]
    """Ports that the container listens on; the first one is served. Default 8080."""
    grpc_ports: NotRequired[pulumi.Input[list[PortArgs]]]
    """Ports for gRPC."""
    predict_route: NotRequired[pulumi.Input[str]]
    """HTTP path that predictions are sent to. Default decided by the service."""
    health_route: NotRequired[pulumi.Input[str]]
    """HTTP path that health checks are sent to. Default decided by the service."""
    invoke_route_prefix: NotRequired[pulumi.Input[str]]
    """`/*` hands `{endpoint}/invoke/…` on to any path of the container. Excludes `predict_route`;
    such a model takes a dedicated endpoint.
    """
    shared_memory_size_mb: NotRequired[pulumi.Input[int]]
    """Shared memory of the container. In MB. Default decided by the service."""
    deployment_timeout: NotRequired[pulumi.Input[str]]
    """How long the container may take to start, such as `3600s`. Default decided by the service.
    """
    startup_probe: NotRequired[pulumi.Input[ProbeArgs]]
    """Tells when the container has started; the other probes wait for it."""
    health_probe: NotRequired[pulumi.Input[ProbeArgs]]
    """Tells when the container takes requests."""
    liveness_probe: NotRequired[pulumi.Input[ProbeArgs]]
    """Tells when the container is to be restarted."""


class ReservationAffinityArgs(TypedDict):
    """`ReservationAffinity`: take machines from a Compute Engine reservation."""

    reservation_affinity_type: pulumi.Input[ReservationAffinityType]
    """Which reservations may be used: none, any that fits, or the one that `key` and `values` name.
    """
    key: NotRequired[pulumi.Input[str]]
    """`compute.googleapis.com/reservation-name`, for a specific reservation."""
    values: NotRequired[pulumi.Input[list[pulumi.Input[str]]]]
    """Full names of the reservations, `projects/{project}/zones/{zone}/reservations/{name}`."""


class MachineSpecArgs(TypedDict):
    """`MachineSpec`: the machine each replica runs on.

    `machine_type`, `accelerator_type` and `accelerator_count` come together or not at all: custom
    weights take all three, or leave the choice to Vertex AI. `machineType: auto`, alone, leaves it
    to preflight, which chooses once.
    """

    machine_type: NotRequired[pulumi.Input[str]]
    """Compute Engine machine type, such as `g2-standard-12`. `auto`, alone, has preflight choose
    one that fits, once. Default chosen by the service.
    """
    accelerator_type: NotRequired[pulumi.Input[str]]
    """Accelerator of the machine, such as `NVIDIA_L4`. Comes together with `machine_type` and
    `accelerator_count`.
    """
    accelerator_count: NotRequired[pulumi.Input[int]]
    """Accelerators per replica, 1 or more, as many as the machine type has."""
    gpu_partition_size: NotRequired[pulumi.Input[str]]
    """Slice of a partitioned accelerator (MIG), such as `1g.10gb`; the count is 1 then."""
    tpu_topology: NotRequired[pulumi.Input[str]]
    """Topology of a TPU machine, such as `2x2`."""
    multihost_gpu_node_count: NotRequired[pulumi.Input[int]]
    """Machines that form one replica together, 1 or more (v1beta1). Default 1."""
    min_gpu_driver_version: NotRequired[pulumi.Input[str]]
    """Least version of the GPU driver (v1beta1)."""
    reservation_affinity: NotRequired[pulumi.Input[ReservationAffinityArgs]]
    """Compute Engine reservation to take machines from; excludes `spot`."""


class ScaleToZeroSpecArgs(TypedDict):
    """`ScaleToZeroSpec` (v1beta1): replicas go to zero when idle, and come back on a request."""

    min_scaleup_period: NotRequired[pulumi.Input[str]]
    """Least time a replica that has started stays up, 300s to 28800s. Default decided by the
    service.
    """
    idle_scaledown_period: NotRequired[pulumi.Input[str]]
    """Time without a request before the last replica goes, 300s to 28800s. Default decided by the
    service.
    """


class AutoscalingMetricSpecArgs(TypedDict):
    """`AutoscalingMetricSpec`: one metric the autoscaler follows."""

    metric_name: pulumi.Input[str]
    """Metric that the autoscaler follows, for example
    `prometheus.googleapis.com/vertex_vllm_num_requests_waiting`.
    """
    target: NotRequired[pulumi.Input[int]]
    """Value of the metric to keep to: percent for utilizations, a number per replica for counts.
    Default 60.
    """
    monitored_resource_labels: NotRequired[pulumi.Input[dict[str, pulumi.Input[str]]]]
    """Labels, by key, that select the monitored resource of the metric."""


class FlexStartArgs(TypedDict):
    """`FlexStart` (v1beta1): queue for capacity, run for a limited time."""

    max_runtime_duration: pulumi.Input[str]
    """How long the machines may run, up to 7 days, for example `604800s`."""


class DedicatedResourcesArgs(TypedDict):
    """`DedicatedResources`: machines, how many, and how their number follows the load."""

    machine_spec: NotRequired[pulumi.Input[MachineSpecArgs]]
    """Machine of each replica. Default chosen by the service."""
    min_replica_count: NotRequired[pulumi.Input[int]]
    """At least this many replicas; 0 needs `scale_to_zero_spec`. Floor of the cost. Default 1.
    """
    max_replica_count: NotRequired[pulumi.Input[int]]
    """At most this many replicas, 1 or more. Quota is charged for them. Default the minimum."""
    required_replica_count: NotRequired[pulumi.Input[int]]
    """Ready replicas that end the wait for a deployment. Default the minimum."""
    initial_replica_count: NotRequired[pulumi.Input[int]]
    """Replicas to start with where the minimum is 0 (v1beta1). Default decided by the service.
    """
    scale_to_zero_spec: NotRequired[pulumi.Input[ScaleToZeroSpecArgs]]
    """When the last replica goes and how long one stays (v1beta1). Needs a minimum of 0."""
    autoscaling_metric_specs: NotRequired[pulumi.Input[list[AutoscalingMetricSpecArgs]]]
    """Metrics that the number of replicas follows between minimum and maximum. Default 60 percent
    of the accelerators' time.
    """
    spot: NotRequired[pulumi.Input[bool]]
    """Run on Spot machines, which cost less and may be taken away at any time. Default false."""
    flex_start: NotRequired[pulumi.Input[FlexStartArgs]]
    """Queue for capacity, and give it back after some time (v1beta1)."""


class SmokeTestArgs(TypedDict):
    """A real request to the new deployment itself: a chat with one message."""

    enabled: NotRequired[pulumi.Input[bool]]
    """Whether anything is asked. Default true."""
    prompt: NotRequired[pulumi.Input[str]]
    """The question. Default Hello."""
    max_tokens: NotRequired[pulumi.Input[int]]
    """Longest answer. In tokens. Default 16."""
    timeout: NotRequired[pulumi.Input[str]]
    """How long to go on asking while nobody answers or the answer is 5xx. Default 60s."""
    expect: NotRequired[pulumi.Input[str]]
    """Regular expression that the answer must contain. Default any answer will do."""
    url: NotRequired[pulumi.Input[str]]
    """Where a private endpoint is reached from where Pulumi runs, such as `http://10.0.0.9`, the
    address of its forwarding rule. A token is sent to Google's own hosts only, and with
    `send_token` to this one.
    """
    send_token: NotRequired[pulumi.Input[bool]]
    """Send the access token to the host of `url` too, over https, though it is none of Google's.
    Default false.
    """
    unreachable: NotRequired[pulumi.Input[Unreachable]]
    """What happens when the question cannot be put, because nobody answers at the address or the
    container takes no such calls; where nothing serves yet it is always `warn`. Default `fail`
    with `url`, else `warn`.
    """


class ServiceDirectoryRegistrationArgs(TypedDict):
    """`ForwardingRuleServiceDirectoryRegistration`."""

    namespace: NotRequired[pulumi.Input[str]]
    """Service Directory namespace. Default goog-psc-default."""
    service: NotRequired[pulumi.Input[str]]
    """Service of that namespace."""


class TrafficTargetArgs(TypedDict):
    """One entry of `Endpoint.trafficSplit`."""

    deployed_model_id: pulumi.Input[str]
    """Id of a deployment on the endpoint."""
    percent: pulumi.Input[int]
    """Its share of the requests, 0 to 100. In percent."""
    name: NotRequired[pulumi.Input[str]]
    """What previews call it; Google does not learn of it."""
