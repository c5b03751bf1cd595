"""Machines, from a consumer's words to `dedicatedResources` of the API."""

from collections.abc import Mapping
from typing import Any, Optional

import pulumi

from .replicas import scaling

_SPEC = {
    "type": "machine_type",
    "accelerator": "accelerator_type",
    "partition_size": "gpu_partition_size",
    "hosts": "multihost_gpu_node_count",
}
_ANY, _NONE = "any", "none"
_RESERVATIONS = {
    _ANY: {"reservation_affinity_type": "ANY_RESERVATION"},
    _NONE: {"reservation_affinity_type": "NO_RESERVATION"},
}


def dedicated_resources(machine: Any, replicas: Any) -> Optional[pulumi.Output[Any]]:
    """Return `dedicated_resources`, or None when everything is left to Vertex AI.

    Args:
        machine: `MachineArgs`, perhaps with outputs in it, or None.
        replicas: `ReplicasArgs`, perhaps with outputs in it, or None.
    """
    if machine is None and replicas is None:
        return None
    return pulumi.Output.all(machine=machine, replicas=replicas).apply(_resources)


def _resources(known: Mapping[str, Any]) -> dict[str, Any]:
    machine, replicas = known["machine"], known["replicas"]
    spec = {} if machine is None else _machine(machine)
    return {**spec, **({} if replicas is None else scaling(replicas))}


def _machine(machine: Mapping[str, Any]) -> dict[str, Any]:
    """Rename to the API's words, passing on what is there: the provider says what is missing."""
    spec, beside = dict(machine), dict[str, Any]()
    if "spot" in spec:
        beside["spot"] = spec.pop("spot")
    if "flex_start" in spec:
        beside["flex_start"] = {"max_runtime_duration": spec.pop("flex_start")}
    if "reservation" in spec:
        spec["reservation_affinity"] = _reservation(spec.pop("reservation"))
    renamed = {_SPEC.get(key, key): value for key, value in spec.items()}
    return {"machine_spec": renamed, **beside}


def _reservation(named: Any) -> dict[str, Any]:
    return _RESERVATIONS.get(named) or {
        "reservation_affinity_type": "SPECIFIC_RESERVATION",
        "key": "compute.googleapis.com/reservation-name",
        "values": [named],
    }
