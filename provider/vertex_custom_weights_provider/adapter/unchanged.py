"""Inputs that are what they were: the commonest case, decided without parsing anything.

Most resources of most previews have not changed. What `check` once accepted need not be looked at
again, nor the models be loaded that would look at it (a sixth of a second in each run of the
engine, 2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vertex_custom_weights_provider.properties.chosen_once import NAMES, pinned

# What `check` adds to the inputs of the program, and keeps while the resource lives.
_CHOSEN = frozenset((*NAMES, "owner", "weightsFingerprint"))


def same_inputs(olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    """Tell whether the program's inputs are those of the last run; unknown ones never are."""
    before, now = _given(olds), pinned(_given(news), olds)
    return (
        bool(before)
        and all(before.get(key) == value for key, value in now.items())
        and _CHOSEN.issuperset(before.keys() - now.keys())
    )


def _given(bag: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in bag.items() if v is not None and not k.startswith("__")}
