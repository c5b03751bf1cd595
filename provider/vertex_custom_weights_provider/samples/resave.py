"""What transformers 5 changes in a `config.json` when a checkpoint is loaded and saved again."""

from __future__ import annotations

from typing import Any

from vertex_custom_weights_provider.architectures import ARCHITECTURES

Config = dict[str, Any]

_VERSION = "5.23.0"
_WINDOW_PATTERN = 6


def _rope_parameters(c: Config) -> dict[str, Any]:
    scaling = dict(c.pop("rope_scaling", None) or {})
    kind = scaling.pop("rope_type", None) or scaling.pop("type", None) or "default"
    theta = c.pop("rope_theta", 10000.0)
    return {**scaling, "rope_theta": theta, "rope_type": kind}


def _gemma3_text(c: Config) -> Config:
    c = {**ARCHITECTURES["gemma3_text"].keys, "rope_theta": 1000000.0, **c}
    local = c.pop("rope_local_base_freq", 10000)
    pattern = c.pop("sliding_window_pattern", _WINDOW_PATTERN)
    c["rope_parameters"] = {
        "full_attention": _rope_parameters(c),
        "sliding_attention": {"rope_theta": local, "rope_type": "default"},
    }
    c["layer_types"] = [
        "sliding_attention" if (n + 1) % pattern else "full_attention"
        for n in range(c["num_hidden_layers"])
    ]
    return c


def _text(c: Config) -> Config:
    if c["model_type"] == "gemma3_text":
        return _gemma3_text(c)
    c["rope_parameters"] = _rope_parameters(c)
    if "q_lora_rank" not in c:
        c["head_dim"] = c.get("head_dim") or c["hidden_size"] // c["num_attention_heads"]
    return c


def resaved(config: Config) -> Config:
    """Return `config` as transformers 5 writes it."""
    c = dict(config)
    dtype = c.pop("torch_dtype", None) or "bfloat16"
    if "text_config" in c:
        text = _text({k: v for k, v in c["text_config"].items() if k != "torch_dtype"})
        c["text_config"] = dict(sorted({**text, "dtype": dtype}.items()))
    else:
        c = _text(c)
    c |= {"dtype": dtype, "transformers_version": _VERSION}
    return dict(sorted(c.items()))
