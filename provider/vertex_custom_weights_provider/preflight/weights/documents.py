"""Strict parsing of untrusted JSON: bounded, no duplicate keys, never an odd exception."""

from __future__ import annotations

import json
from collections.abc import Callable
from math import isinf
from typing import Any, NoReturn

_MAX_COMMAS = 250_000
# Sizes beyond it overflow the arithmetic done with them; `model_max_length` is often 10 ** 30.
_MAX_INTEGER = 10**40


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


def _modest_integer(text: str) -> int:
    number = int(text)
    if abs(number) > _MAX_INTEGER:
        message = f"it holds a number of {len(text)} digits"
        raise BadDocumentError(message)
    return number


def _finite(text: str) -> float:
    number = float(text)
    if isinf(number):
        message = "it holds a number that is infinite to a computer"
        raise BadDocumentError(message)
    return number


def parse_object(
    data: bytes,
    *,
    max_objects: int = 150_000,
    max_commas: int = _MAX_COMMAS,
    for_arithmetic: bool = False,
    constants: bool = False,
) -> dict[str, Any]:
    """Parse the bytes of a JSON object.

    Structure is counted before it is built, so that a small hostile file cannot become a large
    amount of memory.

    Args:
        data: Of the file.
        max_objects: Objects that it may hold.
        max_commas: Commas, and so entries, that it may hold.
        for_arithmetic: Refuse integers that no computation with floats survives.
        constants: Take `Infinity` and `NaN`, which is no JSON, and which Python writes and reads.

    Raises:
        BadDocumentError: says why.
    """
    if data.count(b"{") > max_objects or data.count(b",") > max_commas:
        message = "it has more entries than any real file of its kind"
        raise BadDocumentError(message)
    integer = _modest_integer if for_arithmetic else _fast_integer(data)
    parsed = _parse(data, integer, float if constants else _no_constant)
    if not isinstance(parsed, dict):
        message = "its root is not an object"
        raise BadDocumentError(message)
    return parsed  # pyright: ignore[reportUnknownVariableType] - JSON keys are strings


def _fast_integer(data: bytes) -> Callable[[str], int]:
    # A hook for every number costs as much as all the rest; -0 is all it looks for.
    return _integer if b"-0" in data else int


def _parse(data: bytes, integer: Callable[[str], int], constant: Callable[[str], float]) -> Any:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as broken:
        message = f"it is not UTF-8 (byte {broken.start})"
        raise BadDocumentError(message) from None
    try:
        return json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=constant,
            parse_int=integer,
            parse_float=_finite,
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
