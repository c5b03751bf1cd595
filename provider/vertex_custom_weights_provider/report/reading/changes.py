"""Why a resource changes as it does, and what that means for those who call the endpoint.

The provider's own functions are asked once more, over what the preview shows: the property table
says which change asks for what, and the resource's lifecycle what callers notice. The engine's word
on what is replaced is final, because people may ask for replacements too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from vertex_custom_weights_provider.adapter import registry
from vertex_custom_weights_provider.lifecycle.lifecycles import lifecycle_of
from vertex_custom_weights_provider.report.reading.preview import UNKNOWN, Action, Resource, State

if TYPE_CHECKING:
    from vertex_custom_weights_provider.lifecycle.contract import Lifecycle
    from vertex_custom_weights_provider.lifecycle.diff import Diff, PropertyChange

# Environment variables and arguments of a container may hold what nobody should read.
_PRIVATE = ("containerSpec",)
_OWNER = "owner"  # who a resource belongs to follows from its name
_LONG = 160
_NAME = re.compile(r"projects/|https://")
_ASKED_FOR = "asked for with --replace or --target-replace"


@dataclass(frozen=True)
class Change:
    """One property that changes.

    Attributes:
        path: camelCase path.
        old: What it is, fit for people; empty when absent or not for showing.
        new: What it will be.
        renews: Something new is made for it: a replacement, or a rollout in place.
        reason: Why it cannot change otherwise; empty when it can.
    """

    path: str
    old: str = ""
    new: str = ""
    renews: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Explanation:
    """What changes of a resource, and why.

    Attributes:
        changes: The properties, those that renew it first.
        effects: What callers notice, in sentences.
        rolls_out: A new deployment takes the place of the old one on the same endpoint.
        told: The provider's lines that say the same, word for word.
    """

    changes: tuple[Change, ...] = ()
    effects: tuple[str, ...] = ()
    rolls_out: bool = False
    told: frozenset[str] = frozenset()


def explain(resource: Resource) -> Explanation:
    """Explain what happens to one of our resources."""
    name = registry.type_of(resource.urn.type)
    if name is None or resource.old is None or resource.new is None:
        return Explanation()
    if resource.action not in (Action.UPDATE, Action.REPLACE):
        return Explanation()
    return _compared(lifecycle_of(name), resource)


def _compared(lifecycle: Lifecycle[Any], resource: Resource) -> Explanation:
    from vertex_custom_weights_provider.lifecycle.diff import Diff, compare
    from vertex_custom_weights_provider.lifecycle.identity import lost_mark

    was, new = resource.old or State(""), (resource.new or State("")).inputs
    old = was.outputs or was.inputs
    outputs = {name: old[name] for name in lifecycle.model.outputs if old.get(name) is not None}
    ailing = lifecycle.ailing(outputs)
    ill = (*([ailing] if ailing else []), *lost_mark.changes(outputs))
    found = compare(lifecycle.model, old, new, lambda value: value == UNKNOWN).changes
    diff = Diff((*found, *ill))
    lines = (*lost_mark.explain(outputs), *lifecycle.explain(diff, outputs))
    replaced = resource.action is Action.REPLACE
    return Explanation(
        changes=tuple(_shown(diff, resource)),
        effects=tuple(_if_so(resource, line) for line in lines),
        rolls_out=bool(diff.rolling_out) and not replaced,
        told=frozenset((*lines, *map(_told, diff.renewing))),
    )


def _if_so(resource: Resource, line: str) -> str:
    """Say of what may not come about what it depends on."""
    if not resource.unsure:
        return line
    what = " or ".join(resource.replaced_by)
    name = resource.urn.name
    return f"if the {what} of {name} changes, which only the update can tell, {line}"


def _shown(diff: Diff, resource: Resource) -> list[Change]:
    """Return what a reader should see, causes first."""
    shown = [_change(change) for change in diff.reasons]
    shown += [
        _change(change) for change in diff.changes if not change.renews and change.path != _OWNER
    ]
    if resource.action is Action.REPLACE and not diff.replacing:
        asked = resource.replaced_by in ((), ("id",))
        reason = _ASKED_FOR if asked else f"because of {', '.join(resource.replaced_by)}"
        shown.insert(0, Change("", renews=True, reason=reason))
    return shown


def _change(change: PropertyChange) -> Change:
    # Digests and chosen ids tell nobody anything.
    silent = bool(change.mutability.follows) or change.path.startswith(_PRIVATE)
    return Change(
        path=change.path,
        old="" if silent else _value(change.old),
        new="" if silent else _value(change.new),
        renews=change.renews,
        reason=change.mutability.reason if change.renews else "",
    )


def _told(change: PropertyChange) -> str:
    """Return the provider's line, which did not show what was not known."""
    return (msgspec.structs.replace(change, new=None) if change.new == UNKNOWN else change).told()


def _value(value: Any) -> str:
    """Return a value for people; what has parts is not shown."""
    if value == UNKNOWN:
        return "known after the update"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, str | int | float):
        shown = str(value).rsplit("/", 1)[-1] if _NAME.match(str(value)) else str(value)
        return shown if len(shown) <= _LONG else f"{shown[:_LONG]}…"
    if isinstance(value, list) and all(isinstance(item, str) for item in value):  # pyright: ignore[reportUnknownVariableType]
        return _value(", ".join(value))  # pyright: ignore[reportUnknownArgumentType]
    return ""
