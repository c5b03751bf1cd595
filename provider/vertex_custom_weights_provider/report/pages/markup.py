"""Untrusted text, fit for Markdown as GitHub renders it, tables and diagrams included.

Names, labels, folders and messages come from programs, files and services. Nothing of them may
become markup: no link, no mention, no table cell, no end of a code block.
"""

from __future__ import annotations

import re

# Read as it stands, in a code span.
_PLAIN = re.compile(r"[\w ./:@=,+%()~;×→…-]+")
_SPECIAL = re.compile(r"([\\`*_\[\]|~$])")
_AT_START = re.compile(r"^(?=[#+=-]|\d+[.)])")  # a heading or a list, inside our own list too
_MENTION = re.compile(r"([@#])(?=\w)")
# Whatever letter stands before: to GitHub a word ends where ASCII does.
_BARE_LINK = re.compile(r"(?i)(https?|ftp|mailto|xmpp|www)([:.])")
_NOWHERE = "\u200b"  # between what would be a mention and what it mentions
_MERMAID_PLAIN = re.compile(r"[^\w ./:=,+%×→…-]")


def visible(text: str) -> str:
    """Return text without control characters and overrides of the writing direction."""
    return "".join(
        c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text
    )


def printable(text: str) -> str:
    """Return the same on one line."""
    return visible(" ".join(text.split()))


def code(text: str) -> str:
    """Return a name or value in a code span, for tables too; nothing of nothing."""
    shown = printable(text)
    if not shown:
        return ""
    if _PLAIN.fullmatch(shown):
        return f"`{shown}`"
    entities = "".join(c if c.isalnum() or c == " " else f"&#{ord(c)};" for c in shown)
    return f"<code>{entities}</code>"


def prose(text: str) -> str:
    """Return a sentence in which nothing is markup."""
    shown = _SPECIAL.sub(r"\\\1", printable(text))
    shown = (
        _AT_START.sub(_NOWHERE, shown)
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
    )
    shown = _MENTION.sub(rf"\1{_NOWHERE}", shown)
    return _BARE_LINK.sub(rf"\1{_NOWHERE}\2", shown)


def mermaid(text: str) -> str:
    """Return a label for a diagram, without quotes around it."""
    return _MERMAID_PLAIN.sub(lambda found: f"#{ord(found[0])};", printable(text))
