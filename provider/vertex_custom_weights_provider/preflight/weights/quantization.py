"""Q1: quantized weights.

Model Garden documents that custom weights may not be quantized. Two families ship in no other
form, DeepSeek in FP8 and gpt-oss in MXFP4; exactly those are let through with a warning, because
the documentation is silent about them. Everything else is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from vertex_custom_weights_provider import catalog
from vertex_custom_weights_provider.architectures import form_named, is_quantized
from vertex_custom_weights_provider.preflight import rules
from vertex_custom_weights_provider.preflight.findings import Finding, error, shown, some, warn
from vertex_custom_weights_provider.storage.inventory import QUANTIZATION_SIDECARS, Inventory

from .header import TensorInfo

_PLAIN_TYPES = frozenset({"BF16", "F16", "F32"})
_STALE = (
    "Every tensor is plain, so nothing has to be saved anew: remove quantization_config from "
    "config.json, or the container looks for quantized tensors and fails."
)
_SAVE_PLAIN = "Save the model in bfloat16 (custom weights may not be quantized)."


def quantization_config(config: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the configuration's own word on quantization, wherever it is written."""
    holders = [config]
    if isinstance(config.get("text_config"), dict):
        holders.append(cast("Mapping[str, Any]", config["text_config"]))
    for holder in holders:
        for key in ("quantization_config", "compression_config"):
            if isinstance(holder.get(key), dict):
                return cast("Mapping[str, Any]", holder[key])
    return None


def native_rows(
    config: Mapping[str, Any], rows: Sequence[catalog.Model]
) -> tuple[catalog.Model, ...]:
    """Return the rows whose published checkpoints are quantized exactly like this."""
    found = quantization_config(config)
    if found is None:
        return ()
    return tuple(
        row
        for row in rows
        if row.native_quantization
        and all(found.get(key) == value for key, value in row.native_quantization.items())
    )


def check_config_quantization(
    config: Mapping[str, Any], rows: Sequence[catalog.Model], inventory: Inventory
) -> Iterator[Finding]:
    """Judge what configuration and file names say about quantization."""
    sidecars = [name for name in QUANTIZATION_SIDECARS if name in inventory]
    if sidecars:
        yield error(
            rules.Q1, f"{some(sidecars)} says that the weights are quantized. {_SAVE_PLAIN}"
        )
    found = quantization_config(config)
    if found is None:
        return
    if inventory.safetensors:
        return  # whose headers say whether it is so
    if native_rows(config, rows):
        yield _native(config, rows)
    else:
        yield error(
            rules.Q1, f"config.json has a quantization_config ({_method(found)}). {_SAVE_PLAIN}"
        )


def _native(config: Mapping[str, Any], rows: Sequence[catalog.Model]) -> Finding:
    method = str((quantization_config(config) or {}).get("quant_method"))
    return warn(
        rules.Q1,
        f"Native {method} weights of {rows[0].name}: Google's documentation does not say "
        "whether its limit on quantized weights includes these; the service decides.",
    )


def _method(found: Mapping[str, Any]) -> str:
    method = found.get("quant_method")
    if isinstance(method, str):
        known = "" if method in catalog.known_methods() else ", not a known method"
        return f"{shown(method)}{known}"
    return "without a quant_method"


def _check_native(
    config: Mapping[str, Any], rows: Sequence[catalog.Model], tensors: Sequence[TensorInfo]
) -> Iterator[Finding]:
    """Hold the exception to what the published checkpoints hold: one method, and its tensors."""
    method = str((quantization_config(config) or {}).get("quant_method"))
    form = form_named(method)
    endings, types = (form.endings, form.types) if form else ((), frozenset[str]())
    foreign = [
        t.name
        for t in tensors
        if (is_quantized(t.name) and not t.name.endswith(endings))
        or (len(t.shape) > 1 and t.dtype not in _PLAIN_TYPES | types)
    ]
    if foreign:
        yield error(
            rules.Q1,
            f"The weights hold tensors that are quantized in another way than config.json says "
            f"({method}): {some(foreign)}. Take the published form, or save the model in bfloat16.",
        )
    elif not any(t.name.endswith(endings) for t in tensors):
        yield warn(rules.Q1, _STALE)
    else:
        yield _native(config, rows)


def check_tensor_quantization(
    config: Mapping[str, Any], rows: Sequence[catalog.Model], tensors: Sequence[TensorInfo]
) -> Iterator[Finding]:
    """Judge what tensor names and element types say about quantization."""
    if native_rows(config, rows):
        yield from _check_native(config, rows, tensors)
        return
    named = [t.name for t in tensors if is_quantized(t.name)]
    types = sorted({t.dtype for t in tensors if len(t.shape) > 1 and t.dtype not in _PLAIN_TYPES})
    if named:
        yield error(rules.Q1, f"The weights hold quantized tensors ({some(named)}). {_SAVE_PLAIN}")
    elif types:
        yield error(
            rules.Q1, f"The weights hold matrices of type {', '.join(types)}. {_SAVE_PLAIN}"
        )
    elif quantization_config(config) is not None:
        yield warn(rules.Q1, _STALE)
    # Routers and norms are often kept in float32; only a whole model in it is worth a word.
    if 2 * sum(t.nbytes for t in tensors if t.dtype == "F32") > sum(t.nbytes for t in tensors):
        yield warn(
            rules.Q1,
            "Weights are stored in float32: twice the storage and download, converted at load. "
            "Save them in bfloat16.",
        )
