"""Field masks: the `fields` and `readMask` of reads, the `updateMask` of writes."""

from __future__ import annotations

import re
from typing import Any, cast

from vertex_custom_weights_provider.emulator.envelope import Json, refuse

Tree = dict[str, "Tree | None"]

_TOKEN = re.compile(r"[^,()/]++|[,()/]")
_MOST_NESTED = 100  # the parser, and what walks its tree, call themselves for each
_LARGEST = 2**63 - 1  # of the store's integers


def whole_number(text: str) -> int | None:
    """Read a number as query parameters and page tokens write it; None when it is none."""
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        return None
    number = int(text)
    return number if number <= _LARGEST else None


def parse(mask: str) -> Tree:
    """Parse a partial-response mask, such as `items(name,size),nextPageToken` or `a/b`.

    Raises:
        ApiError: 400 when the mask is malformed, or nested beyond reason.
    """
    tokens = _TOKEN.findall(mask.replace(" ", ""))
    if sum(map(tokens.count, "(/")) > _MOST_NESTED:
        refuse("INVALID_ARGUMENT", f"Invalid field selection {mask[:60]}…")
    tokens.reverse()
    tree = _parse_list(tokens)
    if tokens:
        refuse("INVALID_ARGUMENT", f"Invalid field selection {mask}")
    return tree


def _parse_list(tokens: list[str]) -> Tree:
    """Read fields up to a closing bracket; `tokens` has the next one last."""
    tree: Tree = {}
    while tokens and tokens[-1] != ")":
        name = tokens.pop()
        if name != ",":
            _parse_field(tree, name, tokens)
    return tree


def _parse_field(tree: Tree, name: str, tokens: list[str]) -> None:
    following = tokens.pop() if tokens and tokens[-1] in "(/" else ""
    if not following:
        tree[name] = None
        return
    below: Tree = {}
    if following == "(":
        below = _parse_list(tokens)
        if tokens:
            tokens.pop()
    else:
        _parse_field(below, tokens.pop() if tokens else "*", tokens)
    known = tree.get(name)
    tree[name] = {**known, **below} if known else below


def select(document: Any, tree: Tree | None) -> Any:
    """Keep only what a mask names; lists are entered element by element."""
    if tree is None or "*" in tree:
        return document
    if isinstance(document, list):
        return [select(item, tree) for item in cast("list[Any]", document)]
    if not isinstance(document, dict):
        return document
    source = cast("Json", document)
    return {key: select(source[key], below) for key, below in tree.items() if key in source}


def camel(name: str) -> str:
    """Return the lowerCamelCase spelling of a field name in either spelling."""
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


def paths(mask: str) -> list[str]:
    """Split an update mask into camelCase paths; both spellings are accepted."""
    return [camel_path(part.strip()) for part in mask.split(",") if part.strip()]


def camel_path(text: str) -> str:
    """Spell one path in camelCase; below a map the key is the user's own."""
    steps = text.split(".")
    free = next((n for n, step in enumerate(steps, 1) if camel(step) in _FREE_FORM), len(steps))
    return ".".join([*(camel(step) for step in steps[:free]), *steps[free:]])


def lookup(document: Json, path: str) -> Any:
    """Return the value at a dotted path, or None."""
    value: Any = document
    for step in path.split("."):
        if not isinstance(value, dict):
            return None
        value = cast("Json", value).get(step)
    return value


def assign(document: Json, path: str, value: Any) -> None:
    """Set the value at a dotted path; None removes it."""
    *heads, last = path.split(".")
    for step in heads:
        below = document.setdefault(step, {})
        if not isinstance(below, dict):
            refuse("INVALID_ARGUMENT", f"Invalid field mask path {path!r}: {step} has no fields.")
        document = cast("Json", below)
    if value is None:
        document.pop(last, None)
    else:
        document[last] = value


# Values of these are the user's own; what looks like a default there is content.
_FREE_FORM = frozenset({"labels", "trafficSplit", "metadata", "systemLabels", "parameters"})


def without_defaults(document: Any) -> Any:
    """Leave out what Google's JSON leaves out: false, zero, empty strings and empty lists.

    Messages stay, even empty ones: that they are there means something.
    """
    if isinstance(document, list):
        return [without_defaults(item) for item in cast("list[Any]", document)]
    if not isinstance(document, dict):
        return document
    source = cast("Json", document)
    return {
        key: value if key in _FREE_FORM else without_defaults(value)
        for key, value in source.items()
        if value not in (False, 0, "", [])
    }


def apply_update(document: Json, update: Json, mask: list[str]) -> None:
    """Write what a mask names from `update` into `document`; absent there means cleared."""
    for path in mask:
        assign(document, path, lookup(update, path))
