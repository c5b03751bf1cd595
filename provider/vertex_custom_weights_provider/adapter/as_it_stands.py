"""What state holds, corrected by what stands: asked for before anything is called unchanged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vertex_custom_weights_provider.adapter import phase
from vertex_custom_weights_provider.errors import VcwError

if TYPE_CHECKING:
    from collections.abc import Callable

    from vertex_custom_weights_provider.api.cloud import Cloud
    from vertex_custom_weights_provider.call.call import Call

Bag = dict[str, Any]


def look_anew(call: Call) -> None:
    """Forget what was seen of a resource, and listings that are older than its last change."""
    noticed = phase.current().of(call.urn)
    noticed.seen = None
    if noticed.changed or not call.serves_previews:  # without previews phases have no end
        phase.current().listings.forget()
    noticed.changed = False


def will_change(call: Call) -> None:
    """Have the next look at a resource be a new one."""
    noticed = phase.current().of(call.urn)
    noticed.seen, noticed.changed = None, True


def as_it_stands(resource_type: str, olds: Bag, call: Call, cloud: Callable[[], Cloud]) -> Bag:
    """Return inputs and outputs in state, with the status that a listing shows."""
    from vertex_custom_weights_provider.lifecycle.status import OUTPUT

    noticed = phase.current().of(call.urn)
    if noticed.seen is None:
        noticed.seen = _listed(resource_type, olds, call, cloud)
    return {**olds, OUTPUT: noticed.seen} if noticed.seen else olds


def _listed(resource_type: str, olds: Bag, call: Call, cloud: Callable[[], Cloud]) -> str:
    """Return the status that a listing shows; empty when it is what state says, or unknown."""
    from vertex_custom_weights_provider.lifecycle.standing import standing
    from vertex_custom_weights_provider.lifecycle.status import status_of

    try:
        now = standing(resource_type, olds, phase.current().listings, cloud)
    except VcwError as trouble:
        call.warn(f"not looked at whether it is still there: {trouble}")
        return ""
    return "" if now is status_of(olds) else now.value


def say_what_is_there(
    resource_type: str, known: Bag, call: Call, cloud: Callable[[], Cloud]
) -> None:
    """Warn that what is to be created is there already, though this state may never have known it.

    A replacement that was asked for looks the same: the engine then checks without the old inputs.
    A creation takes over what bears its owner's name. Another state of the same stack, on another
    machine or from a backup, may have made it, and then a destroy of either removes it for both.
    """
    noticed = phase.current().of(call.urn)
    if noticed.living or noticed.deleted or noticed.adopting:
        return
    from vertex_custom_weights_provider.lifecycle.standing import unknown_to_state

    try:
        name = unknown_to_state(resource_type, known, phase.current().listings, cloud)
    except VcwError:
        return  # the creation looks again, and says what it cannot see
    if name:
        call.warn(
            f"{name} is there already, and is taken over if it bears this resource's name. Where "
            "no --replace asks for that, another state of this stack has made it (another machine, "
            "a backup): use that state, because a destroy of either removes it for both."
        )
