"""Properties that several resources share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

from vertex_custom_weights_provider.properties.base import (
    COMPUTED,
    IN_PLACE,
    INTERNAL,
    STATE_ONLY,
    Configured,
    Outputs,
    Problem,
    Rule,
    Spec,
    Wrong,
    one_of,
    replaces,
    says,
)
from vertex_custom_weights_provider.properties.chosen_once import AUTO
from vertex_custom_weights_provider.properties.values import Count, CountOrZero

_NUMBER = r"(\d+(?:\.\d+)?)"
_DURATION = re.compile(rf"(?:{_NUMBER}h)?(?:{_NUMBER}m)?(?:{_NUMBER}s)?")


def seconds(duration: str) -> float:
    """Convert `2h`, `90m`, `1h30m` or `600s` to seconds.

    Raises:
        ValueError: it is none of these.
    """
    match = _DURATION.fullmatch(duration)
    if not duration or match is None or not any(match.groups()):
        raise ValueError(f'{duration!r} is not a duration; write for example "2h", "90m" or "600s"')
    hours, minutes, rest = (float(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + rest


def _duration(value: str) -> str:
    return f"{seconds(value):g}s"


Duration = Annotated[str, Rule(_duration)]


STATUS = (
    "What was last seen of it: `ready`; `unfinished`, begun and not seen to its end, which the "
    "next update finishes; `undeployed` by somebody else, so that it is made anew; `taken over by "
    "another run` or `ownership labels are gone`, after which the next update marks it again."
)
"""What the output `status` says."""


class Timeouts(Spec, frozen=True, kw_only=True):
    """How long to wait for Google before giving the terminal back. The work itself goes on."""

    create: Annotated[Duration, says("For a creation, such as `90m`.", default="2h")] = "7200s"
    update: Annotated[
        Duration, says("For a change in place, a rollout included.", default="2h")
    ] = "7200s"
    delete: Annotated[Duration, says("For a removal.", default="1h")] = "3600s"

    @property
    def create_seconds(self) -> float:
        """Seconds to wait for a creation."""
        return seconds(self.create)

    @property
    def update_seconds(self) -> float:
        """Seconds to wait for a change in place."""
        return seconds(self.update)

    @property
    def delete_seconds(self) -> float:
        """Seconds to wait for a removal."""
        return seconds(self.delete)


class ScaleToZeroSpec(Spec, frozen=True, kw_only=True):
    """`ScaleToZeroSpec` (v1beta1): replicas go to zero when idle, and come back on a request."""

    min_scaleup_period: Annotated[
        Duration | None,
        says(
            "Least time a replica that has started stays up, 300s to 28800s.",
            default="decided by the service",
        ),
    ] = None
    idle_scaledown_period: Annotated[
        Duration | None,
        says(
            "Time without a request before the last replica goes, 300s to 28800s.",
            default="decided by the service",
        ),
    ] = None

    def conflicts(self) -> Iterator[Problem]:
        """Hold the periods to the limits of Vertex AI."""
        for name, value in self.wire().items():
            if not 300 <= seconds(value) <= 28_800:
                yield Problem(name, f"{value} is outside 300s to 28800s (Vertex AI's limits).")


_ONLINE = "aiplatform.googleapis.com/prediction/online/"
_METRICS = frozenset(
    {
        f"{_ONLINE}accelerator/duty_cycle",
        f"{_ONLINE}cpu/utilization",
        f"{_ONLINE}request_count",
        "prometheus.googleapis.com/vertex_dcgm_fi_dev_gpu_util",
        "prometheus.googleapis.com/vertex_vllm_gpu_cache_usage_perc",
        "prometheus.googleapis.com/vertex_vllm_num_requests_waiting",
        "pubsub.googleapis.com/subscription/num_undelivered_messages",
    }
)


class AutoscalingMetricSpec(Spec, frozen=True, kw_only=True):
    """`AutoscalingMetricSpec`: one metric the autoscaler follows."""

    metric_name: Annotated[
        str,
        says(
            "Metric that the autoscaler follows, for example "
            "`prometheus.googleapis.com/vertex_vllm_num_requests_waiting`."
        ),
    ]
    target: Annotated[
        Count | None,
        says(
            "Value of the metric to keep to: percent for utilizations, a number per "
            "replica for counts.",
            default="60",
        ),
    ] = None
    monitored_resource_labels: Annotated[
        dict[str, str] | None,
        says("Labels, by key, that select the monitored resource of the metric."),
    ] = None

    def conflicts(self) -> Iterator[Problem]:
        """Require a metric that Vertex AI's autoscaler knows."""
        if self.metric_name not in _METRICS:
            yield Problem(
                "metricName",
                f"{self.metric_name} is none that replicas can follow (Vertex AI's list): "
                f"{', '.join(sorted(_METRICS))}.",
            )


class ReservationAffinity(Spec, frozen=True, kw_only=True):
    """`ReservationAffinity`: take machines from a Compute Engine reservation."""

    reservation_affinity_type: Annotated[
        str,
        says(
            "Which reservations may be used: none, any that fits, or the one that "
            "`key` and `values` name."
        ),
        one_of("NO_RESERVATION", "ANY_RESERVATION", "SPECIFIC_RESERVATION"),
    ]
    key: Annotated[
        str | None, says("`compute.googleapis.com/reservation-name`, for a specific reservation.")
    ] = None
    values: Annotated[
        list[str] | None,
        says(
            "Full names of the reservations, `projects/{project}/zones/{zone}/reservations/{name}`."
        ),
    ] = None


class MachineSpec(Spec, frozen=True, kw_only=True):
    """`MachineSpec`: the machine each replica runs on.

    `machineType`, `acceleratorType` and `acceleratorCount` come together or not at all: custom
    weights take all three, or leave the choice to Vertex AI. `machineType: auto`, alone, leaves it
    to preflight, which chooses once.
    """

    machine_type: Annotated[
        str | None,
        says(
            "Compute Engine machine type, such as `g2-standard-12`. `auto`, alone, "
            "has preflight choose one that fits, once.",
            default="chosen by the service",
        ),
    ] = None
    accelerator_type: Annotated[
        str | None,
        says(
            "Accelerator of the machine, such as `NVIDIA_L4`. Comes together with "
            "`machineType` and `acceleratorCount`."
        ),
    ] = None
    accelerator_count: Annotated[
        Count | None, says("Accelerators per replica, 1 or more, as many as the machine type has.")
    ] = None
    gpu_partition_size: Annotated[
        str | None,
        says("Slice of a partitioned accelerator (MIG), such as `1g.10gb`; the count is 1 then."),
    ] = None
    tpu_topology: Annotated[str | None, says("Topology of a TPU machine, such as `2x2`.")] = None
    multihost_gpu_node_count: Annotated[
        Count | None,
        says("Machines that form one replica together, 1 or more (v1beta1).", default="1"),
    ] = None
    min_gpu_driver_version: Annotated[
        str | None, says("Least version of the GPU driver (v1beta1).")
    ] = None
    reservation_affinity: Annotated[
        ReservationAffinity | None,
        says("Compute Engine reservation to take machines from; excludes `spot`."),
    ] = None

    def conflicts(self) -> Iterator[Problem]:
        """Require machine type, accelerator type and count together or not at all."""
        three = {
            "machineType": self.machine_type,
            "acceleratorType": self.accelerator_type,
            "acceleratorCount": self.accelerator_count,
        }
        if self.machine_type == AUTO:
            for name in ("acceleratorType", "acceleratorCount"):
                if three[name] is not None:
                    yield Problem(name, "is chosen with machineType auto. Remove it.")
            return
        tpu = (self.machine_type or "").startswith(("ct", "tpu"))
        absent = [name for name, value in three.items() if value is None]
        if absent and len(absent) < len(three) and not tpu:
            given = [name for name in three if name not in absent]
            verb = "is" if len(given) == 1 else "are"
            yield Problem(
                absent[0],
                f"is missing while {' and '.join(given)} {verb} set. Vertex AI takes machine type, "
                f"accelerator type and count together or not at all: set {' and '.join(absent)}, "
                "or remove the machine to let the service choose.",
            )


_LONGEST_FLEX_START = 7 * 86_400


class FlexStart(Spec, frozen=True, kw_only=True):
    """`FlexStart` (v1beta1): queue for capacity, run for a limited time."""

    max_runtime_duration: Annotated[
        Duration, says("How long the machines may run, up to 7 days, for example `604800s`.")
    ]

    def conflicts(self) -> Iterator[Problem]:
        """Hold the runtime to the limit of Vertex AI."""
        if not 0 < seconds(self.max_runtime_duration) <= _LONGEST_FLEX_START:
            yield Problem(
                "maxRuntimeDuration",
                f"{self.max_runtime_duration} is not between 1s and 7 days, 604800s (Vertex AI's "
                "limit): the deployment is removed when it is over.",
            )


_MACHINE = replaces(
    "the machine of a deployed model is fixed when it is deployed", unless="endpoint"
)


class DedicatedResources(Spec, frozen=True, kw_only=True):
    """`DedicatedResources`: machines, how many, and how their number follows the load."""

    machine_spec: Annotated[
        MachineSpec | None,
        says("Machine of each replica.", default="chosen by the service"),
        _MACHINE,
        COMPUTED,
    ] = None
    min_replica_count: Annotated[
        CountOrZero | None,
        says(
            "At least this many replicas; 0 needs `scaleToZeroSpec`. Floor of the cost.",
            default="1",
        ),
        IN_PLACE,
        COMPUTED,
    ] = None
    max_replica_count: Annotated[
        Count | None,
        says(
            "At most this many replicas, 1 or more. Quota is charged for them.",
            default="the minimum",
        ),
        IN_PLACE,
        COMPUTED,
    ] = None
    required_replica_count: Annotated[
        CountOrZero | None,
        says("Ready replicas that end the wait for a deployment.", default="the minimum"),
        IN_PLACE,
        COMPUTED,
    ] = None
    initial_replica_count: Annotated[
        Count | None,
        says(
            "Replicas to start with where the minimum is 0 (v1beta1).",
            default="decided by the service",
        ),
        IN_PLACE,
    ] = None
    scale_to_zero_spec: Annotated[
        ScaleToZeroSpec | None,
        says("When the last replica goes and how long one stays (v1beta1). Needs a minimum of 0."),
        IN_PLACE,
    ] = None
    autoscaling_metric_specs: Annotated[
        list[AutoscalingMetricSpec] | None,
        says(
            "Metrics that the number of replicas follows between minimum and maximum.",
            default="60 percent of the accelerators' time",
        ),
        IN_PLACE,
    ] = None
    spot: Annotated[
        bool | None,
        says(
            "Run on Spot machines, which cost less and may be taken away at any time.",
            default="false",
        ),
        replaces("spot is chosen when the model is deployed", unless="endpoint"),
    ] = None
    flex_start: Annotated[
        FlexStart | None,
        says("Queue for capacity, and give it back after some time (v1beta1)."),
        replaces("flex-start is chosen when the model is deployed", unless="endpoint"),
    ] = None

    def conflicts(self) -> Iterator[Problem]:
        """Compare the counts with each other, and Spot with reservations."""
        low, high = self.min_replica_count, self.max_replica_count
        if low == 0 and self.scale_to_zero_spec is None:
            yield Problem(
                "minReplicaCount",
                "0 needs scaleToZeroSpec (Vertex AI v1beta1). Add it, or set 1 or more.",
            )
        if low is not None and high is not None and low > high:
            yield Problem("maxReplicaCount", f"{high} is below minReplicaCount {low}.")
        if self.initial_replica_count is not None and low != 0:
            yield Problem("initialReplicaCount", "is only taken when minReplicaCount is 0.")
        if self.spot and self.machine_spec and self.machine_spec.reservation_affinity:
            yield Problem(
                "spot", "excludes machineSpec.reservationAffinity. Remove one of the two."
            )
        if self.spot and self.flex_start:
            yield Problem("spot", "excludes flexStart. Remove one of the two.")
        hosts = self.machine_spec.multihost_gpu_node_count if self.machine_spec else None
        if self.scale_to_zero_spec and (hosts or 1) > 1:
            yield Problem(
                "scaleToZeroSpec",
                "excludes machineSpec.multihostGpuNodeCount: what runs on several hosts does not "
                "scale to zero. Remove one of the two.",
            )


class PscAutomationConfig(Spec, frozen=True, kw_only=True):
    """`PscAutomationConfig`: let Google make address and rule in a consumer network."""

    project_id: Annotated[str, says("Consumer project; must be in `projectAllowlist`.")]
    network: Annotated[
        str, says("Consumer network, `projects/{project id}/global/networks/{name}`.")
    ]


class PscAutomation(Outputs, frozen=True, kw_only=True):
    """What Google made of one of `pscAutomationConfigs`."""

    project_id: Annotated[str, says("Consumer project.")]
    network: Annotated[str, says("Consumer network.")]
    state: Annotated[
        str,
        says(
            "`PSC_AUTOMATION_STATE_SUCCESSFUL`, `PSC_AUTOMATION_STATE_FAILED`, or "
            "`PSC_AUTOMATION_STATE_UNSPECIFIED` before."
        ),
    ]
    ip_address: Annotated[str, says("Address that was made in the network; empty before.")]
    forwarding_rule: Annotated[str, says("Rule that was made in the network; empty before.")]
    error_message: Annotated[str, says("Why it failed; empty otherwise.")]


class PrivateServiceConnectConfig(Spec, frozen=True, kw_only=True):
    """`PrivateServiceConnectConfig`: reach the endpoint privately, from listed projects only."""

    enable_private_service_connect: Annotated[
        bool, says("Serve through Private Service Connect only.", default="true")
    ] = True
    project_allowlist: Annotated[
        list[str] | None,
        says(
            "Projects that may connect, your own included; 1 to 10. Cannot be changed afterwards."
        ),
    ] = None
    enable_secure_private_service_connect: Annotated[
        bool | None,
        says("Check IAM permissions on the private path too (v1beta1).", default="false"),
    ] = None
    psc_automation_configs: Annotated[
        list[PscAutomationConfig] | None,
        says("Consumer networks in which Google makes address and forwarding rule."),
    ] = None

    def conflicts(self) -> Iterator[Problem]:
        """Require a closed circle of projects."""
        if not self.enable_private_service_connect:
            return
        allowed = self.project_allowlist or []
        if not allowed:
            yield Problem(
                "projectAllowlist",
                "is empty: nobody could connect, and some clients would silently make the endpoint "
                "public instead. List the projects that may call it (your own included).",
            )
            return
        if len(set(allowed)) > 10:
            yield Problem("projectAllowlist", f"has {len(set(allowed))} projects; the limit is 10.")
        for index, automation in enumerate(self.psc_automation_configs or []):
            if _project(automation.project_id) not in map(_project, allowed):
                yield Problem(
                    f"pscAutomationConfigs[{index}].projectId",
                    f"{automation.project_id} is not in projectAllowlist. Add it there.",
                )


def _project(name: str) -> str:
    return name.removeprefix("projects/")


_ENDPOINT = re.compile(r"projects/[^/]+/locations/[^/]+/endpoints/[^/]+")


def endpoint_name(value: str) -> str:
    """Require the full resource name of an endpoint.

    Raises:
        ValueError: it is something else.
    """
    if not _ENDPOINT.fullmatch(value):
        raise ValueError(
            f"{value!r} is not an endpoint; write projects/PROJECT/locations/LOCATION/endpoints/ID"
        )
    return value


ProjectField = Annotated[
    str,
    Configured("project"),
    says("Google Cloud project that holds the object.", default="the configured `gcp:project`"),
    replaces("an object cannot move to another project"),
]
LocationField = Annotated[
    str,
    Configured("region"),
    says("Region, such as `us-central1`.", default="the configured `gcp:region`"),
    replaces("an object cannot move to another region"),
]
OwnerField = Annotated[
    str | None,
    INTERNAL,
    says("URN of the resource that manages the object; stamped on it as labels."),
    IN_PLACE,
    COMPUTED,
]
_LABEL_KEY = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_LABEL_VALUE = re.compile(r"[a-z0-9_-]{0,63}")
_MOST_LABELS = 58  # of Google's 64; six of ours say whose an object is, and which creation made it


def _labels(labels: dict[str, str]) -> dict[str, str] | None:
    if len(labels) > _MOST_LABELS:
        raise ValueError(
            f"has {len(labels)} entries; the limit is {_MOST_LABELS}, because Google Cloud takes "
            "64 and ownership takes 6"
        )
    if problems := list(_label_problems(labels)):
        raise Wrong(*problems)
    return labels or None  # the API does not tell no labels from an empty map


def _label_problems(labels: dict[str, str]) -> Iterator[Problem]:
    for key, value in labels.items():
        if key.startswith("vcw-"):
            yield Problem(key, "labels that start with vcw- are kept for ownership. Rename it.")
        elif not _LABEL_KEY.fullmatch(key) or not _LABEL_VALUE.fullmatch(value):
            yield Problem(
                key,
                f"{value!r} or its key is not a label: up to 63 lowercase letters, digits, _ and "
                "-, and a key starts with a letter (Google Cloud's rule).",
            )


LabelsField = Annotated[
    dict[str, str] | None,
    says("Labels of your own, at most 58. Labels others put there are left alone."),
    Rule(_labels),
    IN_PLACE,
]
TimeoutsField = Annotated[
    Timeouts | None,
    says("How long to wait for Google; the work goes on when the wait ends."),
    STATE_ONLY,
]


DeletionPolicyField = Annotated[
    str | None,
    says("`delete` removes the object with the resource; `abandon` leaves it.", default="`delete`"),
    one_of("delete", "abandon"),
    STATE_ONLY,
]
PreflightField = Annotated[
    str | None,
    says(
        "What findings about the weights do: stop, only warn, or nothing because nobody looks.",
        default="`enforce`",
    ),
    one_of("enforce", "warn", "off"),
    STATE_ONLY,
]
WeightsChangesField = Annotated[
    str | None,
    says(
        "What new bytes under the same `gcsUri` do. `rollout` deploys them; "
        "`ignore` leaves what is deployed, until something else replaces it.",
        default="`rollout`",
    ),
    one_of("rollout", "ignore"),
    STATE_ONLY,
]
GenerationField = Annotated[
    CountOrZero | None,
    says("Raise it to deploy anew although nothing else changed.", default="0"),
    replaces("a new generation was asked for", unless="endpoint"),
]
