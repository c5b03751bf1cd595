"""The report as JSON, for programs and for a comparison with another branch."""

from __future__ import annotations

import msgspec

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.report.model import Report

VERSION = 1


class _Document(msgspec.Struct):
    version: int
    report: Report


def write(report: Report) -> str:
    """Return the report as one JSON object; what money and verdict are made of is all in it."""
    document = msgspec.json.encode(_Document(VERSION, report))
    return f"{msgspec.json.format(document, indent=2).decode()}\n"


def read(text: str) -> Report:
    """Read what `write` wrote.

    Raises:
        ConfigurationError: it is something else.
    """
    try:
        found = msgspec.json.decode(text, type=_Document)
    except msgspec.DecodeError as wrong:
        raise errors.ConfigurationError(
            f"This is not what `vcw report --json FILE` writes: {wrong}."
        ) from None
    if found.version != VERSION:
        raise errors.ConfigurationError(
            f"The report is of version {found.version}, and {VERSION} is read. Make it anew."
        )
    return found.report
