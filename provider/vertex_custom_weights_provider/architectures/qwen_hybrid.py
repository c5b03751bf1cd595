"""Qwen3-Next, Qwen3.5 and 3.6: layers of gated delta nets among those of full attention."""

from __future__ import annotations

from .architecture import Architecture, Part
from .blocks import (
    ATTENTION,
    COUNTS,
    HEADS,
    OUT_BIAS,
    QK_NORM,
    QKV_BIAS,
    TWO_NORMS,
    decoder,
    gated,
)
from .qwen import EACH_EXPERT, SPARSE, VISION, VISION_KEYS
from .table import said, under

# The query projection carries a gate of the same size.
_FULL_ATTENTION = "\n".join(
    (
        ATTENTION.replace("q_proj.weight | queries", "q_proj.weight | 2 * queries"),
        QK_NORM,
        said(QKV_BIAS.replace("queries", "2 * queries") + OUT_BIAS, "if attention_bias"),
    )
)
_DELTA_NET = """
conv1d.weight | 2 * linear_keys + linear_values, 1, linear_conv_kernel_dim
dt_bias | linear_num_value_heads
A_log | linear_num_value_heads
norm.weight | linear_value_head_dim
out_proj.weight | hidden_size, linear_values
"""
_PROJECTIONS_IN_TWO = """
in_proj_qkvz.weight | 2 * linear_keys + 2 * linear_values, hidden_size
in_proj_ba.weight | 2 * linear_num_value_heads, hidden_size
"""
_PROJECTIONS_IN_FOUR = """
in_proj_qkv.weight | 2 * linear_keys + linear_values, hidden_size
in_proj_z.weight | linear_values, hidden_size
in_proj_b.weight | linear_num_value_heads, hidden_size
in_proj_a.weight | linear_num_value_heads, hidden_size
"""
_SHARED_EXPERT = f"""
{under("shared_expert.", gated("shared_expert_intermediate_size"))}
shared_expert_gate.weight | 1, hidden_size | plain
"""
_FUSED_EXPERTS = """
experts.gate_up_proj | num_experts, 2 * moe_intermediate_size, hidden_size
experts.down_proj | num_experts, hidden_size, moe_intermediate_size
"""
_EITHER_EXPERTS = "\n".join(
    (
        said(under("mlp.", _FUSED_EXPERTS), "form experts=fused"),
        said(under("mlp.experts.{expert}.", gated("moe_intermediate_size")), "form experts=each"),
        "mlp.gate.weight | num_experts, hidden_size | plain",
        under("mlp.", _SHARED_EXPERT),
    )
)


def _layer(projections: str, feed_forward: str) -> str:
    return "\n".join(
        (
            said(under("self_attn.", _FULL_ATTENTION), "if full"),
            said(under("linear_attn.", projections + _DELTA_NET), "if not full"),
            feed_forward,
            TWO_NORMS,
        )
    )


def _prediction(feed_forward: str) -> str:
    """Return the table of multi-token prediction, which plain serving steps over."""
    layer = "\n".join((under("self_attn.", _FULL_ATTENTION), feed_forward, TWO_NORMS))
    return said(
        under(
            "mtp.",
            f"""
            fc.weight | hidden_size, 2 * hidden_size | plain
            norm.weight | hidden_size
            pre_fc_norm_embedding.weight | hidden_size
            pre_fc_norm_hidden.weight | hidden_size
            {under("layers.{predicted}.", layer)}
            """,
        ),
        "spare multi_token_prediction",
    )


_KEYS = {
    "vocab_size": 151936,
    "hidden_size": 2048,
    "intermediate_size": 5632,
    "num_hidden_layers": 48,
    "num_attention_heads": 16,
    "num_key_value_heads": 2,
    "head_dim": 256,
    "attention_bias": False,
    "full_attention_interval": 4,
    "layer_types": None,
    "linear_conv_kernel_dim": 4,
    "linear_key_head_dim": 128,
    "linear_value_head_dim": 128,
    "linear_num_key_heads": 16,
    "linear_num_value_heads": 32,
    "tie_word_embeddings": False,
}
_EXPERT_KEYS = {
    "moe_intermediate_size": 512,
    "shared_expert_intermediate_size": 512,
    "num_experts": 512,
}
_DERIVED = {
    **HEADS,
    "linear_keys": "linear_num_key_heads * linear_key_head_dim",
    "linear_values": "linear_num_value_heads * linear_value_head_dim",
    "full": "layer_types[layer] == 'full_attention' if layer_types"
    " else (layer + 1) % full_attention_interval == 0",
}
_NEXT_EXPERTS = "\n".join((under("mlp.", EACH_EXPERT), under("mlp.", _SHARED_EXPERT)))

QWEN3_NEXT = Architecture(
    model_type="qwen3_next",
    classes=("Qwen3NextForCausalLM",),
    table="\n".join(
        (
            decoder(
                _layer(
                    _PROJECTIONS_IN_TWO,
                    "\n".join(
                        (
                            said(_NEXT_EXPERTS, "if sparse"),
                            said(under("mlp.", gated("intermediate_size")), "if not sparse"),
                        )
                    ),
                )
            ),
            _prediction(_NEXT_EXPERTS),
        )
    ),
    counts={**COUNTS, "expert": "num_experts", "predicted": "1"},
    keys={**_KEYS, **_EXPERT_KEYS, "decoder_sparse_step": 1, "mlp_only_layers": None},
    derived={**_DERIVED, "sparse": SPARSE},
    ignored=("mtp.",),
)


def _text_alone(kind: str, name: str, feed_forward: str, keys: dict[str, object]) -> Architecture:
    counts = {**COUNTS, "predicted": "mtp_num_hidden_layers"}
    if "num_experts" in keys:
        counts["expert"] = "num_experts"
    layers = decoder(_layer(_PROJECTIONS_IN_FOUR, feed_forward))
    return Architecture(
        model_type=f"{kind}_text",
        since=5,
        classes=(f"{name}ForCausalLM",),
        table="\n".join((layers, _prediction(feed_forward))),
        counts=counts,
        keys={**_KEYS, "vocab_size": 248320, "mtp_num_hidden_layers": 0, **keys},
        derived=_DERIVED,
        # Saved out of the whole model it keeps the level that it had there, which loaders take off.
        spellings=({}, {"model.": "model.language_model."}),
        ignored=("mtp.",),
    )


def _with_vision(name: str, text: Architecture, feed_forward: str) -> Architecture:
    layers = decoder(_layer(_PROJECTIONS_IN_FOUR, feed_forward), model="model.language_model.")
    return Architecture(
        model_type=text.model_type.removesuffix("_text"),
        since=5,
        classes=(f"{name}ForConditionalGeneration",),
        table="\n".join((layers, under("model.visual.", VISION), _prediction(feed_forward))),
        counts={**text.counts, "block": "vision.depth"},
        keys={**text.keys, "mtp_num_hidden_layers": 1},
        derived=_DERIVED,
        nested=True,
        parts={"vision": Part(VISION_KEYS)},
        ignored=("mtp.",),
    )


_DENSE = under("mlp.", gated("intermediate_size"))
QWEN3_5_TEXT = _text_alone(
    "qwen3_5",
    "Qwen3_5",
    _DENSE,
    {
        "hidden_size": 4096,
        "intermediate_size": 12288,
        "num_hidden_layers": 32,
        "num_key_value_heads": 4,
    },
)
QWEN3_5 = _with_vision("Qwen3_5", QWEN3_5_TEXT, _DENSE)

QWEN3_5_MOE_TEXT = _text_alone(
    "qwen3_5_moe",
    "Qwen3_5Moe",
    _EITHER_EXPERTS,
    {**_EXPERT_KEYS, "num_experts": 256, "num_hidden_layers": 40},
)
QWEN3_5_MOE = _with_vision("Qwen3_5Moe", QWEN3_5_MOE_TEXT, _EITHER_EXPERTS)
