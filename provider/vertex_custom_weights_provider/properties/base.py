"""The base of all specs, and how a property says what a change to it means."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any, ClassVar, Self, cast

import msgspec

from vertex_custom_weights_provider.spelling import camel


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
    chosen_as: str = ""  # output with what the service chose: to write that down changes nothing
    unless: str = ""  # with this property set, a change is rolled out in place instead
    follows: str = ""  # property (or ANYTHING) of whose change this one is but a consequence


class About(msgspec.Struct, frozen=True):
    """What people are told of a property or an output, wherever it is shown.

    Attributes:
        text: What it is, with its limits; properties are called by their wire names.
        default: What holds when it is left out; empty when nothing does.
        unit: What a number counts; empty for one that its text explains.
        mirrors: Field of Google's API, where it is not the message's field of the same name.
        secret: Hidden by Pulumi wherever it is shown.
        deprecated: What to use in its place; empty for what is to stay.
    """

    text: str
    default: str = ""
    unit: str = ""
    mirrors: str = ""
    secret: bool = False
    deprecated: str = ""

    def __str__(self) -> str:
        """Return all of it as sentences."""
        unit = f"In {self.unit}." if self.unit else ""
        default = f"Default {self.default}." if self.default else ""
        mirrors = f"Mirrors `{self.mirrors}`." if self.mirrors else ""
        instead = f"Deprecated: {self.deprecated}." if self.deprecated else ""
        return " ".join(filter(None, (self.text, unit, default, mirrors, instead)))


def says(
    text: str,
    *,
    default: str = "",
    unit: str = "",
    mirrors: str = "",
    secret: bool = False,
    deprecated: str = "",
) -> About:
    """Note what people are told of a property; `About` explains the parts."""
    return About(text, default, unit, mirrors, secret, deprecated)


class Renewed(msgspec.Struct, frozen=True):
    """A rollout in place changes the output."""


class Internal(msgspec.Struct, frozen=True):
    """Only `check` fills the property in; programs cannot set it."""


class Configured(msgspec.Struct, frozen=True):
    """A program that leaves the property out gets what `gcp:{key}` says."""

    key: str


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


def replaces_first(reason: str, *, chosen_as: str = "") -> Mutability:
    """Mark a property whose change removes the old object before the new one is made.

    Args:
        reason: Why it does, shown in previews.
        chosen_as: Output with what the service chose where the property was absent.
    """
    return Mutability(Change.REPLACE_FIRST, reason, chosen_as=chosen_as)


IN_PLACE = Mutability(Change.UPDATE)
STATE_ONLY = Mutability(Change.LOCAL)
AT_CREATION = Mutability(Change.NOTHING)
COMPUTED = Computed()
RENEWED = Renewed()
INTERNAL = Internal()


class Problem(msgspec.Struct, frozen=True):
    """Something wrong with one property: its camelCase path, and a message for a person."""

    path: str
    message: str


class Rule(msgspec.Struct, frozen=True):
    """What a value must be besides its type: returns the value to keep, or raises ValueError.

    The message is a sentence without its full stop. `Wrong` names a place inside the value.
    """

    check: Callable[[Any], Any]


class Words(Rule, frozen=True):
    """One of a few words, the default first where there is one."""

    allowed: tuple[str, ...] = ()


def one_of(*allowed: str) -> Words:
    """Require one of a few words."""

    def check(value: str) -> str:
        if value not in allowed:
            raise ValueError(f"{value!r} is not one of {', '.join(allowed)}")
        return value

    return Words(check, allowed)


class Wrong(ValueError):
    """Things wrong inside the value that was looked at; their paths start there."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*(problem.message for problem in problems))
        self.problems = problems


class Outputs(msgspec.Struct, frozen=True, rename=camel):
    """Base of what resources tell besides their inputs, and of the objects nested in it."""


class Spec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename=camel):
    """Base of resource inputs and of the objects nested in them: the property tables.

    Frozen, closed (an unknown key is an error), snake_case in Python and camelCase on the wire.
    Values are checked where they are parsed (`parsing`), not where a spec is constructed.
    """

    outputs: ClassVar[type[Outputs]] = Outputs
    """What the resource tells besides its inputs."""

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
