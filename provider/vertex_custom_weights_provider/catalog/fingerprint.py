"""Which documented base model a `config.json` describes.

The key is the shape of the text decoder. Fine-tunes keep it: they change the vocabulary, the
maximum position or the spelling of keys, and none of those count. Where two models share a shape,
rotary parameters or the presence of a vision tower separate them; four groups nothing separates,
and those are returned as a set.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, cast

import msgspec

from .models import Model, Shape, models

# Class defaults that published configurations leave out.
_DEFAULTS: Mapping[str, Mapping[str, int]] = {
    "gemma3_text": {
        "vocab_size": 262208,
        "num_attention_heads": 8,
        "num_key_value_heads": 4,
        "head_dim": 256,
    },
    "mistral": {"num_key_value_heads": 8},
}
_WRAPPERS = {"gemma3": "gemma3_text", "llama4": "llama4_text"}
_EXPERT_KEYS = ("num_experts", "num_local_experts", "n_routed_experts")
_CODELLAMA_THETA = 5e5
_MISTRAL_V01_THETA = 1e5
_PHI4_BASE_THETA = 250000
_TWINS_27B = {"gemma-3-27b", "medgemma-27b-text"}
_TWINS_13B = {"llama-2-13b", "codellama-13b"}


class TextConfig(msgspec.Struct, frozen=True):
    """The decoder part of a configuration, with defaults filled in and both spellings read.

    Attributes:
        values: Keys as transformers names them.
        model_type: Of the decoder; None when it is not stated.
        shape: The key of the fingerprint; None when a needed key is missing or not a number.
        rope_theta: Base of the rotary embedding, if given.
        rope_type: Kind of rotary scaling, if given.
        has_vision: The configuration has a vision tower.
    """

    values: Mapping[str, Any]
    model_type: str | None
    shape: Shape | None
    rope_theta: float | None
    rope_type: str | None
    has_vision: bool


class Identity(msgspec.Struct, frozen=True):
    """What a configuration was recognised as.

    Attributes:
        rows: Matching catalog rows; several where nothing can separate them, none if unlisted.
        note: Why it is not listed although the shape matches, or what it may be instead.
    """

    rows: tuple[Model, ...]
    note: str = ""


def _mapping(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def _integer(value: Any) -> int | None:
    return value if type(value) is int and value > 0 else None


def _number(value: Any) -> float | None:
    return float(value) if type(value) in (int, float) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _rope(values: Mapping[str, Any]) -> tuple[float | None, str | None]:
    """Read `rope_theta` and `rope_scaling`, or transformers 5's `rope_parameters`."""
    new = _mapping(values.get("rope_parameters"))
    if any(isinstance(value, Mapping) for value in new.values()):
        new = _mapping(new.get("full_attention") or next(iter(new.values())))
    old = _mapping(values.get("rope_scaling"))
    theta = _number(values.get("rope_theta", new.get("rope_theta")))
    kind = old.get("rope_type") or old.get("type") or new.get("rope_type")
    return theta, _text(kind)


def _shape(kind: str | None, values: Mapping[str, Any]) -> Shape | None:
    heads = _integer(values.get("num_attention_heads"))
    experts = next((values[key] for key in _EXPERT_KEYS if values.get(key) is not None), None)
    numbers = {
        "layers": _integer(values.get("num_hidden_layers")),
        "hidden": _integer(values.get("hidden_size")),
        "ffn": _integer(values.get("intermediate_size")),
        "heads": heads,
        "kv_heads": _integer(values.get("num_key_value_heads", heads)),
    }
    if kind is None or None in numbers.values():
        return None
    return Shape(model_type=kind, experts=_integer(experts), **numbers)  # pyright: ignore[reportArgumentType] - None is excluded above


def read_config(config: Mapping[str, Any]) -> TextConfig:
    """Normalise a parsed `config.json`."""
    nested = _mapping(config.get("text_config"))
    own = nested or config
    kind = _text(own.get("model_type")) or _text(config.get("model_type"))
    if kind is not None:
        kind = _WRAPPERS.get(kind, kind)
    given = {key: value for key, value in own.items() if value is not None}
    values = {**_DEFAULTS.get(kind or "", {}), **given}
    theta, rope_type = _rope(values)
    return TextConfig(
        values=values,
        model_type=kind,
        shape=_shape(kind, values),
        rope_theta=theta,
        rope_type=rope_type,
        has_vision="vision_config" in config,
    )


@cache
def _by_shape() -> Mapping[Shape, tuple[Model, ...]]:
    found: dict[Shape, tuple[Model, ...]] = {}
    for row in models():
        found[row.shape] = (*found.get(row.shape, ()), row)
    return found


def _only(rows: tuple[Model, ...], wanted: str) -> tuple[Model, ...]:
    return tuple(row for row in rows if row.id == wanted)


def _gemma_27b(rows: tuple[Model, ...], text: TextConfig) -> tuple[Model, ...]:
    if text.has_vision:
        return _only(rows, "gemma-3-27b")
    medgemma = _only(rows, "medgemma-27b-text")
    # The text half of Gemma-3-27B, saved alone, keeps the larger vocabulary of the whole.
    if text.values.get("vocab_size") == medgemma[0].vocab:
        return medgemma
    return (*medgemma, *_only(rows, "gemma-3-27b"))


def identify(text: TextConfig) -> Identity:
    """Return the rows of the table that a configuration matches."""
    rows = _by_shape().get(text.shape, ()) if text.shape else ()
    ids = {row.id for row in rows}
    theta = text.rope_theta
    if ids == _TWINS_13B:
        code = theta is not None and theta >= _CODELLAMA_THETA
        return Identity(_only(rows, "codellama-13b" if code else "llama-2-13b"))
    if ids == _TWINS_27B:
        return Identity(_gemma_27b(rows, text))
    if any(row.id.startswith("llama-3.") for row in rows) and text.rope_type != "llama3":
        return Identity((), "it has the shape of Llama 3 or Llama-2-70B, not 3.1's rope scaling")
    if ids == {"mistral-7b-v0.1"} and theta is not None and theta > _MISTRAL_V01_THETA:
        return Identity((), f"rope_theta {theta:g} is that of Mistral-7B v0.2 or v0.3")
    if ids == {"phi-4-reasoning"} and theta == _PHI4_BASE_THETA:
        return Identity((), "rope_theta 250000 is that of phi-4, not of phi-4-reasoning")
    return Identity(rows)


def nearest_rows(shape: Shape, count: int = 3) -> tuple[Model, ...]:
    """Return the rows nearest in hidden size and layers, those of the same type first."""

    def distance(row: Model) -> tuple[bool, float, str]:
        wider = abs(row.shape.hidden - shape.hidden) / shape.hidden
        deeper = abs(row.shape.layers - shape.layers) / shape.layers
        return (row.shape.model_type != shape.model_type, wider + deeper, row.id)

    return tuple(sorted(models(), key=distance)[:count])
