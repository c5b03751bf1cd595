"""An object that no longer bears our token: a refresh finds it, an update marks it again.

A creation that was cut off before it could write labels leaves none, and so does somebody who
removes them. A run that is killed while it replaces a resource leaves its token on the object and
no trace in the state. Deleting by the old token would be refused, as it must be: it could be the
delete that follows the replacement. An update tells the two apart, because the engine never updates
what it is about to delete.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from vertex_custom_weights_provider.api.cloud import Cloud
from vertex_custom_weights_provider.lifecycle.contract import Outputs
from vertex_custom_weights_provider.lifecycle.diff import PropertyChange
from vertex_custom_weights_provider.lifecycle.identity import ownership
from vertex_custom_weights_provider.lifecycle.lines import Line
from vertex_custom_weights_provider.lifecycle.status import (
    LOST,
    OUTPUT,
    REMOVED,
    Status,
    status_of,
)
from vertex_custom_weights_provider.properties.base import IN_PLACE

_KEY = "incarnation"


def kept_token(outputs: Outputs, labels: Mapping[str, Any], *, imported: bool) -> str:
    """Return the token to keep: an import takes the object's, a state has its own."""
    if imported or _KEY not in outputs:
        return str(labels.get(ownership.INCARNATION, ""))
    return str(outputs[_KEY] or "")


def new_or_kept_token(outputs: Outputs) -> str:
    """Return the token that an update writes: a new one where the object bears another, or none."""
    own = str(outputs.get(_KEY) or "")
    return own if own and status_of(outputs) not in LOST else ownership.new_incarnation()


def changes(outputs: Outputs) -> tuple[PropertyChange, ...]:
    """Return the change that marks the object again, or makes it again where it was removed."""
    now = status_of(outputs)
    lost = now in (*LOST, *REMOVED)
    change = PropertyChange(OUTPUT, "UPDATE", IN_PLACE, now.value, Status.READY.value)
    return (change,) if lost else ()


def explain(outputs: Outputs) -> Iterator[Line]:
    """Say what has happened to it."""
    if status_of(outputs) is Status.SUPERSEDED:
        yield Line(
            "ownership",
            "another run of this resource has taken it over since: one that was killed, or one "
            "with another copy of the state. It is marked as this state's again",
        )
    if status_of(outputs) is Status.REMOVING:
        yield Line(
            "removed",
            "its removal was begun by a run that was cut off: it is made again, unless it stands "
            "unharmed; `pulumi destroy` goes on with the removal",
        )
    if status_of(outputs) is Status.GONE:
        yield Line(
            "removed",
            "it is gone, though this state has it: a removal that was cut off has gone on, or "
            "somebody else removed it. It is made again",
        )
    if status_of(outputs) is Status.UNMARKED:
        yield Line(
            "ownership",
            "the labels that say whose it is are missing: a run was cut off before it wrote them, "
            "or somebody removed them. They are written again",
        )


def stop_if_engine_gone(cloud: Cloud) -> None:
    """Stop before anything is taken over for an engine that has gone, and will never know.

    Raises:
        errors.Cancelled: the engine has asked to stop, or is gone.
    """
    cloud.clock.sleep(0)
