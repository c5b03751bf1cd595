"""Llama: what is true of this family only."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Optional, Unpack

import pulumi

from vertex_custom_weights.args import CustomWeightsEndpointArgs
from vertex_custom_weights.endpoint import CustomWeightsEndpoint

from .base_model_types import LlamaBaseModel

LlamaEndpointArgs = CustomWeightsEndpointArgs[LlamaBaseModel]
"""Arguments of `LlamaEndpoint`."""


class LlamaEndpoint(CustomWeightsEndpoint):
    """Serve weights tuned from Llama 2, Llama 3.1, Llama 3.2, Llama 4 or CodeLlama.

    Llama 3 and Llama 3.3 have the shapes of Llama 3.1: use the row of their size. The 70B of
    Llama 2 is not on Google's list. Llama 4 takes images; its weights need a processor
    configuration beside the tokenizer's, and Maverick only fits in bfloat16 on 8 H200: the FP8
    variant that Meta publishes counts as quantized, which Vertex AI does not import.

    Base weights of Llama 2 and CodeLlama have no chat template: put one into
    `tokenizer_config.json`, or chat requests are refused. Meta's licence goes with what is tuned
    from its weights; Vertex AI does not ask for its acceptance when the weights are your own.
    """

    _component: ClassVar[str] = "LlamaEndpoint"
    _family: ClassVar[Optional[str]] = "llama"
    _relatives: ClassVar[Mapping[str, str]] = {
        r"llama-3-(8|70)b": "Llama 3 has the shapes of 3.1: use llama-3.1-8b or llama-3.1-70b.",
        r"maverick.*fp8": (
            "FP8 weights count as quantized, which Vertex AI does not import. Use bfloat16 "
            "weights, and llama-4-maverick-17b-128e."
        ),
        r"llama-3\.2-(11|90)b|vision": (
            "Of Llama 3.2 {llama-3.2-} are on Google's lists, which read text only."
        ),
        r"405b": "Of Llama 3.1 {llama-3.1-} are on Google's lists.",
        r"llama-2-70b": "Of Llama 2 {llama-2-} are on Google's lists.",
        r"codellama": "Of CodeLlama {codellama-} is on Google's lists: codellama-13b.",
    }

    if TYPE_CHECKING:

        def __init__(
            self,
            name: str,
            args: Optional[LlamaEndpointArgs] = None,
            opts: Optional[pulumi.ResourceOptions] = None,
            **named: Unpack[LlamaEndpointArgs],
        ) -> None: ...
