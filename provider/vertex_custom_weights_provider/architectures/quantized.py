"""How quantized checkpoints store the weight of a linear layer: other tensors in its place."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, cast

import msgspec

from .formula import FormulaError, value

ANY_SHAPE = None


class Stored(msgspec.Struct, frozen=True):
    """One tensor that stands for a weight, or for a part of what is needed to read it.

    Attributes:
        suffix: What follows the name of the layer.
        dtype: As safetensors names it; `model` for the model's own.
        shape: Over `out` and `into`, `bits`, `group`, `rows` and `columns` of a block; None where
            methods differ.
        spare: Not every checkpoint of the kind has it.
    """

    suffix: str
    dtype: str
    shape: tuple[str, ...] | None = ANY_SHAPE
    spare: bool = False


class Form(msgspec.Struct, frozen=True):
    """One way to quantize; it is there where the first of its tensors is."""

    method: str
    tensors: tuple[Stored, ...]

    @property
    def mark(self) -> str:
        """Suffix that tells it."""
        return self.tensors[0].suffix

    @property
    def endings(self) -> tuple[str, ...]:
        """Endings of names that only tensors quantized so have."""
        own = (tensor.suffix for tensor in self.tensors if tensor.suffix != _PLAIN)
        return tuple(ending if ending.startswith("_") else f".{ending}" for ending in own)

    @property
    def types(self) -> frozenset[str]:
        """Types of its tensors, as safetensors names them."""
        return frozenset(t.dtype for t in self.tensors) - {"model", "any"}


_PLAIN = "weight"
_ROUNDED_UP = ("(out + rows - 1) // rows", "(into + columns - 1) // columns")
_SAME = ("out", "into")

FORMS = (
    Form(
        "fp8", (Stored("weight_scale_inv", "F32", _ROUNDED_UP), Stored("weight", "F8_E4M3", _SAME))
    ),
    Form(
        "compressed-tensors",
        (
            Stored("weight_packed", "I32", ("out", "into * bits // 32")),
            Stored("weight_scale", "model"),
            Stored("weight_shape", "I64", ("2",)),
            Stored("weight_zero_point", "I32", spare=True),
            Stored("weight_g_idx", "I32", spare=True),
        ),
    ),
    Form(
        "modelopt",
        (
            Stored("weight_scale_2", "F32"),
            Stored("weight", "U8", ("out", "into // 2")),
            Stored("weight_scale", "F8_E4M3"),
            Stored("input_scale", "F32", spare=True),
        ),
    ),
    Form(
        "compressed-tensors",
        (
            Stored("weight_scale", "model"),
            Stored("weight", "any", _SAME),
            Stored("input_scale", "model", spare=True),
            Stored("weight_zero_point", "any", spare=True),
        ),
    ),
    Form(
        "gptq",
        (
            Stored("g_idx", "I32", ("into",)),
            Stored("qweight", "I32", ("into * bits // 32", "out")),
            Stored("qzeros", "I32", ("into // group", "out * bits // 32")),
            Stored("scales", "model", ("into // group", "out")),
        ),
    ),
    Form(
        "awq",
        (
            Stored("qweight", "I32", ("into", "out * bits // 32")),
            Stored("qzeros", "I32", ("into // group", "out * bits // 32")),
            Stored("scales", "model", ("into // group", "out")),
        ),
    ),
    Form(
        "bitsandbytes",
        (
            Stored("weight.absmax", "any"),
            Stored("weight", "any"),
            Stored("weight.quant_map", "any"),
            Stored("weight.nested_absmax", "any", spare=True),
            Stored("weight.nested_quant_map", "any", spare=True),
            Stored("weight.quant_state.bitsandbytes__nf4", "U8", spare=True),
            Stored("weight.quant_state.bitsandbytes__fp4", "U8", spare=True),
        ),
    ),
    Form(
        "bitsandbytes",
        (
            Stored("SCB", "F32", ("out",)),
            Stored("weight", "I8", _SAME),
            Stored("weight_format", "any", spare=True),
        ),
    ),
)

# Fused experts are no linear layers; gpt-oss has them so, and its table says their shapes.
_FUSED_EXPERTS = Form("mxfp4", (Stored("_blocks", "U8"), Stored("_scales", "U8")))
_EVERY = (*FORMS, _FUSED_EXPERTS)
_ENDINGS = tuple({ending for form in _EVERY for ending in form.endings})


def is_quantized(name: str) -> bool:
    """Whether a tensor's name says that it stands for a quantized weight, whatever the form."""
    return name.endswith(_ENDINGS)


def form_named(method_name: str) -> Form | None:
    """Return the form of a `quant_method`, the first where it has several."""
    return next((form for form in _EVERY if form.method == method_name), None)


def method(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the `quantization_config` of a configuration, empty when there is none."""
    found = config.get("quantization_config")
    return cast("Mapping[str, Any]", found) if isinstance(found, Mapping) else {}


def form_of(stem: str, patterns: Collection[str]) -> Form | None:
    """Return how the checkpoint quantizes one kind of layer; None for plainly stored ones."""
    return next((form for form in FORMS if f"{stem}{form.mark}" in patterns), None)


def form_published(config: Mapping[str, Any]) -> Form | None:
    """Return how a configuration says that its matrices are quantized."""
    form = form_named(str(method(config).get("quant_method")))
    return None if form is _FUSED_EXPERTS else form


def sizes(config: Mapping[str, Any]) -> dict[str, int]:
    """Return the numbers that the shapes depend on, as far as the configuration states them."""
    stated = method(config)
    block: Any = stated.get("weight_block_size")
    pair = cast("list[Any]", block) if isinstance(block, list) else []
    given = {
        "bits": stated.get("bits", stated.get("w_bit")),
        "group": stated.get("group_size", stated.get("q_group_size")),
        **dict(zip(("rows", "columns"), pair, strict=False)),
    }
    return {key: size for key, size in given.items() if type(size) is int and size > 0}


def stored(
    form: Form, shape: tuple[int, ...], known: Mapping[str, int]
) -> Iterator[tuple[Stored, tuple[int, ...] | None]]:
    """Yield the tensors of a form, each with its shape, for a weight of `shape`."""
    values = {**known, "out": shape[0], "into": shape[1]}
    for tensor in form.tensors:
        yield tensor, _shape(tensor, values)


def _shape(tensor: Stored, values: Mapping[str, int]) -> tuple[int, ...] | None:
    if tensor.shape is None:
        return ANY_SHAPE
    try:
        return tuple(value(size, values) for size in tensor.shape)
    except FormulaError:
        return ANY_SHAPE
