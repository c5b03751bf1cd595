"""What changes of a resource, why, and what that means for callers: said once, for all readers.

The provider says it in the preview, `vcw report` says it to reviewers. Both call `explain`, which
asks nobody and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from vertex_custom_weights_provider.lifecycle import effects
from vertex_custom_weights_provider.lifecycle.contract import Lifecycle
from vertex_custom_weights_provider.lifecycle.diff import Diff, PropertyChange, compare
from vertex_custom_weights_provider.lifecycle.effects import Plan
from vertex_custom_weights_provider.lifecycle.identity import lost_mark
from vertex_custom_weights_provider.lifecycle.lines import Line
from vertex_custom_weights_provider.properties.table import output_names

Bag = Mapping[str, Any]


class Explanation(msgspec.Struct, frozen=True):
    """A change of one resource.

    Attributes:
        diff: The properties that change, those of a bad live state included.
        reasons: Why something new is made, one line for each property that causes it.
        effects: What callers notice, and what is done beside.
    """

    diff: Diff
    reasons: tuple[Line, ...] = ()
    effects: tuple[Line, ...] = ()

    @property
    def lines(self) -> tuple[Line, ...]:
        """Everything that is said, in order."""
        return (*self.reasons, *self.effects)


def explain(
    lifecycle: Lifecycle[Any],
    old: Bag,
    new: Bag,
    is_unknown: Callable[[Any], bool],
    *,
    resource: str = "",
    also: Iterable[PropertyChange] = (),
) -> Explanation:
    """Explain a change.

    Args:
        lifecycle: Of the resource.
        old: Its outputs, with the inputs that state keeps beside them.
        new: The checked inputs that are wanted.
        is_unknown: Tells a value that only the update will know.
        resource: Its URN.
        also: Changes that somebody else asks for: the engine, or a refusal that must be told.
    """
    outputs = {key: old[key] for key in output_names(lifecycle.model) if old.get(key) is not None}
    ailing = lifecycle.ailing(outputs)
    changes = compare(lifecycle.model, old, new, is_unknown).changes
    ill = (*([ailing] if ailing else []), *lost_mark.changes(outputs))
    diff = Diff((*changes, *also, *ill))
    plan = Plan(diff, outputs, old, new, is_unknown)
    return Explanation(
        diff,
        tuple(_of(resource, (Line(c.path, c.told()) for c in diff.reasons))),
        tuple(_of(resource, (*lost_mark.explain(outputs), *effects.of(lifecycle.model, plan)))),
    )


def _of(resource: str, lines: Iterable[Line]) -> Iterator[Line]:
    return (replace(line, resource=resource) for line in lines)
