"""The picture of an endpoint laid out: boxes, lines of text and arrows with coordinates.

The page's template turns it into SVG. Sizes are in CSS pixels.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from vertex_custom_weights_provider.report.pages.measure import width as width_of
from vertex_custom_weights_provider.report.topology import Edge, Mark, Node, Rank, Topology

_WIDE, _NARROW = 178, 312
_HEAD, _LINE, _GAP, _STEP = 60, 15, 20, 44
_PADDING = 12
_TITLE_SIZE, _DETAIL_SIZE = 13, 11  # as page.css has them
_DETAIL_LINES = 3
_BREAKS = re.compile(r"(?<=[ /;,_-])")


@dataclass(frozen=True)
class Box:
    """One node: upper left corner, size, and text that fits."""

    x: float
    y: float
    width: float
    height: float
    station: str
    title: str
    details: tuple[str, ...]
    mark: Mark
    full: str


@dataclass(frozen=True)
class Arrow:
    """One edge: SVG path data of line and head, and where its label goes."""

    line: str
    head: str
    label: str
    x: float
    y: float


@dataclass(frozen=True)
class Drawing:
    """A picture: its size, and what is on it."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def across(topology: Topology) -> Drawing:
    """Lay a picture out from left to right, for wide screens and paper."""
    columns = _stations(topology)
    height = _box_height(topology, _WIDE)
    tallest = max((len(nodes) for nodes in columns), default=1) * (height + _GAP)
    placed: dict[str, Box] = {}
    for number, nodes in enumerate(columns):
        top = (tallest - len(nodes) * (height + _GAP)) / 2
        for row, node in enumerate(nodes):
            x, y = number * (_WIDE + _STEP), top + row * (height + _GAP)
            placed[node.key] = _box(node, x, y, _WIDE, height)
    arrows = tuple(_rightward(edge, placed) for edge in topology.edges)
    return _drawing(placed, arrows)


def down(topology: Topology) -> Drawing:
    """Lay a picture out from top to bottom, for narrow screens."""
    stations = _stations(topology)
    widths = [max((_NARROW - _GAP * (len(n) - 1)) / len(n), _NARROW / 2 - _GAP) for n in stations]
    height = _box_height(topology, min(widths, default=_NARROW))
    placed: dict[str, Box] = {}
    for number, (nodes, width) in enumerate(zip(stations, widths, strict=True)):
        for column, node in enumerate(nodes):
            x, y = column * (width + _GAP), number * (height + _STEP)
            placed[node.key] = _box(node, x, y, width, height)
    arrows = tuple(_downward(edge, placed) for edge in topology.edges)
    return _drawing(placed, arrows)


def _box_height(topology: Topology, width: float) -> float:
    """Return the height that the longest text needs: all boxes of a picture are alike."""
    lines = (len(_wrapped(node.detail, _room(width))) for node in topology.nodes)
    return _HEAD + _LINE * max(lines, default=1)


def _room(width: float) -> float:
    """Return how wide the text in a box may be."""
    return width - 2 * _PADDING


def _stations(topology: Topology) -> list[list[Node]]:
    found = ([node for node in topology.nodes if node.rank is rank] for rank in Rank)
    return [nodes for nodes in found if nodes]


def _drawing(placed: dict[str, Box], arrows: tuple[Arrow, ...]) -> Drawing:
    boxes = tuple(placed.values())
    width = max((box.x + box.width for box in boxes), default=0)
    height = max((box.y + box.height for box in boxes), default=0)
    return Drawing(width, height, boxes, arrows)


def _box(node: Node, x: float, y: float, width: float, height: float) -> Box:
    return Box(
        x=x,
        y=y,
        width=width,
        height=height,
        station=node.rank.value,
        title=_cut(node.title, _room(width), _TITLE_SIZE, bold=True),
        details=_wrapped(node.detail, _room(width)),
        mark=node.mark,
        full=f"{node.rank.value}: {node.title}. {node.detail}",
    )


def _cut(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """Shorten in the middle: names begin and end with what tells them apart."""
    shown, kept = text, len(text)
    while kept > 1 and width_of(shown, size, bold=bold) > room:
        kept -= 1
        half = kept // 2
        shown = f"{text[: kept - half]}…{text[len(text) - half :]}"
    return shown


def _wrapped(text: str, room: float) -> tuple[str, ...]:
    """Break into lines where statements, words, folders or parts of names end."""
    lines = [line for statement in text.split("; ") for line in _filled(statement, room)]
    if len(lines) > _DETAIL_LINES:
        lines = [*lines[: _DETAIL_LINES - 1], " ".join(lines[_DETAIL_LINES - 1 :])]
    return tuple(_cut(line, room, _DETAIL_SIZE) for line in lines)


def _filled(statement: str, room: float) -> Iterator[str]:
    current = ""
    for piece in _BREAKS.split(statement):
        if current and width_of(f"{current}{piece.rstrip()}", _DETAIL_SIZE) > room:
            yield current.strip()
            current = ""
        current += piece
    if current.strip():
        yield current.strip()


def _rightward(edge: Edge, placed: dict[str, Box]) -> Arrow:
    source, target = placed[edge.source], placed[edge.target]
    x1, y1 = source.x + source.width, source.y + source.height / 2
    x2, y2 = target.x, target.y + target.height / 2
    bend = (x2 - x1) / 2
    line = f"M{x1:g} {y1:g}C{x1 + bend:g} {y1:g} {x2 - bend:g} {y2:g} {x2 - 2:g} {y2:g}"
    head = f"M{x2 - 8:g} {y2 - 5:g}L{x2 - 1:g} {y2:g}L{x2 - 8:g} {y2 + 5:g}"
    return Arrow(line, head, edge.label, (x1 + x2) / 2, (y1 + y2) / 2 - 8)


def _downward(edge: Edge, placed: dict[str, Box]) -> Arrow:
    source, target = placed[edge.source], placed[edge.target]
    x1, y1 = source.x + source.width / 2, source.y + source.height
    x2, y2 = target.x + target.width / 2, target.y
    bend = (y2 - y1) / 2
    line = f"M{x1:g} {y1:g}C{x1:g} {y1 + bend:g} {x2:g} {y2 - bend:g} {x2:g} {y2 - 2:g}"
    head = f"M{x2 - 5:g} {y2 - 8:g}L{x2:g} {y2 - 1:g}L{x2 + 5:g} {y2 - 8:g}"
    return Arrow(line, head, edge.label, (x1 + x2) / 2 + 24, (y1 + y2) / 2 + 4)
