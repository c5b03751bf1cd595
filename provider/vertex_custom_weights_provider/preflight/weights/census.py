"""Sorts the tensors of a checkpoint by where in the model they belong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from vertex_custom_weights_provider import catalog

from .header import TensorInfo

_NOT_TEXT = tuple(
    f"{outer}{part}"
    for outer in ("", "model.")
    for part in ("vision_", "visual.", "audio_", "multi_modal_projector.", "mtp.")
)
EMBEDDING = "embed_tokens.weight"
HEAD = "lm_head.weight"
_CHECKED = (
    EMBEDDING,
    HEAD,
    "norm.weight",
    "mlp.gate_proj.weight",
    "mlp.up_proj.weight",
    "mlp.gate_up_proj.weight",
    "mlp.down_proj.weight",
)
_SCALES = ("_scales", "weight_scale_inv", "e_score_correction_bias", "inv_freq")
_MOST_DIGITS = 9
_TIED_BY_DEFAULT = ("gemma2", "gemma3_text")


class Census(msgspec.Struct, frozen=True):
    """The tensors of a checkpoint, sorted by where they belong.

    Attributes:
        layers: Suffixes of the tensors of each decoder layer.
        shapes: Shapes of embeddings, heads, norms, attention and feed-forward in the text decoder.
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
    # Types that are not documented may have another default; nothing is missing then.
    return text.model_type in _TIED_BY_DEFAULT or text.model_type not in catalog.model_types()


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
            layer, suffix = place(name)
            if layer is not None:
                layers.setdefault(layer, set()).add(suffix)
            if (layer is None or depth is None or layer < depth) and _is_checked(name):
                shapes[name] = tensor.shape
        if _is_served(name, layer, depth, share_head):
            served += tensor.nbytes // 2 if _halves(tensor) else tensor.nbytes
            parameters += _logical_elements(tensor)
    frozen = {number: frozenset(names) for number, names in layers.items()}
    return Census(frozen, shapes, served, parameters)


def place(name: str) -> tuple[int | None, str]:
    """Split a name into the number of its layer and what follows."""
    before, found, rest = name.partition("layers.")
    number, _, suffix = rest.partition(".")
    whole = not before or before.endswith(".")
    if found and whole and number.isdecimal() and len(number) <= _MOST_DIGITS:
        return int(number), suffix
    return None, name


def _is_checked(name: str) -> bool:
    return name.endswith(_CHECKED) or "self_attn." in name


def _is_served(name: str, layer: int | None, depth: int | None, share_head: bool) -> bool:
    if name.startswith("mtp.") or (share_head and name.endswith(HEAD)):
        return False
    return layer is None or depth is None or layer < depth


def _halves(tensor: TensorInfo) -> bool:
    return tensor.dtype == "F32" and len(tensor.shape) > 1 and not tensor.name.endswith(_SCALES)


def _logical_elements(tensor: TensorInfo) -> int:
    if tensor.name.endswith(_SCALES):
        return 0
    return tensor.elements * 2 if tensor.name.endswith("_blocks") else tensor.elements
