"""Qwen 2, 2.5 and 3, dense and with experts, and Qwen3-VL."""

from __future__ import annotations

from .architecture import Architecture, Part
from .blocks import (
    ATTENTION,
    COUNTS,
    HEADS,
    MERGED_QKV_BIAS,
    OUT_BIAS,
    QK_NORM,
    QKV_BIAS,
    TWO_NORMS,
    decoder,
    either_attention,
    either_gated,
    gated,
    linear,
    norm,
)
from .table import said, under

_ALWAYS_BIASED = "\n".join(
    (
        said(under("self_attn.", QKV_BIAS), "form qkv=parts"),
        said(under("self_attn.", MERGED_QKV_BIAS), "form qkv=merged"),
    )
)
_BIASED_IF_SAID = "\n".join(
    (
        said(under("self_attn.", QKV_BIAS), "if attention_bias | form qkv=parts"),
        said(under("self_attn.", MERGED_QKV_BIAS), "if attention_bias | form qkv=merged"),
        said(under("self_attn.", OUT_BIAS), "if attention_bias"),
    )
)
_KEYS = {
    "vocab_size": 151936,
    "hidden_size": 4096,
    "intermediate_size": 22016,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 32,
    "head_dim": None,
    "tie_word_embeddings": False,
}

QWEN2 = Architecture(
    model_type="qwen2",
    classes=("Qwen2ForCausalLM",),
    table=decoder("\n".join((either_attention(), _ALWAYS_BIASED, either_gated(), TWO_NORMS))),
    counts=COUNTS,
    keys=_KEYS,
    derived=HEADS,
)

QWEN3 = Architecture(
    model_type="qwen3",
    classes=("Qwen3ForCausalLM",),
    table=decoder(
        "\n".join((either_attention(QK_NORM), _BIASED_IF_SAID, either_gated(), TWO_NORMS))
    ),
    counts=COUNTS,
    keys={**_KEYS, "head_dim": 128, "attention_bias": False},
    derived=HEADS,
)

# The same experts in one matrix an expert, or in one for all; either is read.
EACH_EXPERT = f"""
gate.weight | num_experts, hidden_size | plain
{under("experts.{expert}.", gated("moe_intermediate_size"))}
"""
SPARSE = (
    "not (mlp_only_layers and layer in mlp_only_layers) and (layer + 1) % decoder_sparse_step == 0"
)

QWEN3_MOE = Architecture(
    model_type="qwen3_moe",
    classes=("Qwen3MoeForCausalLM",),
    table=decoder(
        "\n".join(
            (
                either_attention(QK_NORM),
                _BIASED_IF_SAID,
                said(under("mlp.", EACH_EXPERT), "if sparse"),
                said(under("mlp.", gated("intermediate_size")), "if not sparse"),
                TWO_NORMS,
            )
        )
    ),
    counts={**COUNTS, "expert": "num_experts"},
    keys={
        **_KEYS,
        "hidden_size": 2048,
        "intermediate_size": 6144,
        "num_hidden_layers": 24,
        "num_key_value_heads": 4,
        "attention_bias": False,
        "moe_intermediate_size": 768,
        "num_experts": 128,
        "decoder_sparse_step": 1,
        "mlp_only_layers": None,
    },
    derived={**HEADS, "sparse": SPARSE},
    renamed={"num_local_experts": "num_experts"},
)

_EYE = "vision.hidden_size"
_MERGED = f"{_EYE} * vision.spatial_merge_size ** 2"
_BLOCK = "\n".join(
    (
        linear("attn.qkv", f"3 * {_EYE}", _EYE),
        linear("attn.proj", _EYE, _EYE),
        linear("mlp.linear_fc1", "vision.intermediate_size", _EYE),
        linear("mlp.linear_fc2", _EYE, "vision.intermediate_size"),
        norm("norm1", _EYE),
        norm("norm2", _EYE),
    )
)


def _merger(normed: str) -> str:
    return "\n".join(
        (
            norm("norm", normed),
            linear("linear_fc1", _MERGED, _MERGED),
            linear("linear_fc2", "vision.out_hidden_size", _MERGED),
        )
    )


_PATCH = "vision.in_channels, vision.temporal_patch_size, vision.patch_size, vision.patch_size"
VISION = f"""
patch_embed.proj.weight | {_EYE}, {_PATCH}
patch_embed.proj.bias | {_EYE}
pos_embed.weight | vision.num_position_embeddings, {_EYE} | plain
{under("blocks.{block}.", _BLOCK)}
{under("merger.", _merger(_EYE))}
"""
_DEEPSTACK = under("deepstack_merger_list.{depth}.", _merger(_MERGED))
VISION_KEYS = {
    "depth": 27,
    "hidden_size": 1152,
    "intermediate_size": 4304,
    "in_channels": 3,
    "patch_size": 16,
    "spatial_merge_size": 2,
    "temporal_patch_size": 2,
    "out_hidden_size": 3584,
    "num_position_embeddings": 2304,
}
# As the modules were named before the language model got a level of its own.
_VL_LAYER = "\n".join(
    (
        under("self_attn.", ATTENTION + QK_NORM),
        said(under("self_attn.", QKV_BIAS + OUT_BIAS), "if attention_bias"),
        under("mlp.", gated("intermediate_size")),
        TWO_NORMS,
    )
)

QWEN3_VL = Architecture(
    model_type="qwen3_vl",
    classes=("Qwen3VLForConditionalGeneration",),
    table="\n".join(
        (
            decoder(_VL_LAYER, model="model.language_model."),
            under("model.visual.", VISION + _DEEPSTACK),
        )
    ),
    counts={**COUNTS, "block": "vision.depth", "depth": "vision.deepstack_visual_indexes"},
    keys={**_KEYS, "head_dim": 128, "attention_bias": False},
    derived=HEADS,
    nested=True,
    parts={"vision": Part({**VISION_KEYS, "deepstack_visual_indexes": [8, 16, 24]})},
)
