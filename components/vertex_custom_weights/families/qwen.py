"""Qwen: what is true of this family only."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Optional, Unpack

import pulumi

from vertex_custom_weights.args import CustomWeightsEndpointArgs
from vertex_custom_weights.endpoint import CustomWeightsEndpoint

from .base_model_types import QwenBaseModel

QwenEndpointArgs = CustomWeightsEndpointArgs[QwenBaseModel]
"""Arguments of `QwenEndpoint`."""


class QwenEndpoint(CustomWeightsEndpoint):
    """Serve weights tuned from Qwen2, Qwen2.5, Qwen3, Qwen3-Coder or Qwen3-Next.

    Small Qwens have few heads: the 0.5B splits over 2 accelerators at most, the 1.5B and the 7B
    over 4. Qwen3-Coder 480B fits on 8 H200 and nothing smaller. QwQ 32B and DeepSeek's distillates
    into Qwen have shapes of Qwen2.5: use the row of their size.

    Qwen3 thinks before it answers unless the request says
    `"chat_template_kwargs": {"enable_thinking": false}`; Qwen3-Next fixes that by variant,
    Instruct or Thinking, though both have the same configuration.
    """

    _component: ClassVar[str] = "QwenEndpoint"
    _family: ClassVar[Optional[str]] = "qwen"
    _relatives: ClassVar[Mapping[str, str]] = {
        r"qwq": "QwQ has the shape of Qwen2.5: use qwen2.5-32b.",
        r"r1-distill-qwen|deepseek": (
            "DeepSeek's distillates into Qwen have shapes of Qwen2.5: use qwen2.5-1.5b, "
            "qwen2.5-7b or qwen2.5-32b, whichever has their size."
        ),
        r"-vl|omni|audio": "Of such models of Qwen {qwen3-vl-8b} is on Google's lists.",
        r"qwen2\.5-coder": "Qwen2.5-Coder has the shapes of Qwen2.5: use the row of its size.",
        r"qwen2\.5-": "Of Qwen2.5 {qwen2.5-} are on Google's lists.",
        r"qwen3\.[5-9]": "Of Qwen3.5 and 3.6 {qwen3.5-} and {qwen3.6-} are on Google's lists.",
        r"qwen3-": "Of Qwen3 {qwen3-} are on Google's lists.",
        r"qwen2-": "Of Qwen2 {qwen2-} is on Google's lists; Qwen2.5 has more.",
    }

    if TYPE_CHECKING:

        def __init__(
            self,
            name: str,
            args: Optional[QwenEndpointArgs] = None,
            opts: Optional[pulumi.ResourceOptions] = None,
            **named: Unpack[QwenEndpointArgs],
        ) -> None: ...
