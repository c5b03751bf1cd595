"""What the catalog says about a base model, for the components that are told one."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Optional, cast

from vertex_custom_weights.args import MachineArgs
from vertex_custom_weights_provider import catalog

from .names import Spell

_LISTED = re.compile(r"\{([a-z0-9.-]+)\}")


@dataclass(frozen=True)
class Family:
    """What a component knows of the models it serves.

    Attributes:
        component: Name of the component.
        name: Family in the catalog; None when the component serves all.
        relatives: What to do with models that are near the family and not in the catalog: a
            pattern of their names in lower case, without the repository's owner, and advice. In it
            `{qwen3-}` stands for the names of the catalog's models whose ids begin so.
    """

    component: str
    name: Optional[str]
    relatives: Mapping[str, str]


def of_family(family: Optional[str]) -> tuple[str, ...]:
    """Return the catalog's ids of a family's models; of all families when it is None."""
    return tuple(row.id for row in catalog.models() if family in (None, row.family))


def default_machine(base_model: str) -> Optional[MachineArgs]:
    """Return the machine that the catalog chose for the base model, with all its accelerators.

    None for a model that it does not know.
    """
    try:
        row = catalog.model(base_model)
    except catalog.UnknownModelError:
        return None
    machine = catalog.machine(row.default_machine)
    if machine.accelerator is None:
        return None
    return MachineArgs(
        type=machine.id, accelerator=machine.accelerator, accelerator_count=machine.count
    )


def problems(args: Mapping[str, Any], family: Family, spell: Spell) -> list[str]:
    """Return what is wrong with `base_model`, of the endpoint and of its versions.

    Args:
        args: The arguments of an endpoint, in snake_case.
        family: What the component serves.
        spell: How the user wrote the names.
    """
    found = (
        _problem(weights.get("base_model"), f"{path}{spell('base_model')}", family)
        for path, weights in _all_weights(args, spell)
    )
    return [problem for problem in found if problem]


def _problem(base_model: Any, path: str, family: Family) -> str:
    if base_model is None:
        return ""
    try:
        row = catalog.model(str(base_model))
    except catalog.UnknownModelError:
        return ""  # a warning: Google's lists grow, and the service decides
    if family.name in (None, row.family):
        return ""
    if path.endswith("baseModel"):  # stack configuration, where components are families
        return (
            f"{path}: {row.id} is of family {row.family}, not {family.name}. Set family to "
            f"{row.family}, or to custom, which takes every model."
        )
    return (
        f"{path}: {row.id} is of family {row.family}, which {family.component} does not serve. "
        "Use CustomWeightsEndpoint."
    )


def _advice(base_model: str, family: Family) -> str:
    name = base_model.rpartition("/")[2].lower()
    told = (advice for pattern, advice in family.relatives.items() if re.search(pattern, name))
    said = next((_LISTED.sub(_listed, advice) for advice in told), "")
    return f"{base_model} is not in the catalog. {said}" if said else ""


def _listed(prefix: re.Match[str]) -> str:
    """Return the names of Google's models that the words in braces stand for."""
    names = [row.name for row in catalog.models() if row.id.startswith(prefix[1])]
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def unlisted(args: Mapping[str, Any], family: Family, spell: Spell = str) -> list[str]:
    """Return what to do about models that are on no list of Google's.

    Args:
        args: The arguments of an endpoint, in snake_case.
        family: What the component serves.
        spell: How the user wrote the names.
    """
    found: list[str] = []
    key = spell("base_model")
    for path, weights in _all_weights(args, spell):
        stated = weights.get("base_model")
        try:
            catalog.model(str(stated)) if stated is not None else None
        except catalog.UnknownModelError as error:
            advice = _advice(str(stated), family)
            if advice or not _is_looked_at(args, weights):  # else preflight says it
                found.append(
                    f"{path}{key}: {advice or error} Or leave {key} away: preflight looks at the "
                    "weights, and the service decides."
                )
    return list(dict.fromkeys(found))


def warnings(args: Mapping[str, Any]) -> list[str]:
    """Return what speaks against the machine where preflight does not look.

    Where it looks, it finds this in the weights themselves, beside whatever else it finds.

    Args:
        args: The arguments of an endpoint, which have passed the checks.
    """
    found = (
        _split(weights.get("base_model"), weights.get("machine"))
        for _, weights in _all_weights(args, str)
        if not _is_looked_at(args, weights)
    )
    return [warning for warning in found if warning]


def _is_looked_at(args: Mapping[str, Any], weights: Mapping[str, Any]) -> bool:
    """Tell whether preflight examines weights in the preview."""
    how: Mapping[str, Any] = args.get("deployment") or {}
    return how.get("preflight") != "off" and isinstance(weights.get("weights_uri"), str)


def _split(base_model: Any, machine: Any) -> str:
    """Tell accelerator counts that the attention heads cannot be split over."""
    if base_model is None or not isinstance(machine, dict):
        return ""
    try:
        row = catalog.model(str(base_model))
    except catalog.UnknownModelError:
        return ""
    count = cast("dict[str, Any]", machine).get("accelerator_count")
    if not isinstance(count, int) or count in row.tensor_parallel:
        return ""
    valid = ", ".join(str(size) for size in row.tensor_parallel)
    return (
        f"{row.id} cannot be split over {count} accelerators, because of its {row.shape.heads} "
        f"attention and {row.shape.kv_heads} key-value heads. Use one of these: {valid}."
    )


def _all_weights(args: Mapping[str, Any], spell: Spell) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the endpoint itself and its versions, each with what it takes from the endpoint."""
    versions = args.get("versions")
    if not isinstance(versions, dict):
        yield "", args
        return
    yield "", {"base_model": args.get("base_model"), "weights_uri": ""}
    for name, version in cast("dict[str, Any]", versions).items():
        if isinstance(version, dict):
            path = f"{spell('versions')}.{name}."
            yield path, {"machine": args.get("machine"), **cast("dict[str, Any]", version)}
