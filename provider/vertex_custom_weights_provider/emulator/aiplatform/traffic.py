"""Traffic splits: percentages by deployed model id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from vertex_custom_weights_provider.emulator.envelope import refuse

Split = dict[str, int]
NEW = "0"  # in deployModel, the model being deployed


def checked(split: Mapping[str, Any], known: Iterable[str]) -> Split:
    """Return a split as integers; refuse unknown ids, bad percentages and sums other than 100."""
    known = set(known)
    whole = {key: int(value) for key, value in split.items()}
    for key, share in whole.items():
        if key not in known:
            refuse("INVALID_ARGUMENT", f"Traffic split has unknown DeployedModel id {key!r}.")
        if not 0 <= share <= 100:
            refuse("INVALID_ARGUMENT", f"Traffic split of {key} is {share}, not in 0..100.")
    if whole and sum(whole.values()) != 100:
        refuse("INVALID_ARGUMENT", f"Traffic split sums to {sum(whole.values())}, must be 100.")
    return whole


def with_new(split: Mapping[str, Any], new_id: str) -> dict[str, Any]:
    """Put the id of the model being deployed in place of its stand-in."""
    return {new_id if key == NEW else key: value for key, value in split.items()}


def without(split: Split, removed: str) -> Split:
    """Return what is left when a model without traffic, or the last one, goes."""
    left = {key: value for key, value in split.items() if key != removed}
    return left if any(left.values()) else {}
