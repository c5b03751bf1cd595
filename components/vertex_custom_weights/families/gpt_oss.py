"""gpt-oss: what is true of this family only."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Optional, Unpack

import pulumi

from vertex_custom_weights.args import CustomWeightsEndpointArgs
from vertex_custom_weights.endpoint import CustomWeightsEndpoint

from .base_model_types import GptOssBaseModel

GptOssEndpointArgs = CustomWeightsEndpointArgs[GptOssBaseModel]
"""Arguments of `GptOssEndpoint`."""


class GptOssEndpoint(CustomWeightsEndpoint):
    """Serve weights tuned from gpt-oss 20B or 120B.

    Published quantized (MXFP4), unlike all other families but DeepSeek: preflight lets exactly
    that scheme pass, and says that Vertex AI's limit on quantized weights leaves it open.
    Weights that training has turned into bfloat16 take three times the memory: the 20B still fits
    the default machine, the 120B does not; give it four H100, or 8 A100.

    Prompts are in the harmony format, which the published chat template writes: keep
    `chat_template.jinja` beside the weights.
    """

    _component: ClassVar[str] = "GptOssEndpoint"
    _family: ClassVar[Optional[str]] = "gpt-oss"
    _relatives: ClassVar[Mapping[str, str]] = {
        r"safeguard-(20|120)b": "It has the shape of gpt-oss: use gpt-oss-20b or gpt-oss-120b.",
    }

    if TYPE_CHECKING:

        def __init__(
            self,
            name: str,
            args: Optional[GptOssEndpointArgs] = None,
            opts: Optional[pulumi.ResourceOptions] = None,
            **named: Unpack[GptOssEndpointArgs],
        ) -> None: ...
