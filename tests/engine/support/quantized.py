"""A checkpoint that was quantized: what GPTQ leaves of a model in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.preflight.corpus import folders

BITS, GROUP = 4, 128
IN_A_WORD = 32 // BITS


def _pack(found: dict[str, Any]) -> None:
    """Store every linear layer of the decoder as four tensors, eight numbers to a word."""
    for name in [name for name in found if name.endswith("_proj.weight")]:
        out, into = found.pop(name)["shape"]
        layer = name.removesuffix("weight")
        found[f"{layer}qweight"] = {"dtype": "I32", "shape": [into // IN_A_WORD, out]}
        found[f"{layer}qzeros"] = {"dtype": "I32", "shape": [into // GROUP, out // IN_A_WORD]}
        found[f"{layer}scales"] = {"dtype": "BF16", "shape": [into // GROUP, out]}
        found[f"{layer}g_idx"] = {"dtype": "I32", "shape": [into]}


def write_gptq(directory: Path) -> None:
    """Write a Llama-3.2-1B that was quantized with GPTQ, its configuration included."""
    stated = {"quant_method": "gptq", "bits": BITS, "group_size": GROUP, "desc_act": False}
    folders.on_base(folders.config(quantization_config=stated), folders.relay(_pack))(directory)
