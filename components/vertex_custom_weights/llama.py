"""Llama: what is true of this family only."""

from collections.abc import Mapping
from typing import ClassVar, Optional

from .endpoint import CustomWeightsEndpoint


class LlamaEndpoint(CustomWeightsEndpoint):
    """Serve weights tuned from Llama 2, Llama 3.1, Llama 3.2, Llama 4 or CodeLlama.

    Give `base_model` (such as `llama-3.1-8b`) to get the machine that Google's own notebooks serve
    that size on; Llama 4 Maverick has none in bfloat16. Llama 3.3 and Llama 3 differ from 3.1 in
    training only: use the 3.1 row of their size.
    """

    _component: ClassVar[str] = "LlamaEndpoint"
    _family: ClassVar[Optional[str]] = "llama"
    _machines: ClassVar[Mapping[str, tuple[str, str, int]]] = {
        "llama-2-7b": ("g2-standard-12", "NVIDIA_L4", 1),
        "llama-2-13b": ("g2-standard-24", "NVIDIA_L4", 2),
        "codellama-13b": ("g2-standard-24", "NVIDIA_L4", 2),
        "llama-3.1-8b": ("g2-standard-12", "NVIDIA_L4", 1),
        "llama-3.1-70b": ("a3-highgpu-8g", "NVIDIA_H100_80GB", 8),
        "llama-3.2-1b": ("g2-standard-8", "NVIDIA_L4", 1),
        "llama-3.2-3b": ("g2-standard-8", "NVIDIA_L4", 1),
        "llama-4-scout-17b-16e": ("a3-highgpu-8g", "NVIDIA_H100_80GB", 8),
    }
