"""F2: what a server with an older transformers would miss in a configuration.

transformers 5 writes the rotary embedding under `rope_parameters` alone. Versions before read
`rope_theta` and `rope_scaling`, find neither, and take the defaults of their classes, without an
error: the model answers, and answers nonsense. Which version Google's containers have is not known.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from vertex_custom_weights_provider.preflight import rules
from vertex_custom_weights_provider.preflight.findings import Finding, printable, shown, warn

# rope_theta of the classes of transformers 4.57, for the types that versions before 5 know.
_THETAS: Mapping[str, float] = {
    "llama": 10_000,
    "llama4_text": 500_000,
    "mistral": 10_000,
    "ministral": 10_000,
    "mixtral": 1_000_000,
    "qwen2": 10_000,
    "qwen3": 10_000,
    "qwen3_moe": 10_000,
    "qwen3_next": 10_000,
    "qwen3_vl_text": 5_000_000,
    "gemma2": 10_000,
    "gemma3_text": 1_000_000,
    "phi3": 10_000,
    "gpt_oss": 150_000,
    "deepseek_v2": 10_000,
    "deepseek_v3": 10_000,
}
# Of other classes no scaling is the default.
_SCALED = frozenset({"gpt_oss"})
_WRAPPERS = {"gemma3": "gemma3_text", "llama4": "llama4_text", "qwen3_vl": "qwen3_vl_text"}
_LONGEST_LINE = 400
_NOT_SCALING = ("rope_theta", "partial_rotary_factor")
_PLAIN = ("default", None)
_FULL, _SLIDING = "full_attention", "sliding_attention"


def check_rope_spelling(config: Mapping[str, Any]) -> Iterator[Finding]:
    """Warn where the rotary embedding is written as transformers 5 does, and no other way."""
    nested = config.get("text_config")
    inner = cast("Mapping[str, Any]", nested) if isinstance(nested, dict) else config
    kind = str(inner.get("model_type") or config.get("model_type"))
    kind = _WRAPPERS.get(kind, kind)
    new = inner.get("rope_parameters")
    if kind not in _THETAS or not isinstance(new, dict):
        return
    lost, lines = _lost(kind, inner, cast("Mapping[str, Any]", new))
    if lost:
        where = "text_config of config.json" if inner is not config else "config.json"
        yield warn(
            rules.F2,
            f"{where} has rope_parameters only, which transformers before 5 does not read, without "
            f"an error: {' and '.join(lost)}, and answers are nonsense. Keep both spellings: add "
            f"{', '.join(lines)}.",
        )


def _lost(
    kind: str, inner: Mapping[str, Any], new: Mapping[str, Any]
) -> tuple[list[str], list[str]]:
    """Return what an older reader takes wrongly, and the lines that keep it right."""
    layered = isinstance(new.get(_FULL), dict)
    rope = cast("Mapping[str, Any]", new[_FULL]) if layered else new
    lost: list[str] = []
    lines: list[str] = []
    theta, default = rope.get("rope_theta"), _THETAS[kind]
    if "rope_theta" not in inner and type(theta) in (int, float) and theta != default:
        lost.append(f"rope_theta {theta:g} becomes {default:g}")
        lines.append(f'"rope_theta": {json.dumps(theta)}')
    scaling = {key: value for key, value in rope.items() if key not in _NOT_SCALING}
    plain = rope.get("rope_type") in _PLAIN or kind in _SCALED
    if inner.get("rope_scaling") is None and not plain:
        lost.append(f"the scaling of type {shown(str(rope.get('rope_type')))} is lost")
        lines.append(f'"rope_scaling": {printable(json.dumps(scaling)[:_LONGEST_LINE])}')
    return lost, lines


def check_float16(config: Mapping[str, Any]) -> Iterator[Finding]:
    """Warn of Gemma in float16, which its activations overflow."""
    holders = [config]
    if isinstance(config.get("text_config"), dict):
        holders.append(cast("Mapping[str, Any]", config["text_config"]))
    kinds = [str(holder.get("model_type")) for holder in holders]
    stated = [holder.get(key) for holder in holders for key in ("dtype", "torch_dtype")]
    if any(kind.startswith("gemma") for kind in kinds) and "float16" in stated:
        yield warn(
            rules.F2,
            "config.json says float16, which Gemma's activations overflow: vLLM refuses it for "
            "these models, or takes another type. Save the weights in bfloat16, the type they are "
            "trained in.",
        )
