"""Phi: what is true of this family only."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Optional, Unpack

import pulumi

from vertex_custom_weights.args import CustomWeightsEndpointArgs
from vertex_custom_weights.endpoint import CustomWeightsEndpoint

from .base_model_types import PhiBaseModel

PhiEndpointArgs = CustomWeightsEndpointArgs[PhiBaseModel]
"""Arguments of `PhiEndpoint`."""


class PhiEndpoint(CustomWeightsEndpoint):
    """Serve weights tuned from Phi-4-reasoning.

    Its 10 key-value heads split over 1 or 2 accelerators, never over 4 or 8: a larger machine
    needs larger accelerators. Plain Phi-4 differs in its rotary embedding and is not on Google's
    list. Save in the layout of the original (`Phi3ForCausalLM`): conversions to Llama's layout
    are not recognised.

    Answers begin with the model's reasoning, which the template asks for in a system message of
    its own.
    """

    _component: ClassVar[str] = "PhiEndpoint"
    _family: ClassVar[Optional[str]] = "phi"
    _relatives: ClassVar[Mapping[str, str]] = {
        r"phi-4$": ("Plain Phi-4 differs in its rotary embedding from {phi-4-}, which is listed."),
        r"phi-4-(mini|multimodal)|phi-?(1|2|3)": (
            "It has another shape than {phi-4-}, which is on Google's list."
        ),
    }

    if TYPE_CHECKING:

        def __init__(
            self,
            name: str,
            args: Optional[PhiEndpointArgs] = None,
            opts: Optional[pulumi.ResourceOptions] = None,
            **named: Unpack[PhiEndpointArgs],
        ) -> None: ...
