"""Which documented base model a `config.json` describes.

The key is the shape of the text decoder. Fine-tunes keep it: they change the maximum position, the
spelling of keys or add a few tokens, and none of those count. What shares a shape with a documented
model and is none is told by its class, by what its decoder stands in, by a vocabulary of another
size altogether, or by rotary parameters. Groups that nothing separates are returned as a set.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from math import log
from typing import Any, cast

import msgspec

from .models import Model, Shape, models
from .suggest import fold

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
_EXPERT_KEYS = ("num_experts", "num_local_experts", "n_routed_experts")
_FFN_KEYS = ("intermediate_size", "moe_intermediate_size")
_HEADS = ("ForCausalLM", "ForConditionalGeneration")
# Fine-tunes add tokens, or round up for speed; other models have another vocabulary.
_SAME_VOCABULARY = 0.05
_LLAMA2_THETA = 1e4
_CODELLAMA_THETA = 5e5
_MISTRAL_V01_THETA = 1e5
_PHI4_BASE_THETA = 250000
_TWINS_27B = {"gemma-3-27b", "medgemma-27b-text"}
_TWINS_13B = {"llama-2-13b", "codellama-13b"}
# Models that the table does not name, with the configuration of one that it does.
_SAME_CONFIGURATION: Mapping[str, tuple[str, ...]] = {
    "llama-3.1-8b": ("DeepSeek-R1-Distill-Llama-8B",),
    "llama-3.1-70b": ("DeepSeek-R1-Distill-Llama-70B", "Llama-3.3 70B"),
    "qwen2.5-1.5b": ("Qwen2.5-Math-1.5B", "DeepSeek-R1-Distill-Qwen-1.5B"),
    "qwen2.5-7b": ("Qwen2 7B", "Qwen2.5-Math-7B", "DeepSeek-R1-Distill-Qwen-7B"),
    "qwen2.5-32b": ("QwQ-32B", "DeepSeek-R1-Distill-Qwen-32B"),
    "gpt-oss-20b": ("gpt-oss-safeguard-20b",),
    "gpt-oss-120b": ("gpt-oss-safeguard-120b",),
}


class TextConfig(msgspec.Struct, frozen=True):
    """The decoder part of a configuration, with defaults filled in and both spellings read.

    Attributes:
        values: Keys as transformers names them.
        model_type: Of the decoder; None when it is not stated.
        outer_type: Of the whole model, which is another one where the decoder is a part of it.
        model_class: The first of `architectures`, if it is a name.
        shape: The key of the fingerprint; None when a needed key is missing or not a number.
        rope_theta: Base of the rotary embedding, if given.
        rope_type: Kind of rotary scaling, if given.
        has_vision: The configuration has a vision tower.
    """

    values: Mapping[str, Any]
    model_type: str | None
    outer_type: str | None
    model_class: str | None
    shape: Shape | None
    rope_theta: float | None
    rope_type: str | None
    has_vision: bool


class Identity(msgspec.Struct, frozen=True):
    """What a configuration was recognised as.

    Attributes:
        rows: Matching catalog rows; several where nothing can separate them, none if unlisted.
        note: Why it is not listed although the shape matches, or what it may be instead.
        also: Models outside the table with the same configuration.
    """

    rows: tuple[Model, ...]
    note: str = ""
    also: tuple[str, ...] = ()


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
        "ffn": next(filter(None, (_integer(values.get(key)) for key in _FFN_KEYS)), None),
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
    outer = _text(config.get("model_type"))
    kind = _text(own.get("model_type")) or outer
    if kind is not None:
        kind = _decoders().get(kind, kind)
    given = {key: value for key, value in own.items() if value is not None}
    values = {**_DEFAULTS.get(kind or "", {}), **given}
    theta, rope_type = _rope(values)
    classes = config.get("architectures")
    first = cast("list[Any]", classes)[:1] if isinstance(classes, list) else []
    return TextConfig(
        values=values,
        model_type=kind,
        outer_type=outer,
        model_class=_text(first[0]) if first else None,
        shape=_shape(kind, values),
        rope_theta=theta,
        rope_type=rope_type,
        has_vision=config.get("vision_config") is not None,
    )


@cache
def _decoders() -> Mapping[str, str]:
    """Return the type of the decoder inside each documented type of model."""
    return {row.model_type: row.shape.model_type for row in models()}


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
    other = _of_another_kind(text, rows) or _of_another_rotation(text, rows)
    if other:
        return Identity((), other)
    ids = {row.id for row in rows}
    if ids == _TWINS_13B:
        code = text.rope_theta is not None and text.rope_theta >= _CODELLAMA_THETA
        return Identity(_only(rows, "codellama-13b" if code else "llama-2-13b"))
    if ids == _TWINS_27B:
        return Identity(_gemma_27b(rows, text))
    return Identity(rows, also=_unnamed(rows))


def _unnamed(rows: tuple[Model, ...]) -> tuple[str, ...]:
    """Return models of this configuration that no row is of."""
    listed = {fold(row.name) for row in rows}
    names = (name for row in rows for name in _SAME_CONFIGURATION.get(row.id, ()))
    return tuple(name for name in names if fold(name) not in listed)


def is_documented_type(text: TextConfig) -> bool:
    """Whether the table has models of this type, and the whole is one that it knows."""
    known = {*_decoders(), *_decoders().values()}
    return text.outer_type in known and text.model_type in _decoders().values()


def _of_another_kind(text: TextConfig, rows: tuple[Model, ...]) -> str:
    """Say what makes it another model although its decoder has a listed shape; empty if nothing."""
    if not rows:
        return ""
    if not is_documented_type(text):
        whole = text.outer_type or "a model without model_type"
        return f"a decoder like that of {rows[0].name} stands inside {whole}"
    stems = {_stem(name) for row in rows for name in row.architectures}
    named = text.model_class
    if named and named.endswith(_HEADS) and _stem(named) not in stems:
        return f"its class is {named}"
    vocabulary = _integer(text.values.get("vocab_size"))
    nearest = min((row.vocab for row in rows), key=lambda v: abs(v - (vocabulary or v)))
    if vocabulary and abs(vocabulary - nearest) > _SAME_VOCABULARY * nearest:
        return f"its vocabulary of {vocabulary} is not that of {rows[0].name} ({nearest})"
    return ""


def _stem(name: str) -> str:
    for head in _HEADS:
        name = name.removesuffix(head)
    return name


def _of_another_rotation(text: TextConfig, rows: tuple[Model, ...]) -> str:
    """Say which rotary parameters are not those of the listed model; empty if they may be."""
    ids, theta = {row.id for row in rows}, text.rope_theta
    if any(row.rope.type == "llama3" for row in rows) and text.rope_type != "llama3":
        return "it has the shape of Llama 3 or Llama-2-70B, not 3.1's rope scaling"
    if ids == {"llama-2-7b"} and theta not in (None, _LLAMA2_THETA):
        return f"rope_theta {theta:g} is not that of Llama 2, but of CodeLlama or another model"
    if ids == _TWINS_13B and theta is not None and _LLAMA2_THETA < theta < _CODELLAMA_THETA:
        return f"rope_theta {theta:g} is neither Llama 2's nor CodeLlama's"
    if ids == {"mistral-7b-v0.1"} and theta is not None and theta > _MISTRAL_V01_THETA:
        return f"rope_theta {theta:g} is that of Mistral-7B v0.2 or v0.3"
    if ids == {"phi-4-reasoning"} and theta == _PHI4_BASE_THETA:
        return "rope_theta 250000 is that of phi-4, not of phi-4-reasoning"
    return ""


def nearest_rows(shape: Shape, count: int = 3) -> tuple[Model, ...]:
    """Return the rows nearest in width and depth; among equals those of the same type first."""

    def distance(row: Model) -> tuple[float, bool, str]:
        pairs = (
            (row.shape.hidden, shape.hidden),
            (row.shape.layers, shape.layers),
            (row.shape.ffn, shape.ffn),
        )
        apart = sum(abs(log(theirs / ours)) for theirs, ours in pairs)
        return (round(apart, 2), row.shape.model_type != shape.model_type, row.id)

    return tuple(sorted(models(), key=distance)[:count])
