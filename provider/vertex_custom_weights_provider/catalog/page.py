"""Reads a saved copy of Google's page on custom weights, and compares it with the catalog.

The page has one table: a family, and its versions as a list of `Llama-2: 7B, 13B`. Google extends
it without a word, so a copy of it, saved from a browser or as its own Markdown, says what is new.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from .models import models
from .suggest import fold

_LIST = "custom-weights"
_HEAD = "modelname"
_NEXT_HEAD = "modelfile"
_CELLS = ("td", "th")
_BREAKS = ("li", "br", "p")
_ROW = re.compile(r"^\s*\|(.*)\|\s*$", re.MULTILINE)
_RULER = re.compile(r"[\s:|-]*")
_DASH = re.compile(r"(?:^|\s)[-*\u2022]\s+")
_Row = list[list[str]]


class NoTableError(ValueError):
    """The text is no copy of the page."""


class _Tables(HTMLParser):
    """Collects the cells of all tables; items of a list in a cell stay apart."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[_Row] = []
        self._cell: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in _CELLS and self.rows:
            self._cell = [""]
            self.rows[-1].append(self._cell)
        elif tag in _BREAKS and self._cell is not None:
            self._cell.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in _CELLS:
            self._cell = None

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell[-1] += data


def _html_rows(text: str) -> list[_Row]:
    parser = _Tables()
    parser.feed(text)
    parser.close()
    return parser.rows


def _markdown_rows(text: str) -> list[_Row]:
    found = (match[1] for match in _ROW.finditer(text))
    lines = (line for line in found if not _RULER.fullmatch(line))
    return [[_DASH.split(cell.strip()) for cell in line.split("|")] for line in lines]


def _supported(rows: list[_Row]) -> Iterator[str]:
    """Yield the versions that the table names whose head speaks of models."""
    inside = False
    for row in rows:
        head = fold("".join(row[0])) if row else ""
        if head.startswith(_NEXT_HEAD):
            return
        if inside and len(row) == len(("family", "versions")):
            yield from (item.strip() for item in row[1] if item.strip())
        inside = inside or head == _HEAD


def _names(item: str) -> Iterator[str]:
    """Yield the models of an item: `Qwen3: 8B, Qwen3-VL-8B-Instruct` are two."""
    family, colon, versions = " ".join(item.split()).partition(":")
    if not colon:
        yield family
        return
    for version in filter(None, (part.strip() for part in versions.split(","))):
        yield version if fold(version).startswith(fold(family)) else f"{family} {version}"


def names_on_page(text: str) -> tuple[str, ...]:
    """Return the models that a saved copy of the page names, as HTML or as Markdown.

    Raises:
        NoTableError: it has no table of models.
    """
    tags = re.search(r"<t(able|r|d)\b", text, re.IGNORECASE)
    rows = _html_rows(text) if tags else _markdown_rows(text)
    found = [name for item in _supported(rows) for name in _names(item)]
    if not found:
        message = "there is no table of models in it. Save Google's page on custom weights."
        raise NoTableError(message)
    return tuple(dict.fromkeys(found))


def differences(text: str) -> Iterator[str]:
    """Yield what a saved copy of the page has otherwise than the catalog, one sentence each.

    Raises:
        NoTableError: it has no table of models.
    """
    theirs = {fold(name): name for name in names_on_page(text)}
    ours = {fold(row.lists[_LIST]): row for row in models() if _LIST in row.lists}
    for key, name in theirs.items():
        if key not in ours:
            yield f"{name} is on the page, and not in the catalog."
    for key, row in ours.items():
        if key not in theirs:
            yield f"{row.lists[_LIST]} ({row.id}) is in the catalog, and not on the page."
