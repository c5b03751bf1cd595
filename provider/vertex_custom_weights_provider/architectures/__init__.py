"""Which tensors a checkpoint holds, for each architecture that the catalog has models of.

Samples are written from it, and preflight compares folders with it. Its truth is transformers' own:
`tests/architectures` holds what its two major versions save for the same configurations.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from .architecture import OPTIONAL, Architecture, Key, Layout, Place
from .deepseek import DEEPSEEK_V2, DEEPSEEK_V3, GLM4_MOE_LITE
from .formula import FormulaError
from .gemma import GEMMA2, GEMMA3, GEMMA3_TEXT
from .gemma4 import GEMMA4, GEMMA4_TEXT
from .gpt_oss import GPT_OSS
from .llama import LLAMA, MINISTRAL, MISTRAL, MIXTRAL
from .llama4 import LLAMA4, LLAMA4_TEXT
from .phi import PHI3
from .quantized import form_named, is_quantized
from .qwen import QWEN2, QWEN3, QWEN3_MOE, QWEN3_VL
from .qwen_hybrid import QWEN3_5, QWEN3_5_MOE, QWEN3_5_MOE_TEXT, QWEN3_5_TEXT, QWEN3_NEXT

__all__ = [
    "ARCHITECTURES",
    "OPTIONAL",
    "Architecture",
    "FormulaError",
    "Key",
    "Layout",
    "Place",
    "find",
    "form_named",
    "is_quantized",
]

ARCHITECTURES: Mapping[str, Architecture] = {
    found.model_type: found
    for found in (
        LLAMA,
        MISTRAL,
        MINISTRAL,
        MIXTRAL,
        LLAMA4,
        LLAMA4_TEXT,
        GEMMA2,
        GEMMA3,
        GEMMA3_TEXT,
        GEMMA4,
        GEMMA4_TEXT,
        QWEN2,
        QWEN3,
        QWEN3_MOE,
        QWEN3_VL,
        QWEN3_NEXT,
        QWEN3_5,
        QWEN3_5_TEXT,
        QWEN3_5_MOE,
        QWEN3_5_MOE_TEXT,
        DEEPSEEK_V2,
        DEEPSEEK_V3,
        GLM4_MOE_LITE,
        PHI3,
        GPT_OSS,
    )
}


def find(config: Mapping[str, Any]) -> Architecture | None:
    """Return the architecture of a parsed `config.json`, None when nothing is known of its kind.

    Containers go by the class where one is named; of a class that is not the type's, such as a
    classifier, nothing is known.
    """
    kind = config.get("model_type")
    found = ARCHITECTURES.get(kind) if isinstance(kind, str) else None
    stated = config.get("architectures")
    classes = cast("list[Any]", stated) if isinstance(stated, list) else []
    if found is None or any(isinstance(c, str) and c not in found.classes for c in classes[:1]):
        return None
    return found
