"""Which hosts are Google's: the only ones that are told who asks. And what is a URL at all."""

from __future__ import annotations

import re

# Letters, digits, hyphens and dots alone: of such a URL no two parsers think differently.
_GOOGLE = re.compile(r"https://[a-z0-9.-]+\.(googleapis\.com|vertexai\.goog)(?=[/?]|\Z)")
# What parsers agree on: a host without a login, and a path without detours.
_PLAIN = re.compile(
    r"https?://([A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\])(:[0-9]+)?"
    r"(/(?!\.{1,2}(/|\Z))[A-Za-z0-9._~!$&'()*+,;=:@%-]*)*"
)


def is_plain(url: str) -> bool:
    """Tell whether a URL, without its query, leads where it seems to lead."""
    return _PLAIN.fullmatch(url) is not None


def is_google(url: str) -> bool:
    """Tell whether a URL leads to a host of Google's APIs, encrypted."""
    return _GOOGLE.match(url) is not None
