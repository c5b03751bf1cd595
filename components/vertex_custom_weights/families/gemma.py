"""Gemma: what is true of this family only."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Optional, Unpack

import pulumi

from vertex_custom_weights.args import CustomWeightsEndpointArgs
from vertex_custom_weights.endpoint import CustomWeightsEndpoint

from .base_model_types import GemmaBaseModel

GemmaEndpointArgs = CustomWeightsEndpointArgs[GemmaBaseModel]
"""Arguments of `GemmaEndpoint`."""


class GemmaEndpoint(CustomWeightsEndpoint):
    """Serve weights tuned from Gemma 2, Gemma 3 or MedGemma.

    Gemma 3 from 4B on and MedGemma 4B take images: keep `preprocessor_config.json` beside the
    weights, and leave some memory, because the vision tower needs working memory of its own. Gemma
    3 1B and MedGemma 27B are text only. A 4B configuration does not tell Gemma 3 from MedGemma;
    both are served alike. Published configurations of Gemma 3 leave out what is default, and
    training tools write it in; both are understood.

    Gemma 2 reads 8,192 tokens at most and its chat template refuses the role `system`. Google's
    terms of use go with what is tuned from its weights; Vertex AI does not ask for their
    acceptance when the weights are your own.
    """

    _component: ClassVar[str] = "GemmaEndpoint"
    _family: ClassVar[Optional[str]] = "gemma"
    _relatives: ClassVar[Mapping[str, str]] = {
        r"gemma-3n": "Gemma 3n has another architecture and is not on Google's list.",
        r"medgemma-27b": (
            "Of MedGemma 27B only the text model is on Google's list: medgemma-27b-text."
        ),
        r"gemma-3-270m": "The smallest Gemma 3 on Google's list is the 1B.",
        r"gemma-2-2b": "Of Gemma 2 only 9B and 27B are on Google's list.",
        r"^(code|shield|pali|recurrent)gemma|^gemma-([27]b|1)": (
            "Google's list has Gemma 2, Gemma 3 and MedGemma only."
        ),
    }

    if TYPE_CHECKING:

        def __init__(
            self,
            name: str,
            args: Optional[GemmaEndpointArgs] = None,
            opts: Optional[pulumi.ResourceOptions] = None,
            **named: Unpack[GemmaEndpointArgs],
        ) -> None: ...
