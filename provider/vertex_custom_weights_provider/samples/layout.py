"""From a model's `config.json` to the tensors of its published checkpoint."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from vertex_custom_weights_provider.architectures import Key, Layout, Place, find

from .tensor import Tensor

_DTYPES = {"bfloat16": "BF16", "float16": "F16", "float32": "F32"}
# What serving does without, and the published repositories of these models hold all the same.
_STORED_ANYWAY: Mapping[str, frozenset[str]] = {
    "tied_head": frozenset({"qwen3-0.6b", "qwen3-1.7b"}),
    "rotary_buffer": frozenset({"llama-2-7b", "llama-2-13b"}),
    "reused_keys": frozenset({"gemma-4-e2b", "gemma-4-e4b"}),
}
# Repositories that hold multi-token prediction: all whose configuration has it.
_ALWAYS_STORED = frozenset({"multi_token_prediction"})


def tensors(model_id: str, config: Mapping[str, Any], *, resaved: bool) -> tuple[Tensor, ...]:
    """Return the tensors of catalog row `model_id` in the order of its modules.

    Args:
        model_id: Row of the catalog.
        config: Its `config.json`.
        resaved: Without what a model that was loaded and saved again no longer holds.

    Raises:
        LookupError: nothing is known of the tensors of its kind.
    """
    architecture = find(config)
    if architecture is None:
        message = f"no layout for model_type {config.get('model_type')!r}"
        raise LookupError(message)
    stored = {group for group, rows in _STORED_ANYWAY.items() if model_id in rows} | _ALWAYS_STORED
    layout = Layout(architecture, config)
    return tuple(_in_order(layout, frozenset() if resaved else stored, _dtype(config)))


def _dtype(config: Mapping[str, Any]) -> str:
    inner: Mapping[str, Any] = config.get("text_config") or {}
    stated = [holder.get(key) for holder in (config, inner) for key in ("torch_dtype", "dtype")]
    return _DTYPES[next((name for name in stated if name), "bfloat16")]


def _in_order(layout: Layout, stored: Collection[str], dtype: str) -> Iterator[Tensor]:
    """Yield layer after layer, as a model's modules follow each other."""
    placed: list[tuple[tuple[int, ...], str, Key, Place]] = []
    part, before = 0, ""
    for number, (pattern, places) in enumerate(layout.kinds.items()):
        stem = pattern.partition("*")[0]
        if stem != before:
            part, before = part + 1, stem
        for key, place in places.items():
            if not place.spare or place.spare in stored:
                first, *rest = map(int, key or ("0",))
                placed.append(((part, first, number, *rest), pattern, key, place))
    for _, pattern, key, place in sorted(placed, key=lambda item: item[0]):
        shape = place.shape or ()
        yield Tensor(_name(pattern, key), shape, dtype if place.dtype == "model" else place.dtype)


def _name(pattern: str, key: Key) -> str:
    numbers = iter(key)
    return "".join(next(numbers) if letter == "*" else letter for letter in pattern)
