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
        r"gemma-3n": "Gemma 3n has another architecture than {gemma-3-}.",
        r"medgemma-27b": (
            "Of MedGemma {medgemma-} are on Google's lists: of the 27B use medgemma-27b-text."
        ),
        r"gemma-3-": "Of Gemma 3 {gemma-3-} are on Google's lists.",
        r"gemma-4-": "Of Gemma 4 {gemma-4-} are on Google's lists.",
        r"gemma-2-": "Of Gemma 2 {gemma-2-} are on Google's lists.",
        r"^(code|shield|pali|recurrent)gemma|^gemma-([27]b|1)": (
            "Of Gemma {gemma-} and of MedGemma {medgemma-} are on Google's lists."
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
