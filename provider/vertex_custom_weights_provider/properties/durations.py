"""Durations as programs write them."""

from __future__ import annotations

import re
from typing import Annotated

from vertex_custom_weights_provider.properties.base import (
    Rule,
)

_NUMBER = r"(\d+(?:\.\d+)?)"
_DURATION = re.compile(rf"(?:{_NUMBER}h)?(?:{_NUMBER}m)?(?:{_NUMBER}s)?")


def seconds(duration: str) -> float:
    """Convert `2h`, `90m`, `1h30m` or `600s` to seconds.

    Raises:
        ValueError: it is none of these.
    """
    match = _DURATION.fullmatch(duration)
    if not duration or match is None or not any(match.groups()):
        raise ValueError(f'{duration!r} is not a duration; write for example "2h", "90m" or "600s"')
    hours, minutes, rest = (float(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + rest


def _duration(value: str) -> str:
    return f"{seconds(value):f}".rstrip("0").rstrip(".") + "s"


Duration = Annotated[str, Rule(_duration)]
