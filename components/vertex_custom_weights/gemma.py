"""Gemma: what is true of this family only."""

from typing import ClassVar, Optional

from .endpoint import CustomWeightsEndpoint


class GemmaEndpoint(CustomWeightsEndpoint):
    """Serve weights tuned from Gemma 2, Gemma 3 or MedGemma.

    Gemma 3 from 4B on and MedGemma 4B take images: keep `preprocessor_config.json` beside the
    weights, and leave some memory, because the vision tower needs working memory of its own. Gemma
    3 1B and MedGemma 27B are text only. A 4B configuration does not tell Gemma 3 from MedGemma;
    both are served alike.

    Gemma 2 reads 8,192 tokens at most and its chat template refuses the role `system`.
    """

    _component: ClassVar[str] = "GemmaEndpoint"
    _family: ClassVar[Optional[str]] = "gemma"
