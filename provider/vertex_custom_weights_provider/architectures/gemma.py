"""Gemma 2 and 3, MedGemma: a tied head, norms around each block, and SigLIP as vision tower."""

from __future__ import annotations

from .architecture import Architecture, Part
from .blocks import (
    ATTENTION,
    COUNTS,
    FOUR_NORMS,
    HEADS,
    OUT_BIAS,
    QK_NORM,
    QKV_BIAS,
    decoder,
    either_attention,
    either_gated,
    gated,
    linear,
    norm,
)
from .table import said, under

_BIASES = said(under("self_attn.", QKV_BIAS + OUT_BIAS), "if attention_bias")

GEMMA2 = Architecture(
    model_type="gemma2",
    classes=("Gemma2ForCausalLM",),
    table=decoder("\n".join((either_attention(), _BIASES, either_gated(), FOUR_NORMS))),
    counts=COUNTS,
    keys={
        "vocab_size": 256000,
        "hidden_size": 2304,
        "intermediate_size": 9216,
        "num_hidden_layers": 26,
        "num_attention_heads": 8,
        "num_key_value_heads": 4,
        "head_dim": 256,
        "attention_bias": False,
        "tie_word_embeddings": True,
    },
    derived=HEADS,
)

_GEMMA3_LAYER = "\n".join(
    (
        under("self_attn.", ATTENTION + QK_NORM),
        _BIASES,
        under("mlp.", gated("intermediate_size")),
        FOUR_NORMS,
    )
)
_GEMMA3_KEYS = {
    **GEMMA2.keys,
    "vocab_size": 262208,
}

GEMMA3_TEXT = Architecture(
    model_type="gemma3_text",
    classes=("Gemma3ForCausalLM",),
    table=decoder(_GEMMA3_LAYER),
    counts=COUNTS,
    keys=_GEMMA3_KEYS,
    derived=HEADS,
)

_SIGLIP_LAYER = "\n".join(
    (
        linear("self_attn.q_proj", "vision.hidden_size", "vision.hidden_size"),
        linear("self_attn.k_proj", "vision.hidden_size", "vision.hidden_size"),
        linear("self_attn.v_proj", "vision.hidden_size", "vision.hidden_size"),
        linear("self_attn.out_proj", "vision.hidden_size", "vision.hidden_size"),
        linear("mlp.fc1", "vision.intermediate_size", "vision.hidden_size"),
        linear("mlp.fc2", "vision.hidden_size", "vision.intermediate_size"),
        norm("layer_norm1", "vision.hidden_size"),
        norm("layer_norm2", "vision.hidden_size"),
    )
)
# A pooling head that Gemma never asks; the published configurations switch it off.
_SIGLIP_HEAD = f"""
head.probe | 1, 1, vision.hidden_size
head.attention.in_proj_weight | 3 * vision.hidden_size, vision.hidden_size
head.attention.in_proj_bias | 3 * vision.hidden_size
{linear("head.attention.out_proj", "vision.hidden_size", "vision.hidden_size")}
{norm("head.layernorm", "vision.hidden_size")}
{linear("head.mlp.fc1", "vision.intermediate_size", "vision.hidden_size")}
{linear("head.mlp.fc2", "vision.hidden_size", "vision.intermediate_size")}
"""
_PATCH = "vision.num_channels, vision.patch_size, vision.patch_size"
_SIGLIP = f"""
embeddings.patch_embedding.weight | vision.hidden_size, {_PATCH}
embeddings.patch_embedding.bias | vision.hidden_size
embeddings.position_embedding.weight | patches, vision.hidden_size | plain
{under("encoder.layers.{block}.", _SIGLIP_LAYER)}
{norm("post_layernorm", "vision.hidden_size")}
{said(_SIGLIP_HEAD, "if vision.vision_use_head")}
"""

GEMMA3 = Architecture(
    model_type="gemma3",
    classes=("Gemma3ForConditionalGeneration",),
    table="\n".join(
        (
            under("language_model.", decoder(_GEMMA3_LAYER)),
            "multi_modal_projector.mm_input_projection_weight | vision.hidden_size, hidden_size",
            "multi_modal_projector.mm_soft_emb_norm.weight | vision.hidden_size",
            under("vision_tower.vision_model.", _SIGLIP),
        )
    ),
    counts={**COUNTS, "block": "vision.num_hidden_layers"},
    keys=_GEMMA3_KEYS,
    derived={**HEADS, "patches": "(vision.image_size // vision.patch_size) ** 2"},
    nested=True,
    parts={
        "vision": Part(
            {
                "hidden_size": 768,
                "intermediate_size": 3072,
                "num_hidden_layers": 12,
                "num_channels": 3,
                "image_size": 224,
                "patch_size": 16,
                "vision_use_head": True,
            }
        )
    },
    spellings=(
        {},
        # As the model's own modules are named since transformers 4.52; some trainers save these.
        {
            "language_model.model.": "model.language_model.",
            "language_model.lm_head.": "lm_head.",
            "vision_tower.": "model.vision_tower.",
            "multi_modal_projector.": "model.multi_modal_projector.",
        },
        # transformers 5 drops a level of the tower when a model was not loaded but made.
        {"vision_tower.vision_model.": "vision_tower."},
        {
            "language_model.model.": "model.language_model.",
            "language_model.lm_head.": "lm_head.",
            "vision_tower.vision_model.": "model.vision_tower.",
            "multi_modal_projector.": "model.multi_modal_projector.",
        },
    ),
)
