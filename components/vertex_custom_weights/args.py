"""Arguments that the components share, in the words of those who use an endpoint.

Plain typed dictionaries without unions or literals: Pulumi infers package schemas from them.
"""

from typing import NotRequired, TypedDict

import pulumi

from vertex_custom_weights_provider.resources.types import TimeoutsArgs


class MachineArgs(TypedDict):
    """The machine of each replica. All three keys, or `type: auto` alone, or no machine at all."""

    type: pulumi.Input[str]
    """Machine type, such as `g2-standard-12`; `auto` has preflight choose one that fits, once."""
    accelerator: NotRequired[pulumi.Input[str]]
    """Accelerator type, such as `NVIDIA_L4`."""
    accelerator_count: NotRequired[pulumi.Input[int]]
    """Accelerators per replica."""


class ReplicasArgs(TypedDict):
    """How many replicas serve. Changes in place."""

    min: NotRequired[pulumi.Input[int]]
    """At least this many; default 1. The floor of the cost."""
    max: NotRequired[pulumi.Input[int]]
    """At most this many; default `min`. Quota is charged for it."""


class PrivateAccessArgs(TypedDict):
    """Private Service Connect: who may connect, and the connection of one consumer network."""

    allowed_projects: NotRequired[pulumi.Input[list[pulumi.Input[str]]]]
    """Projects that may connect, 1 to 10; default this project. Cannot be changed afterwards."""
    network: NotRequired[pulumi.Input[str]]
    """Consumer network to connect; none is connected when absent."""
    subnetwork: NotRequired[pulumi.Input[str]]
    """Subnetwork of that network from which the address is taken."""
    ip_address: NotRequired[pulumi.Input[str]]
    """A literal of that subnetwork; one is allocated when absent."""
    global_access: NotRequired[pulumi.Input[bool]]
    """Let callers of other regions in; default false."""


class DeploymentArgs(TypedDict):
    """How the deployment is carried out; seldom needed."""

    generation: NotRequired[pulumi.Input[int]]
    """Raise it to deploy anew although nothing else changed."""
    preflight: NotRequired[pulumi.Input[str]]
    """What findings about the weights do: `enforce` (default) stops, `warn` tells, `off` is
    not to look."""
    weights_changes: NotRequired[pulumi.Input[str]]
    """What new bytes in the weights' folder do: `rollout` (default) deploys them, `ignore` leaves
    what is deployed until something else replaces it."""
    service_account: NotRequired[pulumi.Input[str]]
    """Identity of the serving container; default the one Vertex AI gives it."""
    timeouts: NotRequired[pulumi.Input[TimeoutsArgs]]
    """How long to wait before giving the terminal back; the work goes on at Google."""


class CustomWeightsEndpointArgs(TypedDict):
    """What a custom-weights endpoint is made of. Private unless `public` says otherwise."""

    weights_uri: pulumi.Input[str]
    """Folder of the weights, `gs://bucket/folder`, in Hugging Face layout."""
    base_model: NotRequired[str]
    """Model the weights were tuned from, such as `llama-3.1-8b`: a row of the catalog, which
    knows a machine for it."""
    project: NotRequired[pulumi.Input[str]]
    """Google Cloud project; default `gcp:project`."""
    location: NotRequired[pulumi.Input[str]]
    """Region; default `gcp:region`."""
    machine: NotRequired[pulumi.Input[MachineArgs]]
    """Machine of each replica; default by `base_model`, else Vertex AI chooses."""
    replicas: NotRequired[pulumi.Input[ReplicasArgs]]
    """How many replicas serve; default one."""
    private_service_connect: NotRequired[PrivateAccessArgs]
    """Who may connect privately, and from which network."""
    public: NotRequired[bool]
    """Serve on a public DNS name (callers still need IAM permission); default false."""
    deployment: NotRequired[DeploymentArgs]
    """How the deployment is carried out."""
    labels: NotRequired[pulumi.Input[dict[str, pulumi.Input[str]]]]
    """Labels of endpoint, address and forwarding rule."""
