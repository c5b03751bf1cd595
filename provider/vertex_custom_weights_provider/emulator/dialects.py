"""Dialects: what Google may answer instead, where this emulator's way is an inference or a report.

Each is one statement of the documentation turned round, by name. An emulator speaks none unless it
is started with some; what is kept in the state file does not depend on them.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import msgspec


class Dialect(msgspec.Struct, frozen=True):
    """One statement turned round.

    Attributes:
        statement: The sentence of the documentation that does not hold.
        instead: What holds in its place.
    """

    statement: str
    instead: str


@cache
def table() -> dict[str, Dialect]:
    """Return all dialects by name; read once, on first use."""
    text = Path(__file__).with_name("dialects.json").read_bytes()
    return msgspec.json.decode(text, type=dict[str, Dialect])


def checked(names: Iterable[str]) -> frozenset[str]:
    """Return the names as a set.

    Raises:
        ValueError: There is no dialect of one of these names.
    """
    found = frozenset(names)
    for name in sorted(found):
        if name not in table():
            close = difflib.get_close_matches(name, table(), 1)
            hint = f"Did you mean {close[0]}?" if close else f"Known: {', '.join(table())}."
            raise ValueError(f"There is no dialect {name!r}. {hint}")
    return found


def instead_of(statement: str) -> list[tuple[str, Dialect]]:
    """Return the dialects that turn a statement round, with their names."""
    return [(name, one) for name, one in table().items() if one.statement == statement]
