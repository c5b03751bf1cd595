"""Why a resource changes as it does, and what that means for those who call the endpoint.

The provider's own functions are asked once more, over what the preview shows: the property table
says which change asks for what, and the resource's lifecycle what callers notice. The engine's word
on what is replaced is final, because people may ask for replacements too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from vertex_custom_weights_provider import tokens
from vertex_custom_weights_provider.adapter import words
from vertex_custom_weights_provider.lifecycle.lifecycles import lifecycle_of
from vertex_custom_weights_provider.report.reading.preview import (
    UNKNOWN,
    Action,
    Bag,
    Preview,
    Resource,
    State,
    bag,
)
from vertex_custom_weights_provider.settings import NAMESPACE

if TYPE_CHECKING:
    from vertex_custom_weights_provider.lifecycle.contract import Lifecycle
    from vertex_custom_weights_provider.lifecycle.diff import Diff, PropertyChange
    from vertex_custom_weights_provider.lifecycle.explanation import Explanation as _Explained
    from vertex_custom_weights_provider.lifecycle.lines import Line

# Environment variables and arguments of a container may hold what nobody should read.
_PRIVATE = ("containerSpec",)
_CHOSEN = ("weightsFingerprint",)  # a digest tells nobody anything
_OWNER = "owner"  # who a resource belongs to follows from its name
_LONG = 160
_NAME = re.compile(r"projects/|https://")
_BY_HAND = "no input asks for it: --replace, --target-replace or an option of the resource does"
_EFFECTS = ("callers", "in-place", "ownership", "replicas", "resumes", "smokeTest", "traffic")


@dataclass(frozen=True)
class Change:
    """One property that changes.

    Attributes:
        path: camelCase path.
        old: What it is, fit for people; empty when absent or not for showing.
        new: What it will be.
        renews: Something new is made for it: a replacement, or a rollout in place.
        reason: Why it cannot change otherwise; empty when it can.
        initial: It is not a change, but what something new is made with.
    """

    path: str
    old: str = ""
    new: str = ""
    renews: bool = False
    reason: str = ""
    initial: bool = False


@dataclass(frozen=True)
class Explanation:
    """What changes of a resource, and why.

    Attributes:
        changes: The properties, those that renew it first.
        effects: What callers notice, in sentences.
        rolls_out: A new deployment takes the place of the old one on the same endpoint.
        said: Ids of the provider's lines that say the same.
    """

    changes: tuple[Change, ...] = ()
    effects: tuple[str, ...] = ()
    rolls_out: bool = False
    said: frozenset[str] = frozenset()


def explain(resource: Resource, preview: Preview) -> Explanation:
    """Explain what happens to one of our resources."""
    return _in_words(_explained(resource, preview), resource, preview)


def _in_words(found: Explanation, resource: Resource, preview: Preview) -> Explanation:
    """Call properties as the person who declared the resource calls them."""
    said = words.of(
        str(resource.urn),
        preview.config.get(f"{NAMESPACE}:endpoints"),
        plugin=any(key.startswith(f"{tokens.PACKAGE}:") for key in preview.config),
    )
    changes = [
        replace(change, path=said.path(change.path), reason=said.text(change.reason))
        for change in found.changes
    ]
    return replace(found, changes=tuple(changes), effects=tuple(map(said.text, found.effects)))


def _explained(resource: Resource, preview: Preview) -> Explanation:
    name = tokens.resource_type(resource.urn.type)
    if name is not None and resource.action is Action.CREATE and resource.new is not None:
        return Explanation(changes=tuple(_initial(resource.new.inputs)))
    if name is None or resource.old is None or resource.new is None:
        return Explanation()
    if resource.action not in (Action.UPDATE, Action.REPLACE):
        return Explanation()
    return _compared(lifecycle_of(name), resource, preview)


def _compared(lifecycle: Lifecycle[Any], resource: Resource, preview: Preview) -> Explanation:
    from vertex_custom_weights_provider.lifecycle.explanation import explain as explained

    was, new = resource.old or State(""), (resource.new or State("")).inputs
    old = was.outputs or was.inputs
    replaced = resource.action is Action.REPLACE

    def explained_with(*also: PropertyChange) -> _Explained:
        return explained(lifecycle, old, new, lambda value: value == UNKNOWN, also=also)

    found = explained_with()
    if replaced and not found.diff.replacing:
        found = explained_with(*_asked_for(resource, preview, old))
    effects = _as_provider_says(found.effects, resource, preview)
    return Explanation(
        changes=tuple(_shown(found.diff)),
        effects=tuple(_if_so(resource, line) for line in effects),
        rolls_out=bool(found.diff.rolling_out) and not replaced,
        said=frozenset((*(line.id for line in found.lines), *_EFFECTS)),
    )


def _as_provider_says(
    effects: Iterable[Line], resource: Resource, preview: Preview
) -> tuple[str, ...]:
    """Return the sentences, in the provider's own words where it has spoken: it knows more."""
    own = {line.id: line.text for line in effects}
    urn = str(resource.urn)
    told = {line.id: line.text for line in preview.lines if line.urn == urn}
    heard = {id_: text for id_, text in told.items() if id_ in _EFFECTS}
    return tuple({**own, **heard}.values())


def _asked_for(resource: Resource, preview: Preview, old: Bag) -> Iterator[PropertyChange]:
    """Yield why the engine replaces what no property asks to replace.

    What depends on something that is deleted before its replacement comes goes with it; the engine
    says so of neither. What is left is that a person wanted it, which it does not say either.
    """
    from vertex_custom_weights_provider.lifecycle.diff import PropertyChange
    from vertex_custom_weights_provider.properties.base import replaces, replaces_first

    others = {str(other.urn): other for other in preview.resources}
    depends = (resource.new or State("")).depends
    going = [
        (key, others[urn].urn.name)
        for key, urns in depends.items()
        for urn in urns
        if urn in others and others[urn].action is Action.REPLACE and not key.startswith("__")
    ]
    for key, name in dict.fromkeys(going):
        reason = replaces_first(f"its {key} {name} is replaced")
        yield PropertyChange(key, "UPDATE", reason, old.get(key), UNKNOWN)
    if not going:
        named = [path for path in resource.replaced_by if path != "id"]
        reason = f"because of {', '.join(named)}" if named else _BY_HAND
        yield PropertyChange("", "UPDATE", replaces(reason), None, None)


def _if_so(resource: Resource, line: str) -> str:
    """Say of what may not come about what it depends on."""
    if not resource.unsure:
        return line
    what = " or ".join(resource.replaced_by)
    name = resource.urn.name
    return f"if the {what} of {name} changes, which only the update can tell, {line}"


def _shown(diff: Diff) -> list[Change]:
    """Return what a reader should see, causes first."""
    shown = [_change(change) for change in diff.reasons]
    shown += [
        _change(change) for change in diff.changes if not change.renews and change.path != _OWNER
    ]
    return shown


def _initial(inputs: Bag, prefix: str = "") -> Iterator[Change]:
    """Yield what something new is made with, leaf by leaf."""
    for key, value in inputs.items():
        path = f"{prefix}{key}"
        if key.startswith(("__", _OWNER)) or path.startswith(_PRIVATE) or key in _CHOSEN:
            continue
        if isinstance(value, Mapping):
            yield from _initial(bag(value), f"{path}.")
        elif shown := _value(value):
            yield Change(path, new=shown, initial=True)


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
