"""What happens to an endpoint as a whole, and what its callers are in for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vertex_custom_weights_provider.report.endpoints import Unit
from vertex_custom_weights_provider.report.model import Callers, Fate
from vertex_custom_weights_provider.report.reading.changes import Explanation
from vertex_custom_weights_provider.report.reading.preview import Action, Resource
from vertex_custom_weights_provider.report.topology import is_private
from vertex_custom_weights_provider.report.wording import sentence

Explanations = Mapping[str, Explanation]
_OF_OWNER = {
    Action.CREATE: Fate.NEW,
    Action.DELETE: Fate.REMOVED,
    Action.REPLACE: Fate.REPLACED,
    Action.IMPORT: Fate.IMPORTED,
}


def fate(unit: Unit, explained: Explanations) -> Fate:
    """Return what happens to an endpoint, the gravest first."""
    if unit.owner and unit.owner.action in _OF_OWNER:
        return _OF_OWNER[unit.owner.action]
    touched = [part for part in unit.parts if part.action is not Action.SAME]
    if _any_replaced((*unit.rules, *unit.addresses)) or _all_replaced(unit.shared):
        return Fate.RECONNECTED
    if any(explained[str(one.urn)].rolls_out for one in unit.deployments):
        return Fate.ROLLED_OUT
    renamed = [part for part in unit.parts if part.renamed_from]
    if renamed and not any(_real(part, explained) for part in touched):
        return Fate.RENAMED
    return Fate.CHANGED if touched else Fate.UNCHANGED


def _real(part: Resource, explained: Explanations) -> bool:
    return part.action is not Action.UPDATE or bool(explained[str(part.urn)].changes)


def callers(unit: Unit) -> Callers:
    """Return what callers are in for."""
    owner = unit.owner.action if unit.owner else Action.SAME
    connected = [rule for rule in unit.rules if rule.old is not None]
    deployed = [one for one in unit.deployments if one.old is not None]
    if owner in (Action.CREATE, Action.IMPORT) or not (deployed or connected or unit.owner):
        return Callers.NONE
    if owner is Action.DELETE or _all_go(deployed, unit.deployments):
        return Callers.LOSE_IT
    if any(rule.action is Action.DELETE for rule in connected):
        return Callers.LOSE_IT
    if owner is Action.REPLACE or _any_replaced((*unit.addresses, *unit.lent)):
        return Callers.FOLLOW
    cut_off = _any_replaced(unit.rules) or _all_replaced(unit.shared)
    return Callers.CUT_OFF if cut_off else Callers.UNAFFECTED


def _all_go(deployed: list[Resource], wanted: tuple[Resource, ...]) -> bool:
    return bool(deployed) and all(one.action is Action.DELETE for one in wanted)


def _any_replaced(resources: tuple[Resource, ...]) -> bool:
    return any(one.action is Action.REPLACE for one in resources)


def _all_replaced(resources: tuple[Resource, ...]) -> bool:
    return bool(resources) and all(one.action is Action.REPLACE for one in resources)


def effects(unit: Unit, explained: Explanations) -> Iterator[str]:
    """Yield what callers notice, in sentences."""
    parts = (*unit.parts, *(unit.shared if _all_replaced(unit.shared) else ()))
    said = [line for part in parts for line in explained[str(part.urn)].effects]
    yield from dict.fromkeys(map(sentence, said))
    what = callers(unit)
    if what is Callers.LOSE_IT:
        gone = ", ".join(dict.fromkeys(_reached_by(unit)))
        yield f"Callers of {gone} get no answer once it is removed."
    elif what is Callers.NONE:
        yield "Nobody calls it yet."
    elif what is Callers.UNAFFECTED and not any(explained[str(p.urn)].rolls_out for p in parts):
        yield "Requests are answered throughout."


def _reached_by(unit: Unit) -> Iterator[str]:
    """Yield the addresses that stop answering."""
    whole = unit.owner is not None and unit.owner.action is Action.DELETE
    going = [rule for rule in unit.rules if whole or rule.action is Action.DELETE]
    found = [rule.old.text("ipAddress") for rule in going if rule.old]
    if not any(found):
        heart = [one for one in (unit.owner, *unit.deployments) if one and one.old]
        found = [one.old.text("dedicatedEndpointDns") for one in heart if one.old]
    if is_private(unit) or not any(found):
        found.append(unit.name)
    yield from filter(None, found)
