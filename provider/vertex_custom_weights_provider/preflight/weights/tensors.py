"""S3 and S4: do the tensors fit the configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from vertex_custom_weights_provider import catalog
from vertex_custom_weights_provider.preflight import rules
from vertex_custom_weights_provider.preflight.findings import Finding, error, shown, some, warn

from .census import EMBEDDING, HEAD, Census, tied
from .header import TensorInfo
from .structure import check_structure

_EXPERT = re.compile(r"experts\.(\d+)\.")
_MOST_DIGITS = 9
_EXPERT_KEYS = ("num_experts", "num_local_experts", "n_routed_experts")
_TOLERANCE = 0.02


def check_tensors(
    census: Census,
    config: Mapping[str, Any],
    text: catalog.TextConfig,
    tensors: Sequence[TensorInfo],
) -> Iterator[Finding]:
    """Compare tensors with the configuration (S3).

    Of a type that is not documented nobody here knows the names and shapes: what looks wrong is a
    warning, and nothing is said where the names are of another kind altogether.
    """
    found = _found(census, config, text, tensors)
    if text.model_type in catalog.model_types():
        yield from found
    elif any(name.endswith(EMBEDDING) for name in census.shapes):
        yield from (replace(finding, severity="warn") for finding in found)


def _found(
    census: Census,
    config: Mapping[str, Any],
    text: catalog.TextConfig,
    tensors: Sequence[TensorInfo],
) -> Iterator[Finding]:
    yield from _embeddings(census, config, text)
    yield from _layer_numbers(census, text)
    yield from _expert_numbers(census, text)
    yield from check_structure(census, text, tensors)


def _embeddings(
    census: Census, config: Mapping[str, Any], text: catalog.TextConfig
) -> Iterator[Finding]:
    inputs = [name for name in census.shapes if name.endswith(EMBEDDING)]
    heads = [name for name in census.shapes if name.endswith(HEAD)]
    for name in inputs + heads:
        yield from _embedding(name, census.shapes[name], text)
    if not inputs:
        yield error(
            rules.S3,
            "The weights hold no embed_tokens.weight: this is not a whole model. Save the whole "
            "model, and not a part of it or training state.",
        )
    if not heads and not tied(config, text):
        yield error(
            rules.S3,
            "The weights hold no lm_head.weight, and tie_word_embeddings is not true. "
            "Save the whole model, or correct the flag.",
        )


def _embedding(name: str, shape: tuple[int, ...], text: catalog.TextConfig) -> Iterator[Finding]:
    vocabulary = text.values.get("vocab_size")
    hidden = text.shape.hidden if text.shape else None
    if len(shape) != len(("rows", "columns")) or hidden not in (None, shape[1]):
        yield error(
            rules.S3,
            f"{shown(name)} has the shape {shown(str(list(shape)))}; config.json says vocab_size "
            f"{vocabulary} and hidden_size {hidden}. Configuration and weights are of different "
            "models; upload the config.json that was saved with them.",
        )
    elif type(vocabulary) is int and shape[0] != vocabulary:
        yield error(
            rules.S3,
            f"{shown(name)} has {shape[0]} rows and config.json says vocab_size {vocabulary}. "
            f"Set vocab_size to {shape[0]}, or save the resized model again.",
        )


def _layer_numbers(census: Census, text: catalog.TextConfig) -> Iterator[Finding]:
    depth = text.shape.layers if text.shape else None
    if depth is None:
        return
    missing = [str(n) for n in range(min(depth, 10_000)) if n not in census.layers]
    if missing:
        yield error(
            rules.S3,
            f"config.json says {depth} layers; the weights hold none of layer {some(missing)}. "
            "Save the whole model (a merged adapter or sharded training state may lack layers).",
        )
    spare = text.values.get("num_nextn_predict_layers")
    allowed = depth + (spare if type(spare) is int else 0)
    beyond = sorted(n for n in census.layers if n >= allowed)
    if beyond:
        yield error(
            rules.S3,
            f"config.json says {depth} layers; the weights go up to layer {beyond[-1]}. "
            "Correct num_hidden_layers, or save the model again.",
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
            rules.S3,
            f"config.json says {stated} experts; the weights hold {len(found)}, numbered "
            f"{min(found)} to {max(found)}. Save the whole model again.",
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
            rules.S4,
            f"The shape says {row.name} with {expected / 1e9:.2f} billion parameters; the tensors "
            f"hold {census.parameters / 1e9:.2f} billion, more than 2 % off. Something is missing "
            "or stored twice: compare the tensors with the base model's.",
        )
