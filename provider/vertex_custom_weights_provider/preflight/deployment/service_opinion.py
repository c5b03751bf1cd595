"""G1: what Google says about the folder. Where it answers, it decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

import msgspec

from vertex_custom_weights_provider import catalog, errors
from vertex_custom_weights_provider.preflight import rules
from vertex_custom_weights_provider.preflight.findings import Finding, error, shown, warn

# Takes the folder, returns recommendSpec's answer; None when it may not be asked.
Recommend = Callable[[str], Mapping[str, Any] | None]

_REFUSALS = (errors.InvalidArgument, errors.FailedPrecondition)


class RecommendedMachine(msgspec.Struct, frozen=True):
    """A machine that the service proposes."""

    machine_type: str
    accelerator_type: str | None
    accelerator_count: int | None
    region: str | None = None


class Opinion(msgspec.Struct, frozen=True):
    """The service's answer.

    Attributes:
        base_model: As the service spells it; None when it was not asked or did not say.
        machines: What it proposes, its first choice first.
        refusal: Its words, when it refused the folder.
    """

    base_model: str | None = None
    machines: tuple[RecommendedMachine, ...] = ()
    refusal: str | None = None


def ask(recommend: Recommend | None, uri: str) -> Opinion:
    """Ask the service; not being allowed to is no fault of the weights."""
    if recommend is None:
        return Opinion()
    try:
        answer = recommend(uri)
    except _REFUSALS as refused:
        return Opinion(refusal=refused.message)
    except errors.VcwError:
        return Opinion()
    if answer is None:
        return Opinion()
    base = answer.get("baseModel")
    return Opinion(
        base_model=base if isinstance(base, str) and base else None,
        machines=tuple(_machines(answer)),
    )


def _machines(answer: Mapping[str, Any]) -> Iterator[RecommendedMachine]:
    for key in ("recommendations", "specs"):
        entries = answer.get(key)
        for entry in cast("list[Any]", entries) if isinstance(entries, list) else ():
            outer = _object(entry)
            spec = _object(outer.get("spec")) or outer
            machine = _object(spec.get("machineSpec"))
            if isinstance(machine.get("machineType"), str):
                yield RecommendedMachine(
                    machine_type=machine["machineType"],
                    accelerator_type=machine.get("acceleratorType"),
                    accelerator_count=_count(machine.get("acceleratorCount")),
                    region=outer.get("region"),
                )


def _object(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _count(value: Any) -> int | None:
    return int(value) if type(value) in (int, float) else None


def named(base_model: str) -> set[str]:
    """Return the catalog rows that the service's spelling may mean."""
    spelled = _folded(base_model)
    hits = {
        row.id: len(name)
        for row in catalog.models()
        for name in (_folded(row.id), *(_folded(r.rpartition("/")[2]) for r in row.repositories))
        if name in spelled
    }
    longest = max(hits.values(), default=0)
    return {row for row, length in hits.items() if length == longest}


def _folded(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum())


def check_opinion(opinion: Opinion, rows: Sequence[catalog.Model]) -> Iterator[Finding]:
    """Report a refusal, or that the service sees another model than the shape says."""
    if opinion.refusal is not None:
        yield error(rules.G1, f"The service refuses the folder: {shown(opinion.refusal)}")
    if opinion.base_model is None or not rows:
        return
    theirs, ours = named(opinion.base_model), {row.id for row in rows}
    if theirs and not theirs & ours:
        yield warn(
            rules.G1,
            f"The service takes it for {shown(opinion.base_model)}; by its shape it is "
            f"{rows[0].name}. The service decides.",
        )
