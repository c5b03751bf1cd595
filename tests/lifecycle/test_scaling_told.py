"""What a preview says of replicas that change in place."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi.output import Unknown

from vertex_custom_weights_provider.lifecycle.deployment import (
    custom_weights_deployment as lifecycle,
)
from vertex_custom_weights_provider.lifecycle.explanation import explain

SPEC = {"machineType": "g2-standard-12"}


def told(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Return the lines of a change from these dedicated resources to those."""
    was, now = ({"dedicatedResources": {"machineSpec": SPEC, **counts}} for counts in (old, new))
    explained = explain(lifecycle, was, now, lambda value: isinstance(value, Unknown))
    return [line.text for line in explained.effects if line.id != "in-place"]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (
            {"minReplicaCount": 1.0, "maxReplicaCount": 2.0},
            {"minReplicaCount": 2, "maxReplicaCount": 5},
            "at least 1 → 2, at most 2 → 5",
        ),
        ({"maxReplicaCount": 2}, {"maxReplicaCount": 3}, "at most 2 → 3"),
        ({}, {"minReplicaCount": 1, "maxReplicaCount": 3}, "at most 3"),
        ({}, {"minReplicaCount": 0}, "at least 0"),
        ({"minReplicaCount": 2}, {"minReplicaCount": Unknown()}, "at least 2 → unknown yet"),
    ],
)
def test_change_of_replicas_is_told_in_numbers(
    old: dict[str, Any], new: dict[str, Any], line: str
) -> None:
    assert told(old, new) == [f"replicas change in place: {line}"]


def test_replicas_that_stay_are_not_told() -> None:
    assert told({"maxReplicaCount": 2}, {"maxReplicaCount": 2.0}) == []
    assert told({}, {"minReplicaCount": 1}) == []


def test_replicas_of_a_replacement_do_not_change_in_place() -> None:
    lines = told({"maxReplicaCount": 2}, {"maxReplicaCount": 3, "spot": True})
    assert not any("in place" in line for line in lines)
