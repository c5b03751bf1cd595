"""X1: content of the folder that could run, or make a container run, code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from vertex_custom_weights_provider import catalog
from vertex_custom_weights_provider.preflight import rules
from vertex_custom_weights_provider.preflight.findings import (
    Finding,
    error,
    info,
    shown,
    some,
    warn,
)
from vertex_custom_weights_provider.storage.inventory import Inventory

_CODE_KEYS = ("auto_map", "custom_pipelines")
# Between a repository and a class in it.
_ELSEWHERE = "--"
_REMOTE = re.compile(r"[/:]")
_MAX_TEMPLATE = 1_000_000
# Linear in the template whatever it holds: no pattern begins with a repetition.
_TEMPLATE_SIGNS = (
    (re.compile(r"__\w+__|\\x5f\\x5f"), "dunder names"),
    (re.compile(r"\battr\s*\("), "attr()"),
    (re.compile(r"\b(lipsum|cycler|joiner)\b"), "jinja internals"),
    (re.compile(r"\bnamespace\s*\.|\bself\s*\._"), "reaching into jinja objects"),
    (re.compile(r"range\s*\(\s*(\d+\s*,\s*)?\d{6}|\d{4}\s*\*\*\s*\d"), "huge loops"),
    (re.compile(r"\b(os|sys|subprocess|builtins)\s*\.\s*\w"), "Python modules"),
)
_ADVICE = "Remove it unless you wrote it; serving containers have run such code uninvited."


def _items(value: Any) -> Iterator[tuple[str, Any]]:
    """Walk all keys of a parsed document, without recursion."""
    todo = [value]
    while todo:
        current = todo.pop()
        if isinstance(current, dict):
            for key, child in cast("dict[str, Any]", current).items():
                yield key, child
                todo.append(child)
        elif isinstance(current, list):
            todo.extend(cast("list[Any]", current))


def check_config_code(
    config: Mapping[str, Any],
    rows: Sequence[catalog.Model],
    inventory: Inventory,
) -> Iterator[Finding]:
    """Check the configuration for code it names, and the folder for code."""
    usual = any(row.ships_auto_map for row in rows)
    found = [(key, value) for key, value in _items(dict(config)) if key in _CODE_KEYS and value]
    # The published one names files beside it, and never those of another repository.
    foreign = [key for key, value in found if not usual or _ELSEWHERE in repr(value)]
    for key in dict.fromkeys(foreign):
        yield error(rules.X1, f"config.json names Python code to load ({key}). {_ADVICE}")
    for key in dict.fromkeys(key for key, _ in found if key not in foreign):
        message = f"config.json names Python code to load ({key}), as the published one does."
        yield info(rules.X1, message)
    files = [item.name for item in inventory.python_files]
    if files:
        make = warn if usual else error
        yield make(rules.X1, f"Python files beside the weights: {some(files)}. {_ADVICE}")
    yield from _kernels(config)
    yield from _nested_types(config)


def _kernels(config: Mapping[str, Any]) -> Iterator[Finding]:
    for key, value in _items(dict(config)):
        if "attn_implementation" in key and isinstance(value, str) and _REMOTE.search(value):
            yield error(
                rules.X1,
                f"config.json: {shown(key)} {shown(value)!r} makes transformers before 5.3 "
                "download and run a kernel (CVE-2026-4372). Remove the key.",
            )


def _nested_types(config: Mapping[str, Any]) -> Iterator[Finding]:
    for key, value in _items(dict(config)):
        odd = isinstance(value, str) and not re.fullmatch(r"[\w.-]*", value)
        if key in ("model_type", "model_file") and (odd or not isinstance(value, str)):
            yield error(
                rules.X1,
                f"config.json: {key} is {shown(repr(value))}, not a plain name. Correct it.",
            )


def check_tokenizer_code(config: Mapping[str, Any]) -> Iterator[Finding]:
    """Check tokenizer_config.json for code it names and for its chat templates."""
    if config.get("auto_map"):
        yield warn(rules.X1, f"tokenizer_config.json names Python code (auto_map). {_ADVICE}")
    template = config.get("chat_template")
    if isinstance(template, str):
        yield from check_template("tokenizer_config.json", template)
    elif isinstance(template, list):
        for entry in cast("list[Any]", template):
            text = cast("dict[str, Any]", entry).get("template") if isinstance(entry, dict) else ""
            if isinstance(text, str):
                yield from check_template("tokenizer_config.json", text)


def check_template(where: str, text: str) -> Iterator[Finding]:
    """Look for signs of template injection; never renders anything, and is advisory."""
    if len(text) > _MAX_TEMPLATE:
        yield warn(rules.X1, f"{shown(where)}: the chat template is over 1 MB. Real ones are not.")
        return
    signs = [what for pattern, what in _TEMPLATE_SIGNS if pattern.search(text)]
    if signs:
        yield warn(
            rules.X1,
            f"{shown(where)}: the chat template uses {', '.join(signs)}; templates have been used "
            "to run code in serving containers (CVE-2026-5760). Compare it with the base model's.",
        )
