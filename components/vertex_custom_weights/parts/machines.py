"""Machines, from a consumer's words to `dedicatedResources` of the API."""

from collections.abc import Mapping
from typing import Any, Optional

import pulumi

from .replicas import scaling

_SPOT = "spot"
_SPEC = {
    "type": "machine_type",
    "accelerator": "accelerator_type",
    "accelerator_count": "accelerator_count",
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
    spec = {_SPEC.get(key, key): value for key, value in machine.items() if key != _SPOT}
    return {"machine_spec": spec, **({_SPOT: machine[_SPOT]} if _SPOT in machine else {})}
