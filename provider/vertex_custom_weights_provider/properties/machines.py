"""Machines of a deployment, how many, and how their number follows the load."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from vertex_custom_weights_provider.properties.base import (
    COMPUTED,
    IN_PLACE,
    Problem,
    Spec,
    one_of,
    replaces,
    says,
)
from vertex_custom_weights_provider.properties.chosen_once import AUTO
from vertex_custom_weights_provider.properties.durations import Duration, seconds
from vertex_custom_weights_provider.properties.values import Count, CountOrZero


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
