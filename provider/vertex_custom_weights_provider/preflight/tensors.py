"""S3 and S4: do the tensors fit the configuration."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from vertex_custom_weights_provider import catalog

from .findings import Finding, error, shown, some, warn
from .header import TensorInfo

_NOT_TEXT = tuple(
    f"{outer}{part}"
    for outer in ("", "model.")
    for part in ("vision_", "multi_modal_projector.", "mtp.")
)
_EXPERT = re.compile(r"experts\.(\d+)\.")
_EMBEDDING = "embed_tokens.weight"
_HEAD = "lm_head.weight"
_SCALES = ("_scales", "weight_scale_inv", "e_score_correction_bias", "inv_freq")
_MOST_DIGITS = 9
_EXPERT_KEYS = ("num_experts", "num_local_experts", "n_routed_experts")
_TIED_BY_DEFAULT = ("gemma2", "gemma3_text")
_FEW = 2
_ENOUGH_LAYERS = 8
_TOLERANCE = 0.02


class Census(msgspec.Struct, frozen=True):
    """The tensors of a checkpoint, sorted by where they belong.

    Attributes:
        layers: Suffixes of the tensors of each decoder layer.
        shapes: Shapes of embeddings, heads and attention in the text decoder.
        served_bytes: What is loaded into accelerator memory, float32 counted as bfloat16.
        parameters: Logical parameters that are served.
    """

    layers: Mapping[int, frozenset[str]]
    shapes: Mapping[str, tuple[int, ...]]
    served_bytes: int
    parameters: int


def tied(config: Mapping[str, Any], text: catalog.TextConfig) -> bool:
    """Whether input and output embeddings are one matrix."""
    for values in (config, text.values):
        flag = values.get("tie_word_embeddings")
        if isinstance(flag, bool):
            return flag
    kind = text.shape.model_type if text.shape else text.values.get("model_type")
    return kind in _TIED_BY_DEFAULT


def take_census(
    tensors: Sequence[TensorInfo], config: Mapping[str, Any], text: catalog.TextConfig
) -> Census:
    """Sort the tensors of a checkpoint."""
    depth = text.shape.layers if text.shape else None
    share_head = tied(config, text)
    layers: dict[int, set[str]] = {}
    shapes: dict[str, tuple[int, ...]] = {}
    served = parameters = 0
    for tensor in tensors:
        name = tensor.name
        layer = None
        if not name.startswith(_NOT_TEXT):
            layer, suffix = _place(name)
            if layer is not None:
                layers.setdefault(layer, set()).add(suffix)
            if (layer is None or depth is None or layer < depth) and _is_checked(name):
                shapes[name] = tensor.shape
        if _is_served(name, layer, depth, share_head):
            served += tensor.nbytes // 2 if _halves(tensor) else tensor.nbytes
            parameters += _logical_elements(tensor)
    frozen = {number: frozenset(names) for number, names in layers.items()}
    return Census(frozen, shapes, served, parameters)


def _place(name: str) -> tuple[int | None, str]:
    """Split a name into the number of its layer and what follows."""
    before, found, rest = name.partition("layers.")
    number, _, suffix = rest.partition(".")
    whole = not before or before.endswith(".")
    if found and whole and number.isdecimal() and len(number) <= _MOST_DIGITS:
        return int(number), suffix
    return None, name


def _is_checked(name: str) -> bool:
    return name.endswith((_EMBEDDING, _HEAD)) or "self_attn." in name


def _is_served(name: str, layer: int | None, depth: int | None, share_head: bool) -> bool:
    if name.startswith("mtp.") or (share_head and name.endswith(_HEAD)):
        return False
    return layer is None or depth is None or layer < depth


def _halves(tensor: TensorInfo) -> bool:
    return tensor.dtype == "F32" and len(tensor.shape) > 1 and not tensor.name.endswith(_SCALES)


def _logical_elements(tensor: TensorInfo) -> int:
    if tensor.name.endswith(_SCALES):
        return 0
    return tensor.elements * 2 if tensor.name.endswith("_blocks") else tensor.elements


def check_tensors(
    census: Census, config: Mapping[str, Any], text: catalog.TextConfig
) -> Iterator[Finding]:
    """Compare tensors with the configuration (S3)."""
    yield from _embeddings(census, config, text)
    yield from _layer_numbers(census, text)
    yield from _gaps(census, text)
    yield from _expert_numbers(census, text)
    yield from _attention_shapes(census, text)


def _embeddings(
    census: Census, config: Mapping[str, Any], text: catalog.TextConfig
) -> Iterator[Finding]:
    vocabulary = text.values.get("vocab_size")
    inputs = [name for name in census.shapes if name.endswith(_EMBEDDING)]
    heads = [name for name in census.shapes if name.endswith(_HEAD)]
    for name in inputs + heads:
        shape = census.shapes[name]
        if type(vocabulary) is int and shape and shape[0] != vocabulary:
            yield error(
                "S3",
                f"{shown(name)} has {shape[0]} rows and config.json says vocab_size {vocabulary}. "
                f"Set vocab_size to {shape[0]}, or save the resized model again.",
            )
    if not inputs:
        yield error("S3", "The weights hold no embed_tokens.weight: this is not a whole model.")
    if not heads and not tied(config, text):
        yield error(
            "S3",
            "The weights hold no lm_head.weight, and tie_word_embeddings is false. "
            "Save the whole model, or correct the flag.",
        )


def _layer_numbers(census: Census, text: catalog.TextConfig) -> Iterator[Finding]:
    depth = text.shape.layers if text.shape else None
    if depth is None:
        return
    missing = [str(n) for n in range(min(depth, 10_000)) if n not in census.layers]
    if missing:
        yield error(
            "S3",
            f"config.json says {depth} layers; the weights hold none of layer {some(missing)}. "
            "Save the whole model (a merged adapter or sharded training state may lack layers).",
        )
    spare = text.values.get("num_nextn_predict_layers")
    allowed = depth + (spare if type(spare) is int else 0)
    beyond = sorted(n for n in census.layers if n >= allowed)
    if beyond:
        yield error(
            "S3",
            f"config.json says {depth} layers; the weights go up to layer {beyond[-1]}. "
            "Correct num_hidden_layers, or save the model again.",
        )


def _gaps(census: Census, text: catalog.TextConfig) -> Iterator[Finding]:
    """Find tensors that all layers have but one or two."""
    depth = text.shape.layers if text.shape else 0
    inside = {n: names for n, names in census.layers.items() if n < depth}
    if len(inside) < _ENOUGH_LAYERS:
        return
    holders = Counter(suffix for names in inside.values() for suffix in names)
    odd = [s for s, count in holders.items() if 0 < len(inside) - count <= _FEW]
    lost = [f"layers.{n}.{s}" for s in odd for n, names in inside.items() if s not in names]
    if lost:
        yield error(
            "S3",
            f"{len(lost)} tensors are missing that the other layers have ({some(sorted(lost))}). "
            "Save the whole model again.",
        )


def _expert_numbers(census: Census, text: catalog.TextConfig) -> Iterator[Finding]:
    stated = next((text.values[key] for key in _EXPERT_KEYS if text.values.get(key)), None)
    depth = text.shape.layers if text.shape else 0
    found: set[int] = set()
    for number, names in census.layers.items():
        if number < depth:
            found |= {int(match[1][:_MOST_DIGITS]) for match in map(_EXPERT.search, names) if match}
    if type(stated) is int and found and found != set(range(min(stated, 100_000))):
        yield error(
            "S3",
            f"config.json says {stated} experts; the weights hold {len(found)}, numbered "
            f"{min(found)} to {max(found)}. Save the whole model again.",
        )


def _expected_rows(text: catalog.TextConfig) -> Mapping[str, int]:
    shape = text.shape
    if shape is None or "kv_lora_rank" in text.values:
        return {}
    size = text.values.get("head_dim") or shape.hidden // shape.heads
    if type(size) is not int:
        return {}
    gate = 2 if shape.model_type == "qwen3_next" else 1
    return {
        "q_proj": shape.heads * size * gate,
        "k_proj": shape.kv_heads * size,
        "v_proj": shape.kv_heads * size,
        "qkv_proj": (shape.heads + 2 * shape.kv_heads) * size,
    }


def _attention_shapes(census: Census, text: catalog.TextConfig) -> Iterator[Finding]:
    rows = _expected_rows(text)
    hidden = text.shape.hidden if text.shape else 0
    wrong: list[str] = []
    example = ""
    for name, shape in census.shapes.items():
        part = name.rpartition("self_attn.")[2].removesuffix(".weight")
        expected = (rows.get(part), hidden)
        if part in rows and name.endswith(".weight") and len(shape) > 1 and shape != expected:
            wrong.append(name)
            example = example or f"{shown(name)} is {list(shape)}, not {list(expected)}"
    if wrong:
        yield error(
            "S3",
            f"{len(wrong)} attention tensors do not fit heads, head_dim and hidden_size of "
            f"config.json ({example}). Configuration and weights are of different models.",
        )


def check_parameters(
    census: Census,
    config: Mapping[str, Any],
    text: catalog.TextConfig,
    rows: Sequence[catalog.Model],
) -> Iterator[Finding]:
    """Compare the parameter count with the base model's, vocabulary apart (S4)."""
    if not rows:
        return
    vocabulary = text.values.get("vocab_size")
    copies = 1 if tied(config, text) else 2
    row = rows[0]
    resized = (vocabulary if type(vocabulary) is int else row.vocab) - row.vocab
    expected = row.parameters + resized * row.shape.hidden * copies
    if row.multimodal and not text.has_vision:
        return
    if abs(census.parameters - expected) > _TOLERANCE * expected:
        yield warn(
            "S4",
            f"The shape says {row.name} with {expected / 1e9:.2f} billion parameters; the tensors "
            f"hold {census.parameters / 1e9:.2f} billion. Something is missing or stored twice.",
        )
