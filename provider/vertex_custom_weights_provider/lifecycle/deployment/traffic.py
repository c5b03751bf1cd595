"""Moving traffic between the deployments of one resource, leaving everybody else's alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from vertex_custom_weights_provider.api.cloud import Cloud
from vertex_custom_weights_provider.api.messages import Endpoint
from vertex_custom_weights_provider.lifecycle.steps import vertex_objects as objects

Split = dict[str, int]


def shift(cloud: Cloud, name: str, to: str, away: Iterable[str], percent: int) -> None:
    """Give `to` so many percent of what it and `away` have together.

    An endpoint without traffic gives all of it to `to`.
    """
    leaving = tuple(away)

    def change(endpoint: Endpoint) -> Mapping[str, Any]:
        split = endpoint.split
        wanted = shifted(split, to, leaving, percent)
        return {} if wanted == split else {"trafficSplit": wanted}

    objects.patch(cloud, Endpoint, name, change)


def shifted(split: Split, to: str, away: tuple[str, ...], percent: int) -> Split:
    """Return the split after `to` has got so many percent of what it and `away` have."""
    if not split:
        return {to: 100}
    total = sum(split.get(key, 0) for key in (to, *away))
    gets = total * percent // 100
    rest = {key: split[key] for key in away if split.get(key)}
    left, weight = total - gets, sum(rest.values())
    for key, share in tuple(rest.items()):
        rest[key] = left * share // weight if weight else 0
    if rest and percent < 100:
        first = next(iter(rest))
        rest[first] += left - sum(rest.values())
    else:
        gets = total
        rest = {}
    moved = {**split, **dict.fromkeys((to, *away), 0), **rest, to: gets}
    return {key: share for key, share in moved.items() if share}


def restore(cloud: Cloud, name: str, before: Split, ours: Iterable[str]) -> None:
    """Give our deployments the shares they had."""
    known = frozenset(ours)

    def change(endpoint: Endpoint) -> Mapping[str, Any]:
        split = endpoint.split
        others = {key: share for key, share in split.items() if key not in known}
        wanted = {**others, **{key: share for key, share in before.items() if key in known}}
        return {} if wanted == split else {"trafficSplit": wanted}

    objects.patch(cloud, Endpoint, name, change)
