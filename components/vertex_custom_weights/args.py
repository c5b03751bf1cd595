"""Arguments that the components share, in the words of those who use an endpoint.

Typed dictionaries from which editors complete and schemas are inferred (`inference`).
"""

from typing import Generic, Literal, NotRequired, TypedDict

import pulumi
from typing_extensions import TypeVar  # with a default; the standard library has it from 3.13

from vertex_custom_weights_provider.resources.types import (
    ModelContainerSpecArgs,
    PredictRequestResponseLoggingConfigArgs,
    SmokeTestArgs,
    TimeoutsArgs,
)

from .args_private import PrivateAccessArgs

BaseModel = TypeVar("BaseModel", bound=str, default=str)
"""The base models that a component knows: those of its family, or any."""

Rollout = Literal["new-endpoint", "same-endpoint"]
"""Where new weights, another machine or another container go, the default first."""
Preflight = Literal["enforce", "warn", "off"]
"""What findings about the weights do, the default first."""
WeightsChanges = Literal["rollout", "ignore"]
"""What new bytes in the weights' folder do, the default first."""


class MachineArgs(TypedDict):
    """The machine of each replica.

    Type, accelerator and count come together, or `type: auto` alone, or no machine at all.
    """

    type: pulumi.Input[str]
    """Machine type, such as `g2-standard-12`; `auto` has preflight choose one that fits, once."""
    accelerator: NotRequired[pulumi.Input[str]]
    """Accelerator type, such as `NVIDIA_L4`."""
    accelerator_count: NotRequired[pulumi.Input[int]]
    """Accelerators per replica."""
    spot: NotRequired[pulumi.Input[bool]]
    """Run on Spot machines, which cost less and may be taken away at any time; default false."""
    flex_start: NotRequired[pulumi.Input[str]]
    """Queue for capacity, and give it back after this time, at most `168h` (v1beta1): the
    deployment is removed then. Preemptible quota is charged. Excludes `spot`."""
    reservation: NotRequired[pulumi.Input[str]]
    """Compute Engine reservation to take machines from,
    `projects/{project}/zones/{zone}/reservations/{name}`; `any` takes any that fits, `none` none.
    Default decided by the service. Excludes `spot`."""
    partition_size: NotRequired[pulumi.Input[str]]
    """Slice of a partitioned accelerator (MIG), such as `1g.10gb`; `accelerator_count` is 1 then.
    """
    hosts: NotRequired[pulumi.Input[int]]
    """Machines that form one replica together; default 1 (v1beta1). Excludes scaling to zero."""


class ScalingTargetsArgs(TypedDict):
    """What the number of replicas follows between `min` and `max`.

    Default 60 percent of the accelerators' time. With several targets the one that asks for most
    replicas decides. Each mirrors one `autoscalingMetricSpecs`.
    """

    accelerator_utilization: NotRequired[pulumi.Input[int]]
    """Percent of the time that accelerators work, 1 to 100
    (`prediction/online/accelerator/duty_cycle`)."""
    cpu_utilization: NotRequired[pulumi.Input[int]]
    """Percent of the processors, 1 to 100 (`prediction/online/cpu/utilization`)."""
    requests_per_minute: NotRequired[pulumi.Input[int]]
    """Requests per minute and replica (`prediction/online/request_count`)."""
    waiting_requests: NotRequired[pulumi.Input[int]]
    """Requests that wait in vLLM's queue (`vertex_vllm_num_requests_waiting`)."""
    cache_utilization: NotRequired[pulumi.Input[int]]
    """Percent of vLLM's cache of keys and values that is in use, 1 to 100
    (`vertex_vllm_gpu_cache_usage_perc`)."""
    gpu_utilization: NotRequired[pulumi.Input[int]]
    """Percent of the time that GPUs work, as NVIDIA's own tools measure it, 1 to 100
    (`vertex_dcgm_fi_dev_gpu_util`)."""


class ReplicasArgs(TypedDict):
    """How many replicas serve. All of it changes in place.

    `min` alone is a fixed number; with `max` above it the number follows `targets`; `min` 0 lets
    the last replica go when nobody asks.
    """

    min: NotRequired[pulumi.Input[int]]
    """At least this many; default 1. The floor of the cost. 0 scales to zero (v1beta1)."""
    max: NotRequired[pulumi.Input[int]]
    """At most this many; default `min`, and 1 when `min` is 0. Quota is charged for it."""
    targets: NotRequired[pulumi.Input[ScalingTargetsArgs]]
    """What the number follows; needs `max` above `min`."""
    idle_period: NotRequired[pulumi.Input[str]]
    """How long nobody asks before the last replica goes, `5m` to `8h`; default `1h`. Needs `min`
    0. The first request after that is refused or waits while a replica starts."""
    min_uptime: NotRequired[pulumi.Input[str]]
    """How long a replica that has started stays at least, `5m` to `8h`. Needs `min` 0."""
    initial: NotRequired[pulumi.Input[int]]
    """Replicas to start with, 1 to `max`. Needs `min` 0."""


class VersionArgs(TypedDict, Generic[BaseModel]):
    """One of several weights that an endpoint serves side by side. All of it changes in place."""

    weights_uri: pulumi.Input[str]
    """Folder of the weights, `gs://bucket/folder`, in Hugging Face layout."""
    traffic: int
    """Percent of the requests, 0 to 100; those of all versions sum to 100."""
    base_model: NotRequired[BaseModel]
    """Model the weights were tuned from; default the endpoint's."""
    machine: NotRequired[pulumi.Input[MachineArgs]]
    """Machine of each replica; default the endpoint's, else by `base_model`."""
    replicas: NotRequired[pulumi.Input[ReplicasArgs]]
    """How many replicas serve this version; default the endpoint's."""


class DeploymentArgs(TypedDict):
    """How the deployment is carried out; seldom needed."""

    rollout: NotRequired[Rollout]
    """Where new weights, another machine or another container go. `new-endpoint` (default): an
    endpoint is made beside the old one, which then goes; name, DNS name and service attachment
    change. `same-endpoint`: beside the old model on the endpoint, which takes over the traffic
    after a test; nothing changes for callers. Changing this setting itself replaces the endpoint
    once more. The route of `same-endpoint` has not been run against Google yet."""
    traffic_steps: NotRequired[pulumi.Input[list[pulumi.Input[int]]]]
    """Shares in percent, rising, in which a rollout on the same endpoint takes over the traffic,
    30 s each; default all at once."""
    smoke_test: NotRequired[pulumi.Input[SmokeTestArgs]]
    """What a new model on the same endpoint is asked before it gets traffic; default "Hello". A
    private endpoint can be asked only where Pulumi runs inside its consumer network."""
    adopt: NotRequired[str]
    """Full name of an endpoint that exists and serves one model, to take over instead of deploying
    anew: `projects/…/endpoints/…`, and with `rollout: same-endpoint` that of the deployment on it,
    `…/deployedModels/…`. Without effect, and free to go, afterwards."""
    container: NotRequired[pulumi.Input[ModelContainerSpecArgs]]
    """A serving container of your own; default the one Vertex AI chooses. On the same endpoint it
    may lack `image_uri`: what it does not say stays as Vertex AI recommends it."""
    container_logging: NotRequired[pulumi.Input[bool]]
    """Send what the container prints to Cloud Logging; default as Vertex AI has it. Changes in
    place."""
    access_logging: NotRequired[pulumi.Input[bool]]
    """Send a line for each request, with its time and its latency, to Cloud Logging; default false.
    Like the next three it is said of an endpoint that stays: `rollout: same-endpoint`, or
    `versions`."""
    request_logging: NotRequired[pulumi.Input[PredictRequestResponseLoggingConfigArgs]]
    """Keep requests and answers in BigQuery; default not. Changes in place."""
    inference_timeout: NotRequired[pulumi.Input[str]]
    """How long a caller may wait for an answer, at most `1h`; default `10m`. Changes in place."""
    encryption_key: NotRequired[pulumi.Input[str]]
    """Customer-managed key that endpoint and model are encrypted with,
    `projects/{project}/locations/{location}/keyRings/{ring}/cryptoKeys/{key}`; default Google's
    own. Changing it replaces the endpoint."""
    generation: NotRequired[pulumi.Input[int]]
    """Raise it to deploy anew although nothing else changed."""
    preflight: NotRequired[pulumi.Input[Preflight]]
    """What findings about the weights do: `enforce` (default) stops, `warn` tells, `off` is
    not to look."""
    weights_changes: NotRequired[pulumi.Input[WeightsChanges]]
    """What new bytes in the weights' folder do: `rollout` (default) deploys them, `ignore` leaves
    what is deployed until something else replaces it."""
    service_account: NotRequired[pulumi.Input[str]]
    """Identity of the serving container; default the one Vertex AI gives it."""
    timeouts: NotRequired[pulumi.Input[TimeoutsArgs]]
    """How long to wait before giving the terminal back; the work goes on at Google."""
    grant_weights_access: NotRequired[bool]
    """Let Vertex AI read the bucket of the weights; default false, as in the bucket's own project
    it may do so already. Of several endpoints that read one bucket, none may have this: they depend
    on one `WeightsAccess`. Needs `pulumi-gcp`."""


class CustomWeightsEndpointArgs(TypedDict, Generic[BaseModel]):
    """What a custom-weights endpoint is made of. Private unless `public` says otherwise.

    Common are the first seven. Of the others, project and location come from the stack, and what
    `deployment` holds has defaults that fit most.
    """

    weights_uri: NotRequired[pulumi.Input[str]]
    """Folder of the weights, `gs://bucket/folder`, in Hugging Face layout. Required unless
    `versions` are given."""
    base_model: NotRequired[BaseModel]
    """Model the weights were tuned from, such as `llama-3.1-8b`: a row of the catalog, which
    knows a machine for it."""
    machine: NotRequired[pulumi.Input[MachineArgs]]
    """Machine of each replica; default by `base_model`, and without one `auto`: preflight looks at
    the weights and chooses a machine that fits, once. Where preflight may not stop the preview
    (`deployment.preflight`), Vertex AI chooses."""
    replicas: NotRequired[pulumi.Input[ReplicasArgs]]
    """How many replicas serve; default one."""
    private_service_connect: NotRequired[PrivateAccessArgs]
    """Who may connect privately, and from which network."""
    labels: NotRequired[pulumi.Input[dict[str, pulumi.Input[str]]]]
    """Labels of endpoint, address and forwarding rule."""
    versions: NotRequired[dict[str, VersionArgs[BaseModel]]]
    """Several weights behind the one endpoint, by name, each with its share of the requests; in
    place of `weights_uri`. Adding one, moving traffic and removing one change nothing for callers.
    """
    public: NotRequired[bool]
    """Serve on a public DNS name (callers still need IAM permission); default false."""
    project: NotRequired[pulumi.Input[str]]
    """Google Cloud project; default `gcp:project`."""
    location: NotRequired[pulumi.Input[str]]
    """Region; default `gcp:region`."""
    deployment: NotRequired[DeploymentArgs]
    """How the deployment is carried out."""
