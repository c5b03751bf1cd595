"""Whose object is it? Labels on the object itself answer, not our state.

`vcw-owner` names the resource of the program that manages the object. `vcw-incarnation` is a
fencing token: every creation, fresh or adopting, stamps a new one, and only the state that holds
the same token may delete. So the delete that follows a forced replacement cannot remove what the
replacement has just adopted. `vcw-shape` is a digest of the inputs that cannot change in place: an
object of another shape is what is being replaced, and is never taken for its own successor.
`vcw-removal` says that a removal of the object was begun. `vcw-state` tells apart two states of one
project and stack: what the other one has finished is not taken over.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.names import last
from vertex_custom_weights_provider.lifecycle.identity import ids
from vertex_custom_weights_provider.lifecycle.remedies.pages import see

if TYPE_CHECKING:
    from vertex_custom_weights_provider.api.cloud import StackState
    from vertex_custom_weights_provider.api.messages import Named

OWNER = "vcw-owner"
INCARNATION = "vcw-incarnation"
SHAPE = "vcw-shape"
REMOVAL = "vcw-removal"
STATE = "vcw-state"
_PREFIX = "vcw-"
_SILENT, _UNKNOWN = "auto", "any"
_SERVER_PREFIX = "mg-"  # Model Garden's own labels


@dataclass(frozen=True)
class Stamp:
    """What a creation or an update writes on its object.

    Attributes:
        owner: URN of the resource.
        incarnation: Fencing token.
        state: The state that the resource is kept in.
        shape: Digest of the inputs that cannot change in place; empty where nothing needs it.
        met: Token that each object bore when a creation first looked, None where there was none.
            Updates meet nothing: the token they hold is theirs.
    """

    owner: str | None
    incarnation: str
    state: StackState
    shape: str = ""
    met: dict[str, str | None] = field(default_factory=dict[str, "str | None"], compare=False)

    def labels(self) -> dict[str, str]:
        """Return the labels that say so."""
        parts = {INCARNATION: self.incarnation, SHAPE: self.shape, STATE: self.state.key}
        known = {key: value for key, value in parts.items() if value}
        return {**_owner_labels(self.owner), **known}

    def meet(self, name: str, found: Named | None) -> None:
        """Remember which token the object bears; only the first look counts."""
        token = found.labels.get(INCARNATION) if found else None
        self.met.setdefault(last(name), token)

    def met_one(self, name: str) -> bool:
        """Tell whether the object was there, and marked, when a creation first looked."""
        return self.met.get(last(name)) is not None

    def join(self, name: str) -> None:
        """Forget the first look: somebody else has begun what there is to be, under their token."""
        self.met.pop(last(name), None)

    def bars(self, labels: Mapping[str, str]) -> bool:
        """Tell whether an object of this resource is left to another state of its stack."""
        return left_to_another_state(labels, self.owner, self.state)

    def overtaken(self, name: str, labels: Mapping[str, str]) -> bool:
        """Tell whether another creation of the same resource has stamped the object since.

        One that goes on after its program was killed must not take the object back from the
        program's next run, whose state holds the newer token.
        """
        key, there = last(name), labels.get(INCARNATION)
        return key in self.met and there not in (None, self.met[key], self.incarnation)


def shape_of(*inputs: Any, chosen: tuple[Any, ...] = (), learnt: tuple[Any, ...] = ()) -> str:
    """Return the shape label for inputs that cannot change in place.

    Args:
        *inputs: What the program says or does not say; each difference counts.
        chosen: What the service chooses when the program is silent: falling silent changes nothing.
        learnt: What may be learnt later: neither does learning it.
    """
    parts = [ids.digest(*inputs)]
    parts += [_SILENT if value is None else ids.digest(value) for value in chosen]
    parts += [_UNKNOWN if value is None else ids.digest(value) for value in learnt]
    return "-".join(parts)


def removing(labels: Mapping[str, str], held: object) -> dict[str, str]:
    """Return labels that say in addition that a removal was begun, by the holder of a token."""
    return {**labels, REMOVAL: str(held or "begun")}


def staying(labels: Mapping[str, str]) -> dict[str, str]:
    """Return labels that no longer say that a removal was begun."""
    return {key: value for key, value in labels.items() if key != REMOVAL}


def new_incarnation() -> str:
    """Return a fresh fencing token."""
    return uuid.uuid4().hex[:12]


def owner_key(urn: str) -> str:
    """Return the value of the owner label for a URN."""
    return ids.digest(urn, length=20)


def stamp(
    labels: Mapping[str, str] | None, by: Stamp, others: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the full label map to write.

    Args:
        labels: The program's own labels.
        by: What we write beside them.
        others: Labels found on the object that are neither ours nor the program's; kept.
    """
    return {**(others or {}), **(labels or {}), **by.labels()}


def restamp(
    found: Named,
    labels: Mapping[str, str] | None,
    by: Stamp,
    formerly: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return the full label map for an object that is there, with the labels of strangers.

    Args:
        found: The object.
        labels: The program's own labels.
        by: What we write beside them.
        formerly: Labels that the program set before.
    """
    there = found.labels
    wanted = stamp(labels, by, foreign(there, labels, formerly))
    if by.overtaken(found.name, there):
        wanted |= {key: there[key] for key in (INCARNATION, STATE) if key in there}
    return wanted


def token(found: Named, by: Stamp) -> str:
    """Return the fencing token that the object bears after `by` was written on it."""
    return found.labels.get(INCARNATION, by.incarnation)


def _owner_labels(urn: str | None) -> dict[str, str]:
    if not urn:
        return {}
    stack, project = (urn.split("::", 2)[0].split(":")[-1], urn.split("::", 2)[1])
    readable = {"project": project, "stack": stack, "resource": ids.resource_name(urn)}
    return {
        OWNER: owner_key(urn),
        **{f"{_PREFIX}{key}": _label_value(value) for key, value in readable.items()},
    }


def _label_value(text: str) -> str:
    return re.sub(r"[^a-z0-9_-]", "-", text.lower())[:63]


def seen(live: Mapping[str, str], program: Mapping[str, str] | None) -> dict[str, str]:
    """Return the labels of an object as the program sees them.

    Args:
        live: Labels on the object.
        program: Labels the program sets, None when the object is being imported: then all of them
            are taken for the program's, but for ours and Model Garden's.
    """
    if program is None:
        return {k: v for k, v in live.items() if not k.startswith((_PREFIX, _SERVER_PREFIX))}
    return {key: live[key] for key in program if key in live}


def foreign(labels: Mapping[str, str], *programs: Mapping[str, str] | None) -> dict[str, str]:
    """Return labels that neither we nor these label maps of the program account for."""
    known = {key for program in programs for key in program or {}}
    return {k: v for k, v in labels.items() if k not in known and not k.startswith(_PREFIX)}


def owned(labels: Mapping[str, str], *urns: str | None) -> bool:
    """Tell whether the labels name one of the resources as owner: a renamed one has two URNs."""
    return labels.get(OWNER) in {owner_key(urn) for urn in urns if urn}


def of_another_stack(labels: Mapping[str, str], urn: str | None) -> bool:
    """Tell whether a program of another project or stack than the resource's marks the object."""
    own, stack = _owner_labels(urn), (f"{_PREFIX}project", f"{_PREFIX}stack")
    return OWNER in labels and any(labels.get(key) != own.get(key) for key in stack)


def left_to_another_state(labels: Mapping[str, str], urn: str | None, state: StackState) -> bool:
    """Tell whether an object of a resource is left to another state of the same stack."""
    there = labels.get(STATE)
    known = bool(there and state.key) and not state.takes_over
    return known and there != state.key and owned(labels, urn)


def of_another_state(name: str, labels: Mapping[str, str], *, finished: bool) -> str:
    """Return what is said of an object that another state of the same stack has made."""
    next_step = (
        "Work with that state, or give this stack another name. If this state has taken its place, "
        f"set takeOver to true in the stack's configuration. {see('another-state')}"
        if finished
        else "It is not finished, and an update goes on with it."
    )
    return (
        f"{name} is there already, made for {holder(labels)} (project/stack/resource) from another "
        f"state: on another machine or back end, or before a backup was restored. {next_step}"
    )


def of_other_shape(labels: Mapping[str, str], by: Stamp) -> bool:
    """Tell whether an object of ours was made from inputs that only a new one can follow."""
    there, wanted = labels.get(SHAPE, by.shape).split("-"), by.shape.split("-")
    return len(there) != len(wanted) or any(
        new not in (old, _SILENT, _UNKNOWN) and old != _UNKNOWN
        for old, new in zip(there, wanted, strict=True)
    )


def verify(what: str, labels: Mapping[str, str], *urns: str | None) -> None:
    """Refuse an object that another program manages, or that nobody is known to manage.

    Raises:
        errors.ForeignOwner: it is not ours.
    """
    if owned(labels, *urns):
        return
    if OWNER in labels:
        raise errors.ForeignOwner(
            f"{what} exists and belongs to {holder(labels)} (project/stack/resource). "
            "Choose another id, or remove it there first."
        )
    raise errors.ForeignOwner(
        f"{what} exists and was not made by this program. "
        "Take it over with `adopt` or `pulumi import`, or choose another id."
    )


def holder(labels: Mapping[str, str]) -> str:
    """Return `project/stack/resource` of whom the labels name as owner."""
    return "/".join(labels.get(f"{_PREFIX}{key}", "?") for key in ("project", "stack", "resource"))


def left_alone(name: str) -> str:
    """Return what is said of an object that is not deleted, because a newer creation owns it."""
    return (
        f"left {name} alone: a newer resource has taken it over. Should no stack have that one, as "
        "after a run that was killed, `pulumi up` takes it back, and then `pulumi destroy` removes "
        "it"
    )


def superseded(labels: Mapping[str, str], held: str | None) -> bool:
    """Tell whether a newer creation has taken the object over from the holder of `held`.

    An object without a token was cut off before it was labelled, or had its labels taken away:
    nobody newer claims it.
    """
    there = labels.get(INCARNATION, "")
    return there not in ("", held or "")
