"""F2 and M1: does config.json describe a model, and is it one of the documented ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from vertex_custom_weights_provider import catalog
from vertex_custom_weights_provider.preflight import rules
from vertex_custom_weights_provider.preflight.findings import Finding, error, info, shown, warn

_NEEDED = (
    "model_type",
    "num_hidden_layers",
    "hidden_size",
    "intermediate_size",
    "num_attention_heads",
)
_GENERATING = ("ForCausalLM", "ForConditionalGeneration", "LMHeadModel")


def check_identity(config: Mapping[str, Any], text: catalog.TextConfig) -> Iterator[Finding]:
    """Check that the configuration is one, and of which model."""
    yield from _class(config, text)
    yield from _values(config, text)
    if text.shape is None:
        yield _no_shape(config, text)
        return
    identity = catalog.identify(text)
    if not identity.rows:
        yield _unlisted(identity, text.shape)
    elif len(identity.rows) > 1 or identity.also:
        yield info(rules.M1, _twins(identity))


def _twins(identity: catalog.Identity) -> str:
    names = ", ".join(row.name for row in identity.rows)
    also = ", ".join(identity.also)
    if not also:
        return f"Configurations of {names} are the same; all are supported."
    listed = "is" if len(identity.rows) == 1 else "are"
    return f"Configurations of {names}, {also} are the same; {names} {listed} documented."


def _class(config: Mapping[str, Any], text: catalog.TextConfig) -> Iterator[Finding]:
    """Check the class that the container is to load."""
    stated = config.get("architectures")
    names = cast("list[Any]", stated) if isinstance(stated, list) else []
    if not names or not all(isinstance(name, str) for name in names):
        yield warn(
            rules.F2,
            "config.json has no architectures, or not a list of names; the container cannot tell "
            "which class to load. Copy the key from the base model.",
        )
        return
    ours = {name for row in catalog.models() for name in row.architectures}
    of_type = {
        name
        for row in catalog.models()
        if row.shape.model_type == text.model_type
        for name in row.architectures
    }
    first = names[0]
    if not first.endswith(_GENERATING):
        yield warn(
            rules.F2,
            f"config.json: {shown(first)} in architectures does not generate text; a classifier or "
            "a bare model cannot be asked. Save the model with its language head.",
        )
    elif of_type and first in ours - of_type:
        yield warn(
            rules.F2,
            f"config.json: {shown(first)} in architectures is not a class of model_type "
            f"{text.model_type}, and containers go by either. Correct the wrong one.",
        )


def _values(config: Mapping[str, Any], text: catalog.TextConfig) -> Iterator[Finding]:
    """Check what other checks compare tensors with."""
    vocabulary = text.values.get("vocab_size")
    if vocabulary is not None and (type(vocabulary) is not int or vocabulary < 1):
        yield error(rules.F2, _not_a(vocabulary, "vocab_size", "a positive whole number"))
    elif vocabulary is None and catalog.is_documented_type(text):
        yield warn(
            rules.F2,
            "config.json has no vocab_size, and the class's default is rarely right. Set it to the "
            "rows of embed_tokens.weight.",
        )
    for values in (config, text.values):
        flag = values.get("tie_word_embeddings")
        if flag is not None and not isinstance(flag, bool):
            yield error(rules.F2, _not_a(flag, "tie_word_embeddings", "true or false"))
            return


def _not_a(value: Any, key: str, kind: str) -> str:
    return f"config.json: {key} is {shown(repr(value))}, not {kind}. Correct it."


def _no_shape(config: Mapping[str, Any], text: catalog.TextConfig) -> Finding:
    if config.get("peft_type"):
        return error(rules.F3, "config.json is that of an adapter. Merge it into its base model.")
    absent = [key for key in _NEEDED if text.values.get(key) is None]
    kind = text.outer_type or text.model_type
    if kind is not None and not catalog.is_documented_type(text):
        lacks = f"has no {', '.join(absent)}" if absent else "says its sizes in another way"
        return warn(
            rules.M1,
            f"Not one of the documented base models ({shown(kind)}), and config.json {lacks}, so "
            "that little could be checked. The service may still know it: ask recommendSpec.",
        )
    if absent:
        return error(
            rules.F2,
            f"config.json has no {', '.join(absent)}: not a language model's. "
            "Upload the config.json that was saved with the weights.",
        )
    return error(
        rules.F2,
        "config.json has a shape that is not made of positive whole numbers "
        f"({', '.join(_NEEDED[1:])}). Upload the config.json that was saved with the weights.",
    )


def _unlisted(identity: catalog.Identity, shape: catalog.Shape) -> Finding:
    near = ", ".join(row.name for row in catalog.nearest_rows(shape))
    what = f"{shown(shape.model_type)}, {shape.layers} layers, hidden size {shape.hidden}"
    note = f": {shown(identity.note)}" if identity.note else ""
    return warn(
        rules.M1,
        f"Not one of the documented base models ({what}){note}. Nearest: {near}. The service may "
        "still know it: ask recommendSpec.",
    )
