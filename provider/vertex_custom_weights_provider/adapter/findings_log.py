"""What examinations found, for programs: JSON lines beside the lines that people read.

A preview says what it found in sentences. Reports need the facts: rule ids, prices, quota, minutes.
When the environment names a file, each examination appends one line to it. Nothing depends on it
being written, so a file that cannot be written is passed over.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

VARIABLE = "VCW_FINDINGS"
"""Environment variable that names the file; `vcw report` sets it for the preview it runs."""

_VERSION = 1
_LOCK = threading.Lock()


def record(urn: str, weights: Mapping[str, Any], masked: Callable[[str], str] = str) -> None:
    """Append what an examination found; the last line of a resource counts.

    Args:
        urn: URN of the deployment.
        weights: Plain data.
        masked: Takes secrets out of a text.
    """
    path = os.environ.get(VARIABLE)
    if not path:
        return
    found = json.loads(masked(json.dumps(weights, ensure_ascii=False)))
    line = json.dumps({"version": _VERSION, "urn": urn, "weights": found}, ensure_ascii=False)
    with contextlib.suppress(OSError), _LOCK, Path(path).open("a", encoding="utf-8") as log:
        log.write(f"{line}\n")


def read(path: Path) -> dict[str, Mapping[str, Any]]:
    """Return what was found, by URN; lines that are cut off or of another version are left out.

    Raises:
        OSError: the file cannot be read.
    """
    found: dict[str, Mapping[str, Any]] = {}
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            entry: Any = json.loads(line)
        except ValueError:
            continue
        if not isinstance(entry, dict):
            continue
        fields = cast("dict[str, Any]", entry)
        urn, weights = fields.get("urn"), fields.get("weights")
        if fields.get("version") == _VERSION and isinstance(urn, str) and isinstance(weights, dict):
            found[urn] = cast("dict[str, Any]", weights)
    return found
