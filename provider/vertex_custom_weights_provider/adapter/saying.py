"""Lines on the resource that is served, each said when a person reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from vertex_custom_weights_provider.adapter import phase
from vertex_custom_weights_provider.call.call import Call

if TYPE_CHECKING:
    from vertex_custom_weights_provider.lifecycle.lines import Line
    from vertex_custom_weights_provider.properties.base import Spec


def deprecated(model: type[Spec], given: Mapping[str, Any]) -> Iterator[Line]:
    """Yield a line for each property given that something else is to be used for."""
    from vertex_custom_weights_provider.lifecycle.lines import Line
    from vertex_custom_weights_provider.properties.table import properties

    for row in properties(model):
        if row.about.deprecated and given.get(row.wire) is not None:
            yield Line(row.wire, f"{row.wire} is deprecated: {row.about.deprecated}", "warn")


def warn_once(call: Call, warning: Line) -> None:
    """Warn once in a phase: the engine checks a resource twice when it is replaced."""
    warned = phase.current().of(call.urn).warned
    if warning not in warned:
        warned.add(warning)
        say(call, (warning,))


def say_unheard(call: Call) -> None:
    """Tell an option that has no effect; Pulumi's own timeouts end nothing here."""
    if call.timeout:
        call.warn(
            "custom_timeouts has no effect on this resource. Set the property timeouts instead, as "
            'in timeouts={"create": "90m"}: it ends the waiting, and what was begun is resumed.'
        )


def say_remembered(call: Call) -> None:
    """Say what was kept for the step that people read."""
    say(call, phase.current().of(call.urn).take_lines())


def say(call: Call, lines: Iterable[Line]) -> None:
    """Attach lines to the resource that is served."""
    for line in lines:
        (call.info if line.severity == "info" else call.warn)(line.shown)
