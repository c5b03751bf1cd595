"""Which share of an endpoint's requests each deployment gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vertex_custom_weights_provider.report.endpoints import Unit, called
from vertex_custom_weights_provider.report.reading.preview import Action, Resource, bag, items, text


@dataclass(frozen=True)
class _Share:
    """An entry of a split: id of the deployment, empty when not known yet, and its name."""

    id: str
    name: str
    percent: int


def shares(unit: Unit) -> Mapping[str, int]:
    """Return percent by URN of the deployment, as far as a preview can tell.

    Ids that are not known yet are matched by name, or when only one way to match them is left.
    """
    there = [one for one in unit.deployments if one.action is not Action.DELETE]
    entries = _entries(unit)
    if not entries:
        return {str(there[0].urn): 100} if len(there) == 1 else {}
    found: dict[str, int] = {}
    for deployment in there:
        share = next((entry for entry in entries if _means(entry, deployment)), None)
        if share is not None:
            found[str(deployment.urn)] = share.percent
            entries.remove(share)
    rest = [one for one in there if str(one.urn) not in found]
    percents = {entry.percent for entry in entries}
    if len(rest) == len(entries) and len(percents) == 1:
        found |= dict.fromkeys((str(one.urn) for one in rest), percents.pop())
    return found


def undecided(unit: Unit) -> tuple[int, ...]:
    """Return shares of which a preview cannot tell whose they are."""
    entries = [entry.percent for entry in _entries(unit)]
    return () if len(shares(unit)) == len(entries) else tuple(sorted(entries, reverse=True))


def _means(share: _Share, deployment: Resource) -> bool:
    if share.id:
        return share.id == deployment.state.text("deployedModelId")
    name = called(deployment)
    return bool(share.name) and (name == share.name or name.endswith(f"-{share.name}"))


def _entries(unit: Unit) -> list[_Share]:
    entries = [
        bag(entry)
        for split in unit.splits
        if split.action is not Action.DELETE
        for entry in items(split.state.inputs.get("traffic"))
    ]
    return [
        _Share(text(entry.get("deployedModelId")), text(entry.get("name")), int(percent))
        for entry in entries
        if isinstance(percent := entry.get("percent"), int | float)
    ]
