"""What transformers 5 changes in a `config.json` when a checkpoint is loaded and saved again."""

from __future__ import annotations

from typing import Any

from vertex_custom_weights_provider.architectures import ARCHITECTURES

Config = dict[str, Any]

_VERSION = "5.24.0"
_GEMMA3_WINDOW_PATTERN = 6
_DEFAULT_THETA = 10000.0
# Types whose class works the size of a head out, and writes it down.
_WORK_OUT_HEAD_DIM = frozenset({"llama", "mistral"})


def _rope_parameters(c: Config) -> dict[str, Any]:
    scaling = dict(c.pop("rope_scaling", None) or {})
    kind = scaling.pop("rope_type", None) or scaling.pop("type", None) or "default"
    found = {**scaling, "rope_theta": c.pop("rope_theta", _DEFAULT_THETA), "rope_type": kind}
    partial = c.pop("partial_rotary_factor", None)
    return found if partial is None else {**found, "partial_rotary_factor": partial}


def _gemma3_text(c: Config) -> Config:
    c = {**ARCHITECTURES["gemma3_text"].keys, "rope_theta": 1000000.0, **c}
    local = c.pop("rope_local_base_freq", _DEFAULT_THETA)
    pattern = c.pop("sliding_window_pattern", _GEMMA3_WINDOW_PATTERN)
    c["rope_parameters"] = {
        "full_attention": _rope_parameters(c),
        "sliding_attention": {"rope_theta": local, "rope_type": "default"},
    }
    c["layer_types"] = [
        "sliding_attention" if (n + 1) % pattern else "full_attention"
        for n in range(c["num_hidden_layers"])
    ]
    return c


def _gemma4_text(c: Config) -> Config:
    """Write what layers of full attention have of their own, layer by layer."""
    size, heads = c.pop("global_head_dim"), c.pop("num_global_key_value_heads")
    own = {"head_dim": size} | ({"num_key_value_heads": heads} if heads else {})
    width = len(str(c["num_hidden_layers"]))
    c["per_layer_config"] = {
        f"{n:0{width}}": own for n, kind in enumerate(c["layer_types"]) if kind == "full_attention"
    }
    return c


def _by_layer(c: Config) -> Config:
    interval = c.pop("full_attention_interval", None)
    if interval and not c.get("layer_types"):
        c["layer_types"] = [
            "linear_attention" if (n + 1) % interval else "full_attention"
            for n in range(c["num_hidden_layers"])
        ]
    return c


def _text(c: Config) -> Config:
    kind = c["model_type"]
    if kind == "gemma3_text":
        return _gemma3_text(c)
    if kind == "gemma4_text":
        return _gemma4_text(c)
    if "rope_parameters" not in c:
        c["rope_parameters"] = _rope_parameters(c)
    if kind in _WORK_OUT_HEAD_DIM:
        c["head_dim"] = c.get("head_dim") or c["hidden_size"] // c["num_attention_heads"]
    if "sliding_window" in c and not c.get("use_sliding_window", True):
        c["sliding_window"] = None
    architecture = ARCHITECTURES.get(kind)
    if architecture:
        for name, key in architecture.renamed.items():
            c[name] = c.pop(key)
    return _by_layer(c)


def _vision(c: Config, of: str) -> Config:
    """Name a vision model's type, and write its rotary base where the decoder's is."""
    c = dict(c)
    if c.get("model_type") == of:
        c["model_type"] = f"{of}_vision"
    if "rope_theta" in c:
        c["rope_parameters"] = _rope_parameters(c)
    return c


def resaved(config: Config) -> Config:
    """Return `config` as transformers 5 writes it."""
    c = dict(config)
    dtype = c.pop("torch_dtype", None) or c.get("dtype") or "bfloat16"
    if "text_config" in c:
        text = _text({k: v for k, v in c["text_config"].items() if k != "torch_dtype"})
        c["text_config"] = dict(sorted({**text, "dtype": dtype}.items()))
    else:
        c = _text(c)
    if c.get("vision_config"):
        c["vision_config"] = _vision(c["vision_config"], c["model_type"])
    c |= {"dtype": dtype, "transformers_version": _VERSION}
    return dict(sorted(c.items()))
