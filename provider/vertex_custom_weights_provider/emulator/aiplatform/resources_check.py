"""What aiplatform refuses in `dedicatedResources`, in its words."""

from __future__ import annotations

from vertex_custom_weights_provider.emulator.envelope import Json, refuse

from . import machines

SCALE_TO_ZERO_LIMITS = (300, 28_800)
LONGEST_FLEX_START = 7 * 86_400.0
IDLE_PERIOD = 3600.0
_METRICS = frozenset(
    {
        "aiplatform.googleapis.com/prediction/online/accelerator/duty_cycle",
        "aiplatform.googleapis.com/prediction/online/cpu/utilization",
        "aiplatform.googleapis.com/prediction/online/request_count",
        "prometheus.googleapis.com/vertex_dcgm_fi_dev_gpu_util",
        "prometheus.googleapis.com/vertex_vllm_gpu_cache_usage_perc",
        "prometheus.googleapis.com/vertex_vllm_num_requests_waiting",
        "pubsub.googleapis.com/subscription/num_undelivered_messages",
    }
)


def check(resources: Json) -> None:
    """Refuse a machine spec or replica counts that the service would refuse."""
    spec = resources.get("machineSpec", {})
    if spec:
        machines.check(spec)
    counts(resources)
    if resources.get("spot") and spec.get("reservationAffinity"):
        refuse("INVALID_ARGUMENT", "Spot VMs cannot be used with a reservation affinity.")
    if "flexStart" in resources:
        _flex_start(resources)


def _flex_start(resources: Json) -> None:
    runtime = flex_start_seconds(resources)
    if resources.get("spot"):
        refuse("INVALID_ARGUMENT", "`flex_start` cannot be used with Spot VMs.")
    if not 0 < runtime <= LONGEST_FLEX_START:
        refuse(
            "INVALID_ARGUMENT",
            f"`flex_start.max_runtime_duration` is {runtime:g}s, must be positive and at most 7"
            " days (604800s).",
        )


def flex_start_seconds(resources: Json) -> float:
    """Return how long a deployment of flex-start machines runs; zero for others."""
    return seconds(resources.get("flexStart", {}).get("maxRuntimeDuration", "0s"))


def scales_to_zero(resources: Json) -> bool:
    """Tell whether the last replica goes when nobody asks."""
    return "scaleToZeroSpec" in resources and not int(resources.get("minReplicaCount", 0))


def idle_seconds(resources: Json) -> float:
    """Return after how long without a request the last replica goes."""
    given = resources.get("scaleToZeroSpec", {}).get("idleScaledownPeriod")
    return seconds(given) if given else IDLE_PERIOD


def seconds(duration: str) -> float:
    """Return the length of a duration as the API writes it."""
    return float(duration.removesuffix("s"))


def counts(resources: Json) -> None:
    """Refuse replica counts that contradict each other; an absent count means zero."""
    least = int(resources.get("minReplicaCount", 0))
    most = int(resources.get("maxReplicaCount", 0)) or max(least, 1)
    zero_allowed = "scaleToZeroSpec" in resources
    if least < 0 or (least == 0 and not zero_allowed):
        refuse("INVALID_ARGUMENT", "`min_replica_count` must be at least 1.")
    if most < least:
        refuse(
            "INVALID_ARGUMENT",
            f"`max_replica_count` {most} must not be less than `min_replica_count` {least}.",
        )
    if int(resources.get("requiredReplicaCount", 0)) > most:
        refuse("INVALID_ARGUMENT", "`required_replica_count` must not exceed `max_replica_count`.")
    for metric in resources.get("autoscalingMetricSpecs", []):
        if metric.get("metricName") not in _METRICS:
            refuse("INVALID_ARGUMENT", f"Unsupported metric name: {metric.get('metricName')!r}.")
    if zero_allowed:
        _scale_to_zero(resources, least, most)


def _scale_to_zero(resources: Json, least: int, most: int) -> None:
    if int(resources.get("machineSpec", {}).get("multihostGpuNodeCount", 0)) > 1:
        refuse("INVALID_ARGUMENT", "Scale to zero is not supported for multi-host deployments.")
    initial = int(resources.get("initialReplicaCount", 0))
    if initial and (least != 0 or initial > most):
        refuse("INVALID_ARGUMENT", "`initial_replica_count` needs min 0 and must be in 1..max.")
    low, high = SCALE_TO_ZERO_LIMITS
    for field, value in resources["scaleToZeroSpec"].items():
        length = seconds(value)
        if not low <= length <= high:
            refuse(
                "INVALID_ARGUMENT",
                f"`{field}` is {length:g}s, must be between {low}s and {high}s.",
            )


def normalised(resources: Json) -> Json:
    """Return what is stored: the maximum defaults to the minimum, zero counts are left out."""
    least = int(resources.get("minReplicaCount", 0))
    most = int(resources.get("maxReplicaCount", 0)) or max(least, 1)
    stored = {**resources, "minReplicaCount": least, "maxReplicaCount": most}
    return {key: value for key, value in stored.items() if value not in (0, False, "", {}, [])}


def first_replicas(resources: Json) -> tuple[int, int]:
    """Return how many replicas a deployment needs to be done, and how many it then goes on to."""
    least = int(resources.get("minReplicaCount", 0))
    target = int(resources.get("initialReplicaCount", 0)) or max(least, 1)
    return min(int(resources.get("requiredReplicaCount", 0)) or target, target), target
