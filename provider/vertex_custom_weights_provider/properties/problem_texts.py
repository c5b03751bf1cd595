"""What is said of a value that cannot be taken: what was given, and what would be right."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from vertex_custom_weights_provider.properties.table import Property

# "2" for a count or "true" for a switch is how stack configuration spells them.
_WANTED = {bool: "true or false", int: "a whole number", float: "a number"}
_BOUNDS = {"gt": "more than {}", "ge": "{} or more", "le": "{} or less"}
_SIZES = {
    "pattern": "does not match the pattern {}.",
    "max_length": "is too long: at most {} characters.",
    "min_length": "is empty.",
}
_COUNTS = {"max_length": "has too many entries: at most {}.", "min_length": "is empty."}


def converted(value: Any, kind: Any, limits: Sequence[msgspec.Meta] = ()) -> Any:
    """Return a value as its type; "2" for a count and "true" for a switch are taken.

    Raises:
        msgspec.ValidationError: it is of another type, or outside the limits.
    """
    return msgspec.convert(value, Annotated[kind, *limits] if limits else kind, strict=False)


def unfit(value: Any, kind: Any, limits: Sequence[msgspec.Meta]) -> str:
    """Say why a value is not of a type, or outside its limits.

    Only numbers and switches are quoted back: a text may be a secret.
    """
    if not _fits(value, kind):
        return _mistyped(value, kind)
    for meta in limits:
        for name, words in (_BOUNDS | (_SIZES if kind is str else _COUNTS)).items():
            limit = getattr(meta, name)
            if limit is not None and not _fits(value, kind, msgspec.Meta(**{name: limit})):
                told = words.format(limit)
                return f"{_quoted(value)} is not {told}." if name in _BOUNDS else told
    return "is out of its limits."


def missing(row: Property) -> str:
    """Say that a property is required, and what it is."""
    about = row.description.split(". ")[0].rstrip(".")
    return f"is required: {about[:1].lower()}{about[1:]}." if about else "is required."


def stray(key: str, known: Sequence[str]) -> str:
    """Say that there is no such property, and which may have been meant."""
    near = difflib.get_close_matches(key, known, n=1)
    return f"is not a property here. {f'Did you mean {near[0]}?' if near else 'Remove it.'}"


def _fits(value: Any, kind: Any, *limits: msgspec.Meta) -> bool:
    try:
        converted(value, kind, limits)
    except msgspec.ValidationError:
        return False
    return True


def _mistyped(value: Any, kind: Any) -> str:
    scalar = isinstance(value, (str, int, float))
    if kind in _WANTED:
        return f"{f'{_quoted(value)} is' if scalar else 'is'} not {_WANTED[kind]}."
    if kind is str:
        quotable = scalar and not isinstance(value, str)
        return f"{_quoted(value)} is not text; put it in quotes." if quotable else "is not text."
    return f"is not {'a list' if kind == list[Any] else 'an object with properties of its own'}."


def _quoted(value: Any) -> str:
    whole = isinstance(value, float) and value.is_integer()  # every number of Pulumi's is a float
    return repr(int(value) if whole else value)
