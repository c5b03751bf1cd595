"""Whose object is it? Labels on the object itself answer, not our state.

`vcw-owner` names the resource of the program that manages the object. `vcw-incarnation` is a
fencing token: every creation, fresh or adopting, stamps a new one, and only the state that holds
the same token may delete. So the delete that follows a forced replacement cannot remove what the
replacement has just adopted.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.lifecycle import ids

OWNER = "vcw-owner"
INCARNATION = "vcw-incarnation"
_PREFIX = "vcw-"
_SERVER_PREFIX = "mg-"  # Model Garden's own labels


def new_incarnation() -> str:
    """Return a fresh fencing token."""
    return uuid.uuid4().hex[:12]


def owner_key(urn: str) -> str:
    """Return the value of the owner label for a URN."""
    return ids.digest(urn, length=20)


def stamp(
    labels: Mapping[str, str] | None, urn: str | None, incarnation: str, others: Mapping[str, str]
) -> dict[str, str]:
    """Return the full label map to write.

    Args:
        labels: The program's own labels.
        urn: The owner.
        incarnation: Fencing token to stamp.
        others: Labels found on the object that are neither ours nor the program's; kept.
    """
    return {**others, **(labels or {}), **_owner_labels(urn), INCARNATION: incarnation}


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


def same_labels(live: Mapping[str, str], urn: str | None, labels: Mapping[str, str] | None) -> bool:
    """Tell whether owner and program labels on the object are what they should be."""
    wanted = {**(labels or {}), **_owner_labels(urn)}
    return all(live.get(key) == value for key, value in wanted.items())


def verify(what: str, labels: Mapping[str, str], urn: str | None) -> None:
    """Refuse an object that another program manages, or that nobody is known to manage.

    Raises:
        errors.ForeignOwner: it is not ours.
    """
    if urn and labels.get(OWNER) == owner_key(urn):
        return
    told = "/".join(labels.get(f"{_PREFIX}{key}", "?") for key in ("project", "stack", "resource"))
    if OWNER in labels:
        raise errors.ForeignOwner(
            f"{what} exists and belongs to {told} (project/stack/resource). "
            "Choose another id, or remove it there first."
        )
    raise errors.ForeignOwner(
        f"{what} exists and was not made by this program. "
        "Bring it in with `pulumi import`, or choose another id."
    )


def superseded(labels: Mapping[str, str], held: str | None) -> bool:
    """Tell whether a newer creation has taken the object over from the holder of `held`.

    An object without a token was cut off before it was labelled, or had its labels taken away:
    nobody newer claims it.
    """
    there = labels.get(INCARNATION, "")
    return there not in ("", held or "")
