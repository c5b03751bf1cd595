"""What the catalog says about a base model, for the components that are told one."""

from collections.abc import Mapping
from typing import Any, Optional, cast

from vertex_custom_weights_provider import catalog

from .args import MachineArgs
from .shapes import Spell


def of_family(family: Optional[str]) -> tuple[str, ...]:
    """Return the catalog's ids of a family's models; of all families when it is None."""
    return tuple(row.id for row in catalog.models() if family in (None, row.family))


def default_machine(base_model: Optional[str]) -> Optional[MachineArgs]:
    """Return the machine that the catalog chose for the base model, with all its accelerators."""
    if base_model is None:
        return None
    machine = catalog.machine(catalog.model(base_model).default_machine)
    if machine.accelerator is None:
        return None
    return MachineArgs(
        type=machine.id, accelerator=machine.accelerator, accelerator_count=machine.count
    )


def problems(
    args: Mapping[str, Any], family: Optional[str], component: str, spell: Spell
) -> list[str]:
    """Return what is wrong with `base_model`, and with the rest given that it is right.

    Args:
        args: The arguments of an endpoint, in snake_case.
        family: Family that the component serves; None when it serves all.
        component: Name of the component.
        spell: How the user wrote the names.
    """
    base_model = args.get("base_model")
    if base_model is None:
        return []
    try:
        row = catalog.model(str(base_model))
    except catalog.UnknownModelError as error:
        return [f"{spell('base_model')}: {error}"]
    if family not in (None, row.family):
        return [
            f"{spell('base_model')}: {row.id} is of family {row.family}, "
            f"which {component} does not serve. Use CustomWeightsEndpoint."
        ]
    return _split(args.get("machine"), row, spell)


def _split(machine: Any, row: catalog.Model, spell: Spell) -> list[str]:
    """Refuse accelerator counts that the attention heads cannot be split over.

    The provider finds this in the weights as well. Here it needs neither weights nor a bucket.
    """
    if not isinstance(machine, dict):
        return []
    count = cast("dict[str, Any]", machine).get("accelerator_count")
    if not isinstance(count, int) or count in row.tensor_parallel:
        return []
    valid = ", ".join(str(size) for size in row.tensor_parallel)
    return [
        f"{spell('machine')}.{spell('accelerator_count')}: {row.id} cannot be split over {count} "
        f"accelerators, because of its {row.shape.heads} attention and {row.shape.kv_heads} "
        f"key-value heads. Use one of these: {valid}."
    ]
