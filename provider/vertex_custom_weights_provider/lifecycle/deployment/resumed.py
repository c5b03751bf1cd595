"""Since when the work has been going on that an update resumes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.cloud import Cloud
from vertex_custom_weights_provider.lifecycle.lines import Line


def dated(lines: Iterable[Line], outputs: Mapping[str, Any], cloud: Cloud) -> Iterator[Line]:
    """Add to the line that says what is resumed when that began: one read, which may fail."""
    for line in lines:
        began = _began(str(outputs.get("deployOperation") or ""), cloud) if _resumes(line) else ""
        yield replace(line, text=f"{line.text}; it began at {began}") if began else line


def _resumes(line: Line) -> bool:
    return line.id == "resumes"


def _began(operation: str, cloud: Cloud) -> str:
    if "/operations/" not in operation:
        return ""
    with contextlib.suppress(errors.VcwError):
        return cloud.vertex.operation(operation).metadata.generic_metadata.create_time
    return ""
