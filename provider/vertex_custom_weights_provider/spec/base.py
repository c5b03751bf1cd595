"""The base of all specs, and how a property says what a change to it means."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError


class Change(StrEnum):
    """What happens when a property changes."""

    REPLACE = "replace"
    UPDATE = "update"
    LOCAL = "local"  # kept in state only; no API call
    REPLACE_FIRST = "replace-first"  # the old object goes before the new one comes
    NOTHING = "nothing"  # only a creation looks at the property


@dataclass(frozen=True)
class Mutability:
    """How a property may change after creation, with the reason shown in previews."""

    change: Change
    reason: str = ""
    first_value_is_free: bool = False  # learning a value for the first time changes nothing
    unless: str = ""  # with this property set, a change is rolled out in place instead
    follows: str = ""  # property (or ANYTHING) of whose change this one is but a consequence


@dataclass(frozen=True)
class Computed:
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


class Spec(BaseModel):
    """Base of resource inputs and of the objects nested in them.

    Frozen, closed (an unknown key is an error), camelCase on the wire. Counts that arrive as
    whole floats become ints; a fraction is refused.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        # Validators are built when first used: an operation touches few of the models.
        defer_build=True,
        alias_generator=to_camel,
        validate_by_name=False,
        validate_by_alias=True,
        # "2" for a count or "true" for a switch is how stack configuration spells them.
        coerce_numbers_to_str=False,
    )

    renewed: ClassVar[tuple[str, ...]] = ()
    """Outputs that a rollout in place changes."""
    lists: ClassVar[tuple[str, ...]] = ()
    """Outputs that are lists of objects; all others are strings."""

    def wire(self) -> dict[str, Any]:
        """Return the JSON form: camelCase, without what is unset."""
        return self.model_dump(by_alias=True, exclude_none=True, mode="json")


@dataclass(frozen=True)
class Problem:
    """Something wrong with one property: its camelCase path, and a message for a person."""

    path: str
    message: str


def wrong(path: str, message: str) -> PydanticCustomError:
    """Make the error a nested model's validator raises for the property at `path` below it."""
    # The message is handed over as context, because a template would trip over braces in values.
    return PydanticCustomError("rule", "{text}", {"path": path, "text": message})
