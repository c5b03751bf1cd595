"""Llama: what is true of this family only."""

from typing import ClassVar, Optional

from .endpoint import CustomWeightsEndpoint


class LlamaEndpoint(CustomWeightsEndpoint):
    """Serve weights tuned from Llama 2, Llama 3.1, Llama 3.2, Llama 4 or CodeLlama.

    Llama 3 and Llama 3.3 have the shapes of Llama 3.1: use the row of their size. The 70B of
    Llama 2 is not on Google's list. Llama 4 takes images; its weights need a processor
    configuration beside the tokenizer's, and Maverick only fits in bfloat16 on 8 H200: the FP8
    variant that Meta publishes counts as quantized, which Vertex AI does not import.

    Base weights of Llama 2 and CodeLlama have no chat template: put one into
    `tokenizer_config.json`, or chat requests are refused.
    """

    _component: ClassVar[str] = "LlamaEndpoint"
    _family: ClassVar[Optional[str]] = "llama"
