"""gpt-oss: attention with sinks, and experts in MXFP4 as published."""

from __future__ import annotations

from .architecture import Architecture
from .blocks import ATTENTION, COUNTS, HEADS, OUT_BIAS, QKV_BIAS, TWO_NORMS, decoder
from .table import said, under

_PLAIN_EXPERTS = """
gate_up_proj | num_local_experts, hidden_size, 2 * intermediate_size
down_proj | num_local_experts, intermediate_size, hidden_size
"""
# Blocks of 32 values: two to a byte, and one shared exponent.
_PACKED_EXPERTS = said(
    """
    gate_up_proj_blocks | num_local_experts, 2 * intermediate_size, hidden_size // 32, 16
    gate_up_proj_scales | num_local_experts, 2 * intermediate_size, hidden_size // 32
    down_proj_blocks | num_local_experts, hidden_size, intermediate_size // 32, 16
    down_proj_scales | num_local_experts, hidden_size, intermediate_size // 32
    """,
    "dtype U8",
)
_EXPERT_BIASES = """
gate_up_proj_bias | num_local_experts, 2 * intermediate_size
down_proj_bias | num_local_experts, hidden_size
"""
_LAYER = "\n".join(
    (
        under("self_attn.", ATTENTION),
        said(under("self_attn.", QKV_BIAS + OUT_BIAS), "if attention_bias"),
        "self_attn.sinks | num_attention_heads",
        "mlp.router.weight | num_local_experts, hidden_size | plain",
        "mlp.router.bias | num_local_experts",
        said(under("mlp.experts.", _PLAIN_EXPERTS), "form experts=plain"),
        said(under("mlp.experts.", _PACKED_EXPERTS), "form experts=mxfp4"),
        under("mlp.experts.", _EXPERT_BIASES),
        TWO_NORMS,
    )
)

GPT_OSS = Architecture(
    model_type="gpt_oss",
    classes=("GptOssForCausalLM",),
    table=decoder(_LAYER),
    counts=COUNTS,
    keys={
        "vocab_size": 201088,
        "hidden_size": 2880,
        "intermediate_size": 2880,
        "num_hidden_layers": 36,
        "num_attention_heads": 64,
        "num_key_value_heads": 8,
        "head_dim": 64,
        "num_local_experts": 128,
        "attention_bias": True,
        "tie_word_embeddings": False,
    },
    derived=HEADS,
)
