"""Reads the data files, each once and only when something is looked up."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any


@cache
def load(name: str) -> dict[str, Any]:
    """Return the parsed data file `name` (without its suffix)."""
    folder = resources.files("vertex_custom_weights_provider.catalog")
    return json.loads(folder.joinpath("data", f"{name}.json").read_bytes())
