"""Qwen: what is true of this family only."""

from typing import ClassVar, Optional

from .endpoint import CustomWeightsEndpoint


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
