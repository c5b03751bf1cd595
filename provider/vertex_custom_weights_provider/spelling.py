"""How a name is spelled: snake_case in Python, camelCase on the wire."""

from __future__ import annotations


def camel(name: str) -> str:
    """Return the name on the wire; one that is there already stays."""
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


def snake(name: str) -> str:
    """Return the name in Python; one that is there already stays."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
