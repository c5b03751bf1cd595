"""Did-you-mean: the nearest valid names to one that is not known."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

_LIKE_ENOUGH = 0.6
_SHORT_LIST = 8
_PART = 2


def fold(name: str) -> str:
    """Reduce a name to what people agree on: letters and digits, lower case."""
    return "".join(c for c in name.lower() if c.isalnum())


def nearest(
    name: str, valid: Iterable[str], count: int = 3, *, like: float = _LIKE_ENOUGH
) -> tuple[str, ...]:
    """Return up to `count` of `valid` that resemble `name`, the likeliest first.

    Args:
        name: What was written.
        valid: What exists.
        count: How many at most.
        like: How much they have to resemble, 0 to 1, which is the same but for case and signs.
    """
    wanted = fold(name)
    scored = [(_likeness(wanted, fold(v)), v) for v in valid]
    close = sorted((s for s in scored if s[0] >= like), key=lambda s: (-s[0], s[1]))
    return tuple(v for _, v in close[:count])


def _likeness(wanted: str, valid: str) -> float:
    """Return how alike two names are; a part of a name, such as L4, is like enough."""
    ratio = SequenceMatcher(None, wanted, valid).ratio()
    return max(ratio, _LIKE_ENOUGH) if len(wanted) >= _PART and wanted in valid else ratio


def hint(name: str, valid: Iterable[str], listed_by: str = "") -> str:
    """Say in one sentence what could have been meant; the whole list when it is short.

    Args:
        name: What was written.
        valid: What exists.
        listed_by: Command that lists what exists, for when the list is long.
    """
    names = tuple(valid)
    close = nearest(name, names)
    if close:
        return f"Did you mean {' or '.join(close)}?"
    if len(names) <= _SHORT_LIST:
        return f"Known: {', '.join(names)}."
    return f"`{listed_by}` lists them." if listed_by else ""
