"""DeepSeek: what is true of this family only."""

from collections.abc import Mapping
from typing import Any, ClassVar, Optional

from .endpoint import CustomWeightsEndpoint
from .shapes import Spell


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

    @classmethod
    def problems(cls, args: Mapping[str, Any], spell: Spell = str) -> list[str]:
        """Return what is wrong with the arguments, one sentence each; see `checks`."""
        if "distill" not in str(args.get("base_model", "")).lower():
            return super().problems(args, spell)
        others = {key: value for key, value in args.items() if key != "base_model"}
        return [
            *super().problems(others, spell),
            f"{spell('base_model')}: R1's distillates are Llama or Qwen models. Use LlamaEndpoint "
            "or QwenEndpoint, with the base model of the same size.",
        ]
