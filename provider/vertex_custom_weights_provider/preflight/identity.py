"""F2 and M1: does config.json describe a model, and is it one of the documented ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from vertex_custom_weights_provider import catalog

from .findings import Finding, error, info, shown, warn

_NEEDED = (
    "model_type",
    "num_hidden_layers",
    "hidden_size",
    "intermediate_size",
    "num_attention_heads",
)


def check_identity(config: Mapping[str, Any], text: catalog.TextConfig) -> Iterator[Finding]:
    """Check that the configuration is one, and of which model."""
    if not config.get("architectures"):
        yield warn(
            "F2",
            "config.json has no architectures; the container cannot tell which class to load. "
            "Copy the key from the base model.",
        )
    if text.shape is None:
        yield _no_shape(config, text)
        return
    identity = catalog.identify(text)
    if not identity.rows:
        yield _unlisted(identity, text.shape)
    elif len(identity.rows) > 1:
        names = ", ".join(row.name for row in identity.rows)
        yield info("M1", f"Configurations of {names} are the same; all are supported.")


def _no_shape(config: Mapping[str, Any], text: catalog.TextConfig) -> Finding:
    if config.get("peft_type"):
        return error("F3", "config.json is that of an adapter. Merge it into its base model.")
    absent = [key for key in _NEEDED if text.values.get(key) is None]
    if absent:
        return error("F2", f"config.json has no {', '.join(absent)}: not a language model's.")
    return error("F2", "config.json has a shape that is not made of positive whole numbers.")


def _unlisted(identity: catalog.Identity, shape: catalog.Shape) -> Finding:
    near = ", ".join(row.name for row in catalog.nearest_rows(shape))
    what = f"{shown(shape.model_type)}, {shape.layers} layers, hidden size {shape.hidden}"
    note = f": {identity.note}" if identity.note else ""
    return warn(
        "M1",
        f"Not one of the documented base models ({what}){note}. Nearest: {near}. The service may "
        "still know it: ask recommendSpec.",
    )
