"""The base models that the service recognises, and which of them a config.json is.

The table is the emulator's own. Were it the catalogue of the program under test, a fault there
would be answered by the same fault here, and nobody would see it.
"""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from typing import Any, cast

import msgspec

from vertex_custom_weights_provider.emulator.envelope import Json, refuse

# Wrappers of a text model around a vision tower, by the type of the text model.
_TEXT_TYPES = {
    "gemma3": "gemma3_text",
    "gemma4": "gemma4_text",
    "llama4": "llama4_text",
    "qwen3_5": "qwen3_5_text",
    "qwen3_5_moe": "qwen3_5_moe_text",
    "qwen3_vl": "qwen3_vl_text",
}
_EXPERTS = ("num_experts", "num_local_experts", "n_routed_experts")
_BYTES_PER_PARAMETER = 2


class BaseModel(msgspec.Struct, frozen=True, rename="camel"):
    """One row of `base_models.json`.

    Attributes:
        name: As answers spell it.
        model_type: Of the text model.
        parameters: All of them, each counted once.
        rope_theta: Base of the rotary embedding.
        quantized: It is published with quantized weights, and served so.
    """

    name: str
    model_type: str
    layers: int
    hidden: int
    heads: int
    parameters: int
    vocabulary: int
    rope_theta: float
    experts: int = 0
    vision: bool = False
    quantized: bool = False

    @property
    def gigabytes(self) -> float:
        """Size of the weights in bfloat16."""
        return self.parameters * _BYTES_PER_PARAMETER / 1e9

    def splits_over(self, accelerators: int) -> bool:
        """Whether its attention heads can be shared out evenly."""
        return self.heads % accelerators == 0


class _File(msgspec.Struct, frozen=True):
    source: str
    read: str
    models: tuple[BaseModel, ...]


@cache
def table() -> tuple[BaseModel, ...]:
    """Return all rows; read once, on first use."""
    text = Path(__file__).with_name("base_models.json").read_bytes()
    return msgspec.json.decode(text, type=_File).models


def recognise(config: Json, uri: str) -> BaseModel:
    """Return the base model a config.json describes, or is closest to.

    Raises:
        ApiError: 400 when no base model is of its type.
    """
    text = _text(config)
    kind = str(text.get("model_type") or config["model_type"])
    rows = [row for row in table() if row.model_type == _TEXT_TYPES.get(kind, kind)]
    if not rows:
        refuse("INVALID_ARGUMENT", f"The model type {kind!r} of {uri} is not supported.")
    seen = _Seen.of(config)
    return min(rows, key=seen.distance)


class _Seen(msgspec.Struct, frozen=True):
    """What tells base models apart in a configuration; zero where it is not said."""

    layers: float
    hidden: float
    experts: float
    vocabulary: float
    rope_theta: float
    vision: bool

    @classmethod
    def of(cls, config: Json) -> _Seen:
        text = _text(config)
        rope = _object(text.get("rope_parameters"))
        rope = _object(rope.get("full_attention")) or rope
        return cls(
            layers=_number(text.get("num_hidden_layers")),
            hidden=_number(text.get("hidden_size")),
            experts=next((_number(text[key]) for key in _EXPERTS if text.get(key)), 0),
            vocabulary=_number(text.get("vocab_size")),
            rope_theta=_number(text.get("rope_theta", rope.get("rope_theta"))),
            vision="vision_config" in config,
        )

    def distance(self, row: BaseModel) -> tuple[float, ...]:
        """How far a row is away: its size decides, then what separates models of one size."""
        return (
            _apart(self.experts, row.experts),
            _apart(self.hidden, row.hidden) + _apart(self.layers, row.layers),
            float(self.vision != row.vision),
            _apart(self.rope_theta, row.rope_theta),
            _apart(self.vocabulary, row.vocabulary),
        )


def _apart(seen: float, known: float) -> float:
    return abs(math.log(seen / known)) if seen > 0 and known > 0 else 0.0


def _number(value: Any) -> float:
    number = float(value) if type(value) in (int, float) else 0.0
    return number if math.isfinite(number) else 0.0


def _object(value: Any) -> Json:
    return cast("Json", value) if isinstance(value, dict) else {}


def _text(config: Json) -> Json:
    """The part about the text model; all of it where there is no other part."""
    return _object(config.get("text_config")) or config
