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


def look_for_another_state(
    resource_type: str, known: Bag, call: Call, cloud: Callable[[], Cloud]
) -> None:
    """Refuse to create what another state of the stack has made; say so where it is unfinished."""
    from vertex_custom_weights_provider.lifecycle.standing import made_by_another_state
    from vertex_custom_weights_provider.properties.base import Problem

    refusals = phase.current().refusals
    try:
        told, finished = made_by_another_state(resource_type, known, cloud())
    except VcwError:
        return  # the creation looks again, and says what it cannot see
    if told and finished:
        refusals.keep(call.urn, (*refusals.of(call.urn), Problem("", told)))
    elif told:
        call.warn(told)


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
