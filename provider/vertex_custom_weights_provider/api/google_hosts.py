"""Which hosts are Google's: the only ones that are told who asks."""

from __future__ import annotations

import re

# Letters, digits, hyphens and dots alone: of such a URL no two parsers think differently.
_GOOGLE = re.compile(r"https://[a-z0-9.-]+\.(googleapis\.com|vertexai\.goog)(?=[/?]|\Z)")


def is_google(url: str) -> bool:
    """Tell whether a URL leads to a host of Google's APIs, encrypted."""
    return _GOOGLE.match(url) is not None
