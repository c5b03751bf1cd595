"""Field masks: the `fields` and `readMask` of reads, the `updateMask` of writes."""

from __future__ import annotations

import re
from typing import Any, cast

from vertex_custom_weights_provider.emulator.envelope import Json, refuse

Tree = dict[str, "Tree | None"]

_TOKEN = re.compile(r"[^,()/]+|[,()/]")


def parse(mask: str) -> Tree:
    """Parse a partial-response mask, such as `items(name,size),nextPageToken` or `a/b`."""
    tokens = _TOKEN.findall(mask.replace(" ", ""))
    tree, rest = _parse_list(tokens)
    if rest:
        refuse("INVALID_ARGUMENT", f"Invalid field selection {mask}")
    return tree


def _parse_list(tokens: list[str]) -> tuple[Tree, list[str]]:
    tree: Tree = {}
    while tokens and tokens[0] != ")":
        name, tokens = tokens[0], tokens[1:]
        if name == ",":
            continue
        tokens = _parse_field(tree, name, tokens)
    return tree, tokens


def _parse_field(tree: Tree, name: str, tokens: list[str]) -> list[str]:
    if tokens and tokens[0] == "/":
        below: Tree = {}
        tokens = _parse_field(below, tokens[1] if len(tokens) > 1 else "*", tokens[2:])
        _merge(tree, name, below)
    elif tokens and tokens[0] == "(":
        below, tokens = _parse_list(tokens[1:])
        tokens = tokens[1:]
        _merge(tree, name, below)
    else:
        tree[name] = None
    return tokens


def _merge(tree: Tree, name: str, below: Tree) -> None:
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
        document = document.setdefault(step, {})
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
