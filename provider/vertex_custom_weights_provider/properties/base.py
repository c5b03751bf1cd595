"""The base of all specs, and how a property says what a change to it means."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any, ClassVar, Self, cast

import msgspec


class Change(StrEnum):
    """What happens when a property changes."""

    REPLACE = "replace"
    UPDATE = "update"
    LOCAL = "local"  # kept in state only; no API call
    REPLACE_FIRST = "replace-first"  # the old object goes before the new one comes
    NOTHING = "nothing"  # only a creation looks at the property


class Mutability(msgspec.Struct, frozen=True):
    """How a property may change after creation, with the reason shown in previews."""

    change: Change
    reason: str = ""
    first_value_is_free: bool = False  # learning a value for the first time changes nothing
    unless: str = ""  # with this property set, a change is rolled out in place instead
    follows: str = ""  # property (or ANYTHING) of whose change this one is but a consequence


class Computed(msgspec.Struct, frozen=True):
    """The service (or `check`) fills the property in when the program leaves it out."""


ANYTHING = "*"


def replaces(reason: str, *, unless: str = "", follows: str = "") -> Mutability:
    """Mark a property that cannot change in place, and say why.

    Args:
        reason: Shown in previews.
        unless: Property with which a change does not replace but is rolled out.
        follows: Property that brings this one along; then previews do not name this one. Chosen
            ids follow `ANYTHING`.
    """
    return Mutability(Change.REPLACE, reason, unless=unless, follows=follows)


def replaces_first(reason: str) -> Mutability:
    """Mark a property whose change removes the old object before the new one is made."""
    return Mutability(Change.REPLACE_FIRST, reason)


IN_PLACE = Mutability(Change.UPDATE)
STATE_ONLY = Mutability(Change.LOCAL)
AT_CREATION = Mutability(Change.NOTHING)
COMPUTED = Computed()


class Problem(msgspec.Struct, frozen=True):
    """Something wrong with one property: its camelCase path, and a message for a person."""

    path: str
    message: str


class Rule(msgspec.Struct, frozen=True):
    """What a value must be besides its type: returns the value to keep, or raises ValueError.

    The message is a sentence without its full stop. `Wrong` names a place inside the value.
    """

    check: Callable[[Any], Any]


class Wrong(ValueError):
    """Things wrong inside the value that was looked at; their paths start there."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*(problem.message for problem in problems))
        self.problems = problems


class Spec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Base of resource inputs and of the objects nested in them: the property tables.

    Frozen, closed (an unknown key is an error), snake_case in Python and camelCase on the wire.
    Values are checked where they are parsed (`parsing`), not where a spec is constructed.
    """

    renewed: ClassVar[tuple[str, ...]] = ()
    """Outputs that a rollout in place changes."""
    lists: ClassVar[tuple[str, ...]] = ()
    """Outputs that are lists of objects; all others are strings."""
    outputs: ClassVar[dict[str, str]] = {}
    """What the resource tells besides its inputs: wire name and meaning."""

    def conflicts(self) -> Iterable[Problem]:
        """Return where properties, each right by itself, contradict each other."""
        return ()

    def wire(self) -> dict[str, Any]:
        """Return the JSON form: camelCase, without what is unset."""
        return _dumped(self, camel=True)

    def arguments(self) -> dict[str, Any]:
        """Return the form of Python programs: snake_case, without what is unset."""
        return _dumped(self, camel=False)

    def but(self, **values: Any) -> Self:
        """Return a copy with other values, which are not checked again."""
        return msgspec.structs.replace(self, **values)


def _dumped(spec: Spec, *, camel: bool) -> dict[str, Any]:
    fields = spec.__struct_fields__
    names = spec.__struct_encode_fields__ if camel else fields
    values = ((name, getattr(spec, field)) for name, field in zip(names, fields, strict=True))
    return {name: _plain(value, camel) for name, value in values if value is not None}


def _plain(value: Any, camel: bool) -> Any:
    if isinstance(value, Spec):
        return _dumped(value, camel=camel)
    if isinstance(value, list):
        return [_plain(item, camel) for item in cast("list[Any]", value)]
    return value
