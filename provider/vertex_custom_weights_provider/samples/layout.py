"""From a model's `config.json` to the tensors of its published checkpoint."""

from __future__ import annotations

from .decoders import text_model
from .deepseek import deepseek
from .layers import Config
from .multimodal import gemma3, llama4
from .tensor import Tensor

_DTYPES = {"bfloat16": "BF16", "float16": "F16", "float32": "F32"}

# Tied, and yet the published repositories store the head.
_STORES_TIED_HEAD = frozenset({"qwen3-0.6b", "qwen3-1.7b"})
_TIED_BY_DEFAULT = frozenset({"gemma2", "gemma3_text"})


def tensors(model_id: str, config: Config) -> tuple[Tensor, ...]:
    """Return the tensors of catalog row `model_id` in the order of its modules."""
    dtype = _DTYPES[config.get("torch_dtype") or config.get("dtype") or "bfloat16"]
    model_type = config["model_type"]
    if model_type == "gemma3":
        return tuple(gemma3(config, dtype))
    if model_type == "llama4":
        return tuple(llama4(config, dtype))
    if model_type == "deepseek_v3":
        return tuple(deepseek(config, dtype))
    tied = config.get("tie_word_embeddings", model_type in _TIED_BY_DEFAULT)
    head = not tied or model_id in _STORES_TIED_HEAD
    return tuple(text_model(config, dtype, head=head))
