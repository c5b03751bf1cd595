"""Ids that are chosen, not received: the same on every retry, and known in preview.

An id is `{name}-{digest}`. The digest covers the owner and, for what can only be replaced, the
inputs that replace it: a replacement gets an id of its own and can stand beside what it replaces.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

_DIGEST_LENGTH = 8
_CHOSEN = re.compile(rf".+-[0-9a-f]{{{_DIGEST_LENGTH}}}(-[0-9]+)?")
_TOMBSTONE_STEPS = 999  # as many as the room that ids keep free can count


def digest(*parts: Any, length: int = _DIGEST_LENGTH) -> str:
    """Return a short stable digest of JSON-like values."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def resource_name(urn: str) -> str:
    """Return the last part of a URN, the resource's own name."""
    return urn.rsplit("::", 1)[-1]


def choose(urn: str, *parts: Any, readable: str = "", limit: int = 63) -> str:
    """Choose an id for the resource `urn`: readable, unique to its owner and to `parts`.

    Args:
        urn: The owner.
        *parts: Inputs of which each change asks for another id.
        readable: What the id begins with; default the resource's name.
        limit: Longest id that the service takes.

    Always starts with a letter and is valid for endpoints, models and compute resources alike.
    Four characters are kept free for the suffix that steps past a tombstone.
    """
    slug = re.sub(r"[^a-z0-9]+", "-", (readable or resource_name(urn)).lower()).strip("-")
    if not slug[:1].isalpha():
        slug = f"m-{slug}".rstrip("-")
    room = limit - _DIGEST_LENGTH - 1 - 4
    return f"{slug[:room].rstrip('-')}-{digest(urn, *parts)}"


def number(text: str) -> str:
    """Return ten digits for a name: what a deployed model's id may be."""
    return str(10**9 + int(digest(text, length=12), 16) % (9 * 10**9))


def is_chosen(id: str) -> bool:
    """Tell whether an id looks like one that `choose` made up, or a successor of one."""
    return _CHOSEN.fullmatch(id) is not None


def candidates(chosen: str) -> Iterator[str]:
    """Yield the id and its successors `-2`, `-3` ..., the same sequence on every try."""
    yield chosen
    for step in range(2, _TOMBSTONE_STEPS + 1):
        suffix = f"-{step}"
        yield f"{chosen[: 63 - len(suffix)]}{suffix}"
