"""What aiplatform refuses in `dedicatedResources`, in its words."""

from __future__ import annotations

from vertex_custom_weights_provider.emulator.envelope import Json, refuse

from . import machines

SCALE_TO_ZERO_LIMITS = (300, 28_800)


def check(resources: Json) -> None:
    """Refuse a machine spec or replica counts that the service would refuse."""
    spec = resources.get("machineSpec", {})
    if spec:
        machines.check(spec)
    counts(resources)
    if resources.get("spot") and spec.get("reservationAffinity"):
        refuse("INVALID_ARGUMENT", "Spot VMs cannot be used with a reservation affinity.")


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
    if zero_allowed:
        _scale_to_zero(resources, least, most)


def _scale_to_zero(resources: Json, least: int, most: int) -> None:
    initial = int(resources.get("initialReplicaCount", 0))
    if initial and (least != 0 or initial > most):
        refuse("INVALID_ARGUMENT", "`initial_replica_count` needs min 0 and must be in 1..max.")
    low, high = SCALE_TO_ZERO_LIMITS
    for field, value in resources["scaleToZeroSpec"].items():
        seconds = float(str(value).removesuffix("s"))
        if not low <= seconds <= high:
            refuse(
                "INVALID_ARGUMENT",
                f"`{field}` is {seconds:g}s, must be between {low}s and {high}s.",
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
