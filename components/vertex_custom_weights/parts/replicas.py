"""Replicas: fixed, following the load, or down to none; in a consumer's words and the API's."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from vertex_custom_weights.checks.names import Spell

METRICS: Mapping[str, str] = {
    "accelerator_utilization": "aiplatform.googleapis.com/prediction/online/accelerator/duty_cycle",
    "cpu_utilization": "aiplatform.googleapis.com/prediction/online/cpu/utilization",
    "requests_per_minute": "aiplatform.googleapis.com/prediction/online/request_count",
    "waiting_requests": "prometheus.googleapis.com/vertex_vllm_num_requests_waiting",
    "cache_utilization": "prometheus.googleapis.com/vertex_vllm_gpu_cache_usage_perc",
    "gpu_utilization": "prometheus.googleapis.com/vertex_dcgm_fi_dev_gpu_util",
}
"""Metric of each key of `replicas.targets`."""

DEFAULT_IDLE_PERIOD = "1h"
# Targets that count requests; all others are percentages.
_COUNTS = ("requests_per_minute", "waiting_requests")
_OF_ZERO = ("idle_period", "min_uptime", "initial")


def problems(replicas: Any, path: str, spell: Spell) -> Iterator[str]:
    """Yield what contradicts itself in `replicas`, as far as its values are known.

    Args:
        replicas: `ReplicasArgs`, perhaps with outputs in it, or None.
        path: Where the user wrote them.
        spell: How the user wrote the names.
    """
    if not isinstance(replicas, dict):
        return
    given = cast("dict[str, Any]", replicas)
    least, most = given.get("min", 1), given.get("max")
    if not isinstance(least, int):
        return
    if least > 0:
        for key in _OF_ZERO:
            if key in given:
                yield f"{path}.{spell(key)} needs {path}.min: 0, which lets the last replica go."
    yield from _beyond(given.get("targets"), path, spell)
    highest = max(least, 1) if most is None else most
    if not isinstance(highest, int):
        return
    if highest < max(least, 1):
        yield f"{path}.max: {highest} is below {path}.min: {least}. Raise it, or lower min."
    elif given.get("targets") is not None and highest == least:
        yield (
            f"{path}.targets: there are always {least} replicas, so nothing follows them. "
            f"Set {path}.max above {least}, or remove the targets."
        )


def _beyond(targets: Any, path: str, spell: Spell) -> Iterator[str]:
    """Yield the targets that are no share, or nothing that could be waited for."""
    for key, target in (
        cast("dict[str, Any]", targets) if isinstance(targets, dict) else {}
    ).items():
        most = None if key in _COUNTS else 100
        if isinstance(target, int) and not (target >= 1 and (most is None or target <= most)):
            limits = "a whole number of at least 1" if most is None else "percent, 1 to 100"
            yield f"{path}.targets.{spell(key)}: {target} is out of range. It is {limits}."


def sleeps(replicas: Any) -> bool:
    """Tell whether the last replica goes when nobody asks, as far as that is known."""
    return isinstance(replicas, dict) and cast("dict[str, Any]", replicas).get("min") == 0


def scaling(replicas: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `dedicated_resources` holds for these replicas; every value is known."""
    least = replicas.get("min", 1)
    # What is no number goes on to the provider, which says so by its property.
    most = max(least, 1) if isinstance(least, (int, float)) else None
    found: dict[str, Any] = {
        "min_replica_count": least,
        "max_replica_count": replicas.get("max", most),
    }
    targets = cast("Mapping[str, Any]", replicas.get("targets") or {})
    if targets:
        # In the table's order: the user's is none, and another order would be a change.
        found["autoscaling_metric_specs"] = [
            {"metric_name": metric, "target": targets[key]}
            for key, metric in METRICS.items()
            if key in targets
        ]
    if least == 0:
        found["scale_to_zero_spec"] = _to_zero(replicas)
        if "initial" in replicas:
            found["initial_replica_count"] = replicas["initial"]
    return found


def _to_zero(replicas: Mapping[str, Any]) -> dict[str, Any]:
    idle = {"idle_scaledown_period": replicas.get("idle_period", DEFAULT_IDLE_PERIOD)}
    if "min_uptime" in replicas:
        return {**idle, "min_scaleup_period": replicas["min_uptime"]}
    return idle
