"""Names for what is found: resource names that no two share, and variables that Python takes."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata

_LONGEST = 40


class Names:
    """Gives each name once."""

    def __init__(self) -> None:
        """Start with none given."""
        self._given: set[str] = set()

    def give(self, *wanted: str) -> str:
        """Return a name of lower-case letters, digits and hyphens, made of the words `wanted`."""
        base = "-".join(filter(None, map(_slug, wanted)))[:_LONGEST].strip("-") or "endpoint"
        name, number = base, 1
        while name in self._given:
            number += 1
            name = f"{base}-{number}"
        self._given.add(name)
        return name


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def variable(name: str) -> str:
    """Return a Python variable for a name that `Names` has given."""
    text = name.replace("-", "_")
    if text[0].isdigit():
        text = f"_{text}"
    return f"{text}_" if keyword.iskeyword(text) or hasattr(builtins, text) else text
