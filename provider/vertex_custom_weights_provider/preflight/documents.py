"""Strict parsing of untrusted JSON: bounded, no duplicate keys, no NaN, never an odd exception."""

from __future__ import annotations

import json
from typing import Any, NoReturn

_MAX_COMMAS = 1_000_000


class BadDocumentError(ValueError):
    """The bytes are not the JSON object that was expected; the message says why."""


def _no_constant(name: str) -> NoReturn:
    message = f"it holds {name}, which is not JSON"
    raise BadDocumentError(message)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))
        message = f"it holds the key {twice[:80]!r} twice"
        raise BadDocumentError(message)
    return found


def _integer(text: str) -> int:
    if text == "-0":
        message = "it holds -0, which is not an integer"
        raise BadDocumentError(message)
    return int(text)


def parse_object(data: bytes, *, max_objects: int = 150_000) -> dict[str, Any]:
    """Parse the bytes of a JSON object.

    Structure is counted before it is built, so that a small hostile file cannot become a large
    amount of memory.

    Raises:
        BadDocumentError: says why.
    """
    if data.count(b"{") > max_objects or data.count(b",") > _MAX_COMMAS:
        message = "it has more entries than any real file of its kind"
        raise BadDocumentError(message)
    parsed = _parse(data)
    if not isinstance(parsed, dict):
        message = "its root is not an object"
        raise BadDocumentError(message)
    return parsed  # pyright: ignore[reportUnknownVariableType] - JSON keys are strings


def _parse(data: bytes) -> Any:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as broken:
        message = f"it is not UTF-8 (byte {broken.start})"
        raise BadDocumentError(message) from None
    try:
        return json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            # A hook for every number costs as much as all the rest; -0 is all it looks for.
            parse_int=_integer if b"-0" in data else int,
        )
    except json.JSONDecodeError as broken:
        message = f"it is not JSON: {broken.msg} at line {broken.lineno}"
        raise BadDocumentError(message) from None
    except RecursionError:
        message = "it is nested too deeply"
        raise BadDocumentError(message) from None
    except BadDocumentError:
        raise
    except ValueError:
        message = "it holds a number with too many digits"
        raise BadDocumentError(message) from None
