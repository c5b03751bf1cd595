"""Python values as a formatter lays them out: on one line if they fit, else one entry a line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

_WIDTH = 88
_INDENT = "    "


@dataclass(frozen=True)
class Code:
    """An expression, written as it is."""

    text: str


def call(target: str, positional: str, arguments: Mapping[str, Any]) -> str:
    """Return a statement that calls a class with arguments, one a line."""
    lines = [f"{target}(", f"{_INDENT}{literal(positional)},"]
    for key, value in arguments.items():
        lines.append(f"{_INDENT}{key}={laid_out(value, _INDENT, len(key) + 1)},")
    return "\n".join([*lines, ")"])


def laid_out(value: Any, indent: str, before: int) -> str:
    """Return a value that begins `before` characters after `indent` and is followed by a comma."""
    flat = literal(value)
    if len(indent) + before + len(flat) + 1 <= _WIDTH or not isinstance(value, (Mapping, list)):
        return flat
    inner = indent + _INDENT
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, Any]", value).items()
        entries = [
            f"{literal(key)}: {laid_out(item, inner, len(literal(key)) + 2)}" for key, item in pairs
        ]
        opening, closing = "{", "}"
    else:
        entries = [laid_out(item, inner, 0) for item in cast("list[Any]", value)]
        opening, closing = "[", "]"
    body = "".join(f"{inner}{entry},\n" for entry in entries)
    return f"{opening}\n{body}{indent}{closing}"


def literal(value: Any) -> str:
    """Return a value on one line."""
    if isinstance(value, Code):
        return value.text
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, Any]", value).items()
        return f"{{{', '.join(f'{literal(key)}: {literal(item)}' for key, item in pairs)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, cast('list[Any]', value)))}]"
    return repr(value)


def _string(text: str) -> str:
    """Quote doubly, but for text that would need escapes then."""
    if '"' in text and "'" not in text:
        return repr(text)
    return json.dumps(text, ensure_ascii=False)


def comment(sentence: str) -> list[str]:
    """Return a sentence as comment lines."""
    lines, line = list[str](), "#"
    plain = "".join(letter if letter.isprintable() else " " for letter in sentence)
    for word in plain.split():
        if len(line) + 1 + len(word) > _WIDTH and line != "#":
            lines.append(line)
            line = "#"
        line += f" {word}"
    return [*lines, line]
