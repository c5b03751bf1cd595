"""What `check` chooses for the program stays chosen: names, and a machine.

Plain data only and nothing heavy imported: unchanged resources are recognised with this.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

AUTO = "auto"
"""Value of `machineType` that leaves the choice to preflight."""

NAMES = (
    "displayName",
    "endpointDisplayName",
    "endpointId",
    "endpointUserId",
    "modelDisplayName",
    "modelUserId",
    "name",
)
"""Inputs that `check` chooses where the program does not: an adopted object keeps its own."""

_TRIPLE = ("machineType", "acceleratorType", "acceleratorCount")


def pinned(news: Mapping[str, Any], olds: Mapping[str, Any]) -> dict[str, Any]:
    """Return inputs with the old machine in the place of `auto`, where there is an old one.

    Args:
        news: Inputs by wire name.
        olds: What `check` returned last time; empty for a new resource.
    """
    asked, chosen = _machine(news), _machine(olds)
    if asked.get("machineType") != AUTO or chosen.get("machineType") in (None, AUTO):
        return dict(news)
    kept = {key: chosen[key] for key in _TRIPLE if key in chosen}
    resources = {**news["dedicatedResources"], "machineSpec": {**asked, **kept}}
    return {**news, "dedicatedResources": resources}


def _machine(bag: Mapping[str, Any]) -> Mapping[str, Any]:
    return _object(_object(bag.get("dedicatedResources")).get("machineSpec"))


def _object(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}
