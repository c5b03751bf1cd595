"""Lists that people read and programs split: a name is never cut, on a terminal or in a pipe."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, TypeVar

import typer

_GAP = "  "
_LEAST_TO_WRAP = 24


class Format(StrEnum):
    """How a list is printed."""

    table = "table"
    json = "json"


class Page(StrEnum):
    """How a page is printed."""

    text = "text"
    json = "json"


Paper = Annotated[Page, typer.Option("--format", help="For people or for programs.")]
Form = Annotated[Format, typer.Option("--format", help="For people or for programs.")]
AsJson = Annotated[bool, typer.Option("--json", help="Short for --format json.")]
Cell = str | int | float | None


P = TypeVar("P", Format, Page)


def asked(form: P, as_json: bool) -> P:
    """Return the form that was asked for, by its name or by `--json`."""
    return type(form)("json") if as_json else form


@dataclass(frozen=True)
class Listing:
    """A list to be printed.

    Attributes:
        title: What is listed; shown on terminals only.
        columns: Their titles; the first names the rows, the later ones are the less needed.
        rows: A cell for each column.
        data: The same as JSON, whole.
        numbers: Titles of the columns that hold numbers, which are set to the right.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    data: Sequence[Mapping[str, Any]]
    numbers: frozenset[str] = field(default_factory=frozenset[str])


def show(listing: Listing, form: Format) -> None:
    """Print a list on standard output."""
    if form is Format.json:
        typer.echo(json.dumps(listing.data, indent=2, ensure_ascii=False))
        return
    terminal = sys.stdout.isatty()
    if terminal:
        typer.echo(listing.title)
    width = shutil.get_terminal_size().columns if terminal else None
    for line in lines(listing, width):
        typer.echo(line)


def lines(listing: Listing, width: int | None) -> Iterator[str]:
    """Yield header and rows; where there is a width, columns that do not fit are left out."""
    cells = [["" if cell is None else str(cell) for cell in row] for row in listing.rows]
    table = [list(listing.columns), *cells]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    shown, room = _fitting(widths, width)
    for row in table:
        yield from _line(row[:shown], widths, listing, room)
    if shown < len(widths):
        left_out = ", ".join(listing.columns[shown:])
        yield f"Not shown for want of room: {left_out} (--format json has all)."


def _fitting(widths: Sequence[int], width: int | None) -> tuple[int, int | None]:
    """Return how many columns are shown, and the room of the last if it has to be wrapped."""
    if width is None or sum(widths) + len(_GAP) * (len(widths) - 1) <= width:
        return len(widths), None
    for shown in range(len(widths), 1, -1):
        before = sum(widths[: shown - 1]) + len(_GAP) * (shown - 1)
        room = width - before
        if room >= widths[shown - 1]:
            return shown, None
        if shown == len(widths) and room >= _LEAST_TO_WRAP:
            return shown, room
    return 1, None


def _line(
    row: Sequence[str], widths: Sequence[int], listing: Listing, room: int | None
) -> Iterator[str]:
    *first, last = row
    pieces = (
        textwrap.wrap(last, room, break_long_words=False, break_on_hyphens=False) if room else []
    )
    for number, piece in enumerate(pieces or [last]):
        shown = [*(first if not number else [""] * len(first)), piece]
        aligned = (
            cell.rjust(widths[at])
            if listing.columns[at] in listing.numbers
            else cell.ljust(widths[at])
            for at, cell in enumerate(shown)
        )
        yield _GAP.join(aligned).rstrip()


def beside(text: str, indent: int) -> str:
    """Return a text that starts `indent` columns in; on a terminal its other lines do, too."""
    if not sys.stdout.isatty():
        return text
    room = max(shutil.get_terminal_size().columns - indent, _LEAST_TO_WRAP)
    pieces = textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False)
    return f"\n{' ' * indent}".join(pieces)
