"""Finds out how names differ when a checkpoint has every tensor under another name."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from vertex_custom_weights_provider.preflight.findings import shown

_MOST = 400


class Renaming(msgspec.Struct, frozen=True):
    """One change that explains many names.

    Attributes:
        found: Patterns of names that it explains.
        expected: Patterns that serving looks for in their place.
        said: What the change is.
    """

    found: frozenset[str]
    expected: frozenset[str]
    said: str


def renaming(missing: Iterable[str], foreign: Iterable[str]) -> Renaming | None:
    """Return the change that turns most expected patterns into those that were found."""
    by_last: Mapping[str, list[str]] = defaultdict(list)
    for pattern in list(missing)[:_MOST]:
        by_last[pattern.rpartition(".")[2]].append(pattern)
    votes: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for name in list(foreign)[:_MOST]:
        for wanted in by_last.get(name.rpartition(".")[2], ()):
            votes[_heads(name, wanted)][name] = wanted
    if not votes:
        return None
    (head, wanted_head), pairs = max(votes.items(), key=lambda vote: len(vote[1]))
    few = Counter(pairs.values()).most_common(1)[0][1] > 1
    if few or not (head or wanted_head) or len(pairs) < _enough(votes):
        return None
    return Renaming(frozenset(pairs), frozenset(pairs.values()), _said(head, wanted_head))


def _enough(votes: Mapping[tuple[str, str], Mapping[str, str]]) -> int:
    """Most of what could be explained by anything has to be explained by the same."""
    names = {name for pairs in votes.values() for name in pairs}
    return max(2, len(names) // 2)


def _heads(found: str, wanted: str) -> tuple[str, str]:
    """Return what two patterns begin with, before the longest end that they share."""
    one, other = found.split("."), wanted.split(".")
    same = 0
    while same < min(len(one), len(other)) and one[-1 - same] == other[-1 - same]:
        same += 1
    return _joined(one[: len(one) - same]), _joined(other[: len(other) - same])


def _joined(parts: list[str]) -> str:
    return "".join(f"{part}." for part in parts)


def _said(head: str, wanted: str) -> str:
    if not wanted:
        return f"'{shown(head)}' stands in front"
    if not head:
        return f"'{wanted}' is missing in front"
    return f"they begin with '{shown(head)}' where serving looks for '{wanted}'"
