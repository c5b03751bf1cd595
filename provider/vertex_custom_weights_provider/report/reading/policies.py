"""Violated policies, which `pulumi preview --json` leaves out and the engine's event log names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vertex_custom_weights_provider.report.reading.preview import Line, bag, text

_LEVELS = {"mandatory": "error", "advisory": "warn"}


def violations(log: Path) -> tuple[Line, ...]:
    """Return one line for each violated policy; a log that is missing or cut off tells less."""
    return tuple(_lines(log)) if log.exists() else ()


def _lines(log: Path) -> Iterator[Line]:
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            event: Any = json.loads(line)
        except ValueError:
            continue
        found = bag(bag(event).get("policyEvent"))
        severity = _LEVELS.get(text(found.get("enforcementLevel")))
        message = text(found.get("message")).strip()
        if severity and message:
            told = message.splitlines()[-1].strip()
            policy = f"{text(found.get('policyPackName'))}: {text(found.get('policyName'))}"
            yield Line(severity, text(found.get("resourceUrn")), f"{told} (policy {policy})")
