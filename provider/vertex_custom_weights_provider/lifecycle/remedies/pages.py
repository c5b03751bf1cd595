"""Where docs/troubleshooting.md goes on from a message."""

from __future__ import annotations

ANCHORS = (
    "quota",
    "stockout",
    "crash",
    "internal-error",
    "denied",
    "bucket",
    "pending",
    "rejected",
    "another-state",
)
"""Entries of the page that messages of the provider name."""


def see(anchor: str) -> str:
    """Return the words that lead from a message to its entry of the page."""
    if anchor not in ANCHORS:
        raise LookupError(f"docs/troubleshooting.md has no entry {anchor} for messages")
    return f"More: docs/troubleshooting.md#{anchor}."
