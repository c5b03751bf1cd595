"""What a change of inputs means: decided by the property table, answered with reasons.

The answer is always yes or no. An id is never compared to decide a replacement; ids that `check`
carried over are equal by construction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

import msgspec
from msgspec.structs import replace

from vertex_custom_weights_provider.properties.base import (
    ANYTHING,
    IN_PLACE,
    Change,
    Mutability,
    Spec,
)
from vertex_custom_weights_provider.properties.table import properties

Json = Mapping[str, Any]
_REPLACING = (Change.REPLACE, Change.REPLACE_FIRST)


class PropertyChange(msgspec.Struct, frozen=True):
    """One property that changed.

    Attributes:
        path: camelCase path, such as `dedicatedResources.minReplicaCount`.
        kind: `ADD`, `DELETE` or `UPDATE`.
        mutability: What the table says about it.
        old: Value before, None when absent.
        new: Value after, None when absent.
    """

    path: str
    kind: str
    mutability: Mutability
    old: Any
    new: Any

    @property
    def replaces(self) -> bool:
        """Whether this change makes a new object."""
        return self.mutability.change in _REPLACING

    @property
    def renews(self) -> bool:
        """Whether something new is made, be it a new object or a rollout in place."""
        return self.replaces or bool(self.mutability.unless)

    def told(self) -> str:
        """Return the line that says in a preview why something new is made.

        It shows no value: any may be a secret, which the engine hides and does not tell us of.
        """
        what = "replaced" if self.replaces else "rolled out"
        return f"{what} because of {self.path}: {self.mutability.reason}"


class Diff(msgspec.Struct, frozen=True):
    """All changes of one resource."""

    changes: tuple[PropertyChange, ...]

    @property
    def replacing(self) -> tuple[PropertyChange, ...]:
        """The changes that force a replacement."""
        return tuple(change for change in self.changes if change.replaces)

    @property
    def rolling_out(self) -> tuple[PropertyChange, ...]:
        """The changes that are rolled out in place."""
        return tuple(change for change in self.changes if change.renews and not change.replaces)

    @property
    def renewing(self) -> tuple[PropertyChange, ...]:
        """The changes for which something new is made."""
        return tuple(change for change in self.changes if change.renews)

    @property
    def reasons(self) -> tuple[PropertyChange, ...]:
        """The changes for which something new is made, without those that follow from others."""
        causes = {c.path or "-" for c in self.renewing if c.mutability.follows != ANYTHING}

        def is_cause(change: PropertyChange) -> bool:
            follows = change.mutability.follows
            return follows not in causes and not (follows == ANYTHING and causes)

        return tuple(change for change in self.renewing if is_cause(change))

    @property
    def old_goes_first(self) -> bool:
        """Whether the old object must be deleted before the new one is made."""
        return any(c.mutability.change is Change.REPLACE_FIRST for c in self.replacing)

    def touches(self, *paths: str) -> bool:
        """Tell whether a property at or below one of `paths` changed."""
        return any(
            change.path == path or change.path.startswith((f"{path}.", f"{path}["))
            for change in self.changes
            for path in paths
        )


def compare(
    model: type[Spec],
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    is_unknown: Callable[[Any], bool] = lambda _: False,
) -> Diff:
    """Compare wire inputs under the table of `model`.

    An unknown new value counts as a change: it may turn out to be one, and a preview that hides
    a replacement would be worse than one that announces a needless one.
    """
    held = frozenset(key for key in old if old[key] is not None and new.get(key) is not None)
    walked = _walk(model, old, new, IN_PLACE, "", is_unknown)
    return Diff(tuple(_settled(change, held) for change in walked))


def _settled(change: PropertyChange, held: frozenset[str]) -> PropertyChange:
    """Turn a replacement into a rollout where the property that allows it is set throughout."""
    mutability = change.mutability
    if not mutability.unless:
        return change
    if mutability.unless in held:
        return replace(change, mutability=replace(mutability, change=Change.UPDATE))
    return replace(change, mutability=replace(mutability, unless=""))


def _walk(
    model: type[Spec],
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    inherited: Mutability,
    prefix: str,
    is_unknown: Callable[[Any], bool],
) -> Iterator[PropertyChange]:
    for row in properties(model):
        before, after = old.get(row.wire), new.get(row.wire)
        if after is None and row.computed:
            continue
        if _equal(before, after):
            continue
        mutability = row.mutability or inherited
        if mutability.change is Change.NOTHING:
            continue
        if before is None and _is_free(mutability, after, old):
            continue
        path = f"{prefix}{row.wire}"
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            was, now = cast("Json", before), cast("Json", after)
            if row.block:
                yield from _walk(row.block, was, now, mutability, f"{path}.", is_unknown)
            else:
                yield from _entries(was, now, mutability, path)
        elif is_unknown(after) or before is not None or after is not None:
            yield PropertyChange(path, _kind(before, after), mutability, before, after)


def _is_free(mutability: Mutability, first: Any, old: Json) -> bool:
    """Tell whether a first value changes nothing: it was learnt, or is what the service chose."""
    chosen = old.get(mutability.chosen_as) if mutability.chosen_as else None
    return mutability.first_value_is_free or (chosen is not None and chosen == first)


def _entries(
    old: Mapping[str, Any], new: Mapping[str, Any], mutability: Mutability, path: str
) -> Iterator[PropertyChange]:
    for key in sorted({*old, *new}):
        before, after = old.get(key), new.get(key)
        if not _equal(before, after):
            yield PropertyChange(f"{path}.{key}", _kind(before, after), mutability, before, after)


def _equal(before: Any, after: Any) -> bool:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return _set(cast("Json", before)) == _set(cast("Json", after))
    return bool(before == after)


def _set(mapping: Json) -> dict[str, Any]:
    return {key: value for key, value in mapping.items() if value is not None}


def _kind(before: Any, after: Any) -> str:
    if before is None:
        return "ADD"
    return "DELETE" if after is None else "UPDATE"


def without_service_defaults(live: Any, program: Any) -> Any:
    """Return what is live, without what the service chose where the program left the choice.

    The API leaves default values out: one that the program spells out counts as live.

    Args:
        live: A value as the service shows it.
        program: The same value as the program wrote it.
    """
    if isinstance(live, Mapping) and isinstance(program, Mapping):
        there, written = cast("Mapping[str, Any]", live), cast("Mapping[str, Any]", program)
        return {
            key: without_service_defaults(there[key], ours) if key in there else ours
            for key, ours in written.items()
            if key in there or is_default(ours)
        }
    if isinstance(live, list) and isinstance(program, list):
        items, ours = cast("list[Any]", live), cast("list[Any]", program)
        if len(items) == len(ours):
            return [
                without_service_defaults(item, our) for item, our in zip(items, ours, strict=True)
            ]
        return items
    return cast("Any", live)


def is_default(value: Any) -> bool:
    """Tell a value that the API leaves out: false, zero, empty, or an object of nothing else."""
    if isinstance(value, Mapping):
        return all(is_default(item) for item in cast("Mapping[str, Any]", value).values())
    return not value
