"""Llama 4: a decoder of which some layers are experts, and a vision model."""

from __future__ import annotations

from .architecture import Architecture, Part
from .blocks import (
    ATTENTION,
    HEADS,
    OUT_BIAS,
    QKV_BIAS,
    TWO_NORMS,
    decoder,
    gated,
    linear,
    norm,
)
from .table import said, under

_EXPERTS = f"""
experts.gate_up_proj | num_local_experts, hidden_size, 2 * intermediate_size
experts.down_proj | num_local_experts, intermediate_size, hidden_size
router.weight | num_local_experts, hidden_size | plain
{under("shared_expert.", gated("intermediate_size"))}
"""
_LAYER = "\n".join(
    (
        under("self_attn.", ATTENTION),
        said(under("self_attn.", QKV_BIAS + OUT_BIAS), "if attention_bias"),
        said(under("feed_forward.", _EXPERTS), "if sparse"),
        said(under("feed_forward.", gated("intermediate_size_mlp")), "if not sparse"),
        TWO_NORMS,
    )
)
_TEXT = decoder(_LAYER)

_COUNTS = {"layer": "num_hidden_layers"}
_KEYS = {
    "vocab_size": 202048,
    "hidden_size": 5120,
    "intermediate_size": 8192,
    "intermediate_size_mlp": 16384,
    "num_hidden_layers": 48,
    "num_attention_heads": 40,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "num_local_experts": 16,
    "moe_layers": None,
    "interleave_moe_layer_step": 1,
    "attention_bias": False,
    "tie_word_embeddings": False,
}
_DERIVED = {
    **HEADS,
    "sparse": "layer in moe_layers if moe_layers else (layer + 1) % interleave_moe_layer_step == 0",
}

LLAMA4_TEXT = Architecture(
    model_type="llama4_text",
    classes=("Llama4ForCausalLM",),
    table=_TEXT,
    counts=_COUNTS,
    keys=_KEYS,
    derived=_DERIVED,
)

_VISION_LAYER = "\n".join(
    (
        linear("self_attn.q_proj", "vision.hidden_size", "vision.hidden_size"),
        linear("self_attn.k_proj", "vision.hidden_size", "vision.hidden_size"),
        linear("self_attn.v_proj", "vision.hidden_size", "vision.hidden_size"),
        linear("self_attn.o_proj", "vision.hidden_size", "vision.hidden_size"),
        linear("mlp.fc1", "vision.intermediate_size", "vision.hidden_size"),
        linear("mlp.fc2", "vision.hidden_size", "vision.intermediate_size"),
        norm("input_layernorm", "vision.hidden_size"),
        norm("post_attention_layernorm", "vision.hidden_size"),
    )
)
_PATCH = "vision.num_channels * vision.patch_size ** 2"
_VISION = f"""
class_embedding | vision.hidden_size
positional_embedding_vlm | patches + 1, vision.hidden_size
patch_embedding.linear.weight | vision.hidden_size, {_PATCH} | plain
{norm("layernorm_pre", "vision.hidden_size")}
{norm("layernorm_post", "vision.hidden_size")}
{under("model.layers.{block}.", _VISION_LAYER)}
vision_adapter.mlp.fc1.weight | vision.projector_input_dim, vision.intermediate_size | plain
vision_adapter.mlp.fc2.weight | vision.projector_output_dim, vision.projector_output_dim | plain
"""

LLAMA4 = Architecture(
    model_type="llama4",
    classes=("Llama4ForConditionalGeneration",),
    table="\n".join(
        (
            under("language_model.", _TEXT),
            "multi_modal_projector.linear_1.weight | hidden_size, vision.vision_output_dim | plain",
            under("vision_model.", _VISION),
        )
    ),
    counts={**_COUNTS, "block": "vision.num_hidden_layers"},
    keys=_KEYS,
    derived={**_DERIVED, "patches": "(vision.image_size // vision.patch_size) ** 2"},
    nested=True,
    parts={
        "vision": Part(
            {
                "hidden_size": 768,
                "intermediate_size": 5632,
                "num_hidden_layers": 34,
                "num_channels": 3,
                "image_size": 448,
                "patch_size": 14,
                "vision_output_dim": 7680,
                "projector_input_dim": 4096,
                "projector_output_dim": 4096,
            }
        )
    },
)
