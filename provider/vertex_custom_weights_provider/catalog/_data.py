"""Reads the data files, each once and only when something is looked up."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any


@cache
def load(name: str) -> dict[str, Any]:
    """Return the parsed data file `name` (without its suffix)."""
    return json.loads((Path(__file__).parent / "data" / f"{name}.json").read_bytes())
