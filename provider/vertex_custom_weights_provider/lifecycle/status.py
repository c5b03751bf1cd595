"""In what state a resource was last seen: one output, given and read here.

It says what is to be done about the object, whatever the program wants of it. What callers meet has
outputs of its own, such as `pscConnectionStatus`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from vertex_custom_weights_provider.lifecycle.identity import ownership

if TYPE_CHECKING:
    from vertex_custom_weights_provider.api.messages import Named

OUTPUT = "status"


class Status(StrEnum):
    """What was seen of a resource's object when it was last looked at."""

    READY = "ready"
    """It is there, and this state's."""
    UNFINISHED = "unfinished"
    """It was begun and its end not seen, or an earlier try left something: the next update goes on.
    """
    UNDEPLOYED = "undeployed"
    """Its model was there and was undeployed by somebody else: it is made anew."""
    REMOVING = "removal begun"
    """A removal was begun and its end not seen: the next update makes it again."""
    GONE = "gone"
    """It was there and is there no more: the next update makes it again."""
    SUPERSEDED = "taken over by another run"
    """Another run of the same resource has marked it: the next update marks it again."""
    UNMARKED = "ownership labels are gone"
    """It bears no mark of this resource: the next update marks it."""


LOST = (Status.SUPERSEDED, Status.UNMARKED)
"""The object is there, and its mark is not this state's."""
REMOVED = (Status.REMOVING, Status.GONE)
"""It was removed, or is being removed, while state still counts on it."""
INCOMPLETE = (Status.UNFINISHED, Status.UNDEPLOYED, *REMOVED)
"""What the resource stands for is not all there."""


def status_of(outputs: Mapping[str, Any]) -> Status:
    """Return the status that state has; resources without one have nothing to be lost."""
    return Status(outputs.get(OUTPUT) or Status.READY)


def connected(outputs: Mapping[str, Any]) -> bool:
    """Tell whether every connection that the outputs tell of lets requests pass."""
    automated: list[Mapping[str, str]] = outputs.get("pscAutomation") or []
    rule = outputs.get("pscConnectionStatus", "ACCEPTED")
    return rule == "ACCEPTED" and all(
        one["state"] == "PSC_AUTOMATION_STATE_SUCCESSFUL" for one in automated
    )


def seen(outputs: Mapping[str, Any], labels: Mapping[str, str], *, imported: bool) -> Status:
    """Return the status of an object that is there, by the labels that it bears.

    Args:
        outputs: What state holds.
        labels: Labels on the object.
        imported: State holds nothing: whatever token there is becomes its own.
    """
    if ownership.REMOVAL in labels and not imported:
        return Status.REMOVING
    if imported or "incarnation" not in outputs:
        return Status.READY
    own = str(outputs["incarnation"] or "")
    if own and ownership.INCARNATION not in labels:
        return Status.UNMARKED
    return Status.SUPERSEDED if ownership.superseded(labels, own) else Status.READY


def stands(outputs: Mapping[str, Any], found: Named | None) -> Status:
    """Return the status of what state holds, when this is what a listing shows of it.

    Args:
        outputs: What state holds.
        found: Its object, None when the listing has none.
    """
    before = status_of(outputs)
    if found is not None:
        return Status.REMOVING if ownership.REMOVAL in found.labels else before
    return before if before in INCOMPLETE else Status.GONE
