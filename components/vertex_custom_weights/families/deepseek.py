"""DeepSeek: what is true of this family only."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Optional, Unpack

import pulumi

from vertex_custom_weights.args import CustomWeightsEndpointArgs
from vertex_custom_weights.endpoint import CustomWeightsEndpoint

from .base_model_types import DeepSeekBaseModel

DeepSeekEndpointArgs = CustomWeightsEndpointArgs[DeepSeekBaseModel]
"""Arguments of `DeepSeekEndpoint`."""


class DeepSeekEndpoint(CustomWeightsEndpoint):
    """Serve weights tuned from DeepSeek R1, V3 or V3.1.

    Published quantized (FP8 in blocks of 128), unlike all other families but gpt-oss: preflight
    lets exactly that scheme pass, and says that Vertex AI's limit on quantized weights leaves it
    open. In bfloat16 they take 1.3 TB, which no machine holds with memory to spare.
    The three have one shape and are served alike; only the chat template differs, and R1's begins
    each answer with its reasoning.

    The repositories bring Python files (`auto_map`). They are not needed: vLLM knows the
    architecture.
    """

    _component: ClassVar[str] = "DeepSeekEndpoint"
    _family: ClassVar[Optional[str]] = "deepseek"
    _relatives: ClassVar[Mapping[str, str]] = {
        r"distill": (
            "R1's distillates are Llama or Qwen models. Use LlamaEndpoint or QwenEndpoint, with "
            "the base model of the same size."
        ),
        r"v3\.2": "V3.2 has another kind of attention than {deepseek-}.",
        r"r1-(0528|zero)": "It has the shape of R1: use deepseek-r1.",
        r"v3-(0324|base)": "It has the shape of V3: use deepseek-v3.",
        r"v3\.1-(base|terminus)": "It has the shape of V3.1: use deepseek-v3.1.",
        r"deepseek-(v2|coder|llm|math|moe)|lite": "On Google's lists are {deepseek-}.",
    }

    if TYPE_CHECKING:

        def __init__(
            self,
            name: str,
            args: Optional[DeepSeekEndpointArgs] = None,
            opts: Optional[pulumi.ResourceOptions] = None,
            **named: Unpack[DeepSeekEndpointArgs],
        ) -> None: ...
