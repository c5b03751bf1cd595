"""The Range header, as Cloud Storage reads it."""

from __future__ import annotations

import re

import msgspec

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


class Span(msgspec.Struct, frozen=True):
    """A part of an object: `length` bytes from `start`."""

    start: int
    length: int


def parse(header: str | None, size: int) -> Span | None:
    """Return the part asked for, or None for the whole object.

    What is not one range of bytes is ignored, as HTTP wants it.

    Raises:
        ValueError: The range is well formed, and outside the object.
    """
    match = _RANGE.fullmatch(header.replace(" ", "")) if header else None
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        start = max(0, size - int(last))
        end = size if int(last) else start
    else:
        start = int(first)
        end = min(size, int(last) + 1) if last else size
        if last and int(last) < start:
            return None
    if start >= end:
        raise ValueError(header)
    return Span(start, end - start)
