"""Mistral: what is true of this family only."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Optional, Unpack

import pulumi

from vertex_custom_weights.args import CustomWeightsEndpointArgs
from vertex_custom_weights.endpoint import CustomWeightsEndpoint

from .base_model_types import MistralBaseModel

MistralEndpointArgs = CustomWeightsEndpointArgs[MistralBaseModel]
"""Arguments of `MistralEndpoint`."""


class MistralEndpoint(CustomWeightsEndpoint):
    """Serve weights tuned from Mistral 7B v0.1, Mixtral 8x7B v0.1 or Mistral Nemo.

    Of Mistral 7B only v0.1 is on Google's list: later versions dropped the sliding window and
    enlarged the vocabulary. Export in Hugging Face layout: `consolidated.*.safetensors` with
    `params.json` is Mistral's own and cannot be served.

    Base weights have no chat template: put one into `tokenizer_config.json`, or chat requests are
    refused.
    """

    _component: ClassVar[str] = "MistralEndpoint"
    _family: ClassVar[Optional[str]] = "mistral"
    _relatives: ClassVar[Mapping[str, str]] = {
        r"7b.*v0\.[23]": (
            "Of Mistral 7B {mistral-7b-} is on Google's lists. Leave the base model out and name a "
            "machine, to have the weights looked at as they are."
        ),
        r"nemo-instruct": "It has the shape of its base: use mistral-nemo-base-2407.",
        r"8x22b": "Of Mixtral {mixtral-} is on Google's lists.",
        r"small|medium|large|ministral|pixtral|(code|mag|dev|math)i?stral": (
            "On Google's lists are {mi}."
        ),
    }

    if TYPE_CHECKING:

        def __init__(
            self,
            name: str,
            args: Optional[MistralEndpointArgs] = None,
            opts: Optional[pulumi.ResourceOptions] = None,
            **named: Unpack[MistralEndpointArgs],
        ) -> None: ...
