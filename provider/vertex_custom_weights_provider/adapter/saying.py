"""Lines on the resource that is served, each said when a person reads them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from vertex_custom_weights_provider.adapter import phase
from vertex_custom_weights_provider.call.call import Call

if TYPE_CHECKING:
    from vertex_custom_weights_provider.lifecycle.lines import Line


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
