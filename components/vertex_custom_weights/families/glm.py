"""GLM: what is true of this family only."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Optional, Unpack

import pulumi

from vertex_custom_weights.args import CustomWeightsEndpointArgs
from vertex_custom_weights.endpoint import CustomWeightsEndpoint

from .base_model_types import GlmBaseModel

GlmEndpointArgs = CustomWeightsEndpointArgs[GlmBaseModel]
"""Arguments of `GlmEndpoint`."""


class GlmEndpoint(CustomWeightsEndpoint):
    """Serve weights tuned from GLM-4.7-Flash.

    Google's tuning service makes such weights, and its page says that they are deployed like all
    custom weights; the page on custom weights does not name the model. Its attention keeps one
    compressed cache on every accelerator, so that several do not share it.
    """

    _component: ClassVar[str] = "GlmEndpoint"
    _family: ClassVar[Optional[str]] = "glm"
    _relatives: ClassVar[Mapping[str, str]] = {
        r"glm-?(4|5)": "Of GLM {glm-} is on Google's lists.",
    }

    if TYPE_CHECKING:

        def __init__(
            self,
            name: str,
            args: Optional[GlmEndpointArgs] = None,
            opts: Optional[pulumi.ResourceOptions] = None,
            **named: Unpack[GlmEndpointArgs],
        ) -> None: ...
