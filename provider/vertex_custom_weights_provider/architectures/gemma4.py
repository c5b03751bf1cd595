"""Gemma 4: two sizes of heads, shared keys, per-layer embeddings, experts, image and sound."""

from __future__ import annotations

from .architecture import Architecture, Part
from .blocks import COUNTS, FOUR_NORMS, decoder, gated
from .table import said, under

# Keys and values of layers that reuse another layer's are in the published files, unread.
_ATTENTION = """
q_proj.weight | queries, hidden_size
k_proj.weight | keys, hidden_size | spare reused_keys if reuses
v_proj.weight | keys, hidden_size | if not keys_are_values | spare reused_keys if reuses
o_proj.weight | hidden_size, queries
q_norm.weight | head_size
k_norm.weight | head_size | spare reused_keys if reuses
q_proj.bias | queries | if attention_bias
k_proj.bias | keys | if attention_bias | spare reused_keys if reuses
v_proj.bias | keys | if attention_bias and not keys_are_values | spare reused_keys if reuses
o_proj.bias | hidden_size | if attention_bias
"""
_PER_LAYER = """
per_layer_input_gate.weight | hidden_size_per_layer_input, hidden_size
per_layer_projection.weight | hidden_size, hidden_size_per_layer_input
post_per_layer_input_norm.weight | hidden_size
"""
_EXPERTS = """
router.proj.weight | num_experts, hidden_size | plain
router.scale | hidden_size
router.per_expert_scale | num_experts
experts.gate_up_proj | num_experts, 2 * moe_intermediate_size, hidden_size | form experts=fused
experts.down_proj | num_experts, hidden_size, moe_intermediate_size | form experts=fused
experts.{expert}.gate_proj.weight | moe_intermediate_size, hidden_size | form experts=each
experts.{expert}.up_proj.weight | moe_intermediate_size, hidden_size | form experts=each
experts.{expert}.down_proj.weight | hidden_size, moe_intermediate_size | form experts=each
post_feedforward_layernorm_1.weight | hidden_size
post_feedforward_layernorm_2.weight | hidden_size
pre_feedforward_layernorm_2.weight | hidden_size
"""
_LAYER = "\n".join(
    (
        under("self_attn.", _ATTENTION),
        under("mlp.", gated("ffn")),
        said(_EXPERTS, "if enable_moe_block"),
        said(_PER_LAYER, "if hidden_size_per_layer_input"),
        FOUR_NORMS,
        "layer_scalar | 1",
    )
)
_PER_LAYER_EMBEDDING = said(
    """
    embed_tokens_per_layer.weight | vocab_size_per_layer_input, per_layer_width | plain
    per_layer_model_projection.weight | per_layer_width, hidden_size | plain
    per_layer_projection_norm.weight | hidden_size_per_layer_input
    """,
    "if hidden_size_per_layer_input",
)


def _text(model: str) -> str:
    return "\n".join((decoder(_LAYER, model=model), under(model, _PER_LAYER_EMBEDDING)))


_COUNTS = {**COUNTS, "expert": "num_experts or 0"}
_KEYS = {
    "vocab_size": 262144,
    "hidden_size": 2304,
    "intermediate_size": 9216,
    "num_hidden_layers": 30,
    "num_attention_heads": 8,
    "num_key_value_heads": 4,
    "num_global_key_value_heads": None,
    "head_dim": 256,
    "global_head_dim": 512,
    "attention_bias": False,
    "attention_k_eq_v": False,
    "layer_types": None,
    "per_layer_config": None,
    "num_kv_shared_layers": 0,
    "use_double_wide_mlp": False,
    "vocab_size_per_layer_input": 262144,
    "hidden_size_per_layer_input": 256,
    "enable_moe_block": False,
    "num_experts": None,
    "moe_intermediate_size": None,
    "tie_word_embeddings": True,
}
_DERIVED = {
    "per_layer_width": "num_hidden_layers * hidden_size_per_layer_input",
    # The last layer sees everything, whatever its type is said to be.
    "full": "layer == num_hidden_layers - 1 or"
    " (layer_types[layer] == 'full_attention' if layer_types else (layer + 1) % 6 == 0)",
    # What transformers 5 writes in place of the two global keys.
    "own": "per_layer_config[layer] if per_layer_config and layer in per_layer_config else ''",
    "head_size": "own.head_dim if 'head_dim' in own"
    " else global_head_dim if full and not per_layer_config else head_dim",
    "keys_are_values": "attention_k_eq_v and full",
    "kv_heads": "own.num_key_value_heads if 'num_key_value_heads' in own"
    " else num_global_key_value_heads or num_key_value_heads if keys_are_values"
    " else num_key_value_heads",
    "queries": "num_attention_heads * head_size",
    "keys": "kv_heads * head_size",
    "reuses": "layer >= num_hidden_layers - num_kv_shared_layers",
    "ffn": "2 * intermediate_size if use_double_wide_mlp and reuses else intermediate_size",
}

GEMMA4_TEXT = Architecture(
    model_type="gemma4_text",
    since=5,
    classes=("Gemma4ForCausalLM",),
    table=_text("model."),
    counts=_COUNTS,
    keys=_KEYS,
    derived=_DERIVED,
)


def _clipped(name: str, out: str, into: str, part: str) -> str:
    """Return the table of a linear layer that keeps its numbers within stored bounds."""
    bounds = "\n".join(
        f"{name}.{end}_{of} |" for end in ("input", "output") for of in ("min", "max")
    )
    weight = f"{name}.linear.weight | {out}, {into}"
    return f"{weight}\n{said(bounds, f'if {part}.use_clipped_linears')}"


_EYE = "vision.hidden_size"
_VISION_LAYER = "\n".join(
    (
        _clipped("self_attn.q_proj", "vision_queries", _EYE, "vision"),
        _clipped("self_attn.k_proj", "vision_keys", _EYE, "vision"),
        _clipped("self_attn.v_proj", "vision_keys", _EYE, "vision"),
        _clipped("self_attn.o_proj", _EYE, "vision_queries", "vision"),
        "self_attn.q_norm.weight | vision.head_dim",
        "self_attn.k_norm.weight | vision.head_dim",
        _clipped("mlp.gate_proj", "vision.intermediate_size", _EYE, "vision"),
        _clipped("mlp.up_proj", "vision.intermediate_size", _EYE, "vision"),
        _clipped("mlp.down_proj", _EYE, "vision.intermediate_size", "vision"),
        FOUR_NORMS.replace("hidden_size", _EYE),
    )
)
_POSITIONS = f"2, vision.position_embedding_size, {_EYE}"
_VISION = f"""
model.vision_tower.patch_embedder.input_proj.weight | {_EYE}, 3 * vision.patch_size ** 2 | plain
model.vision_tower.patch_embedder.position_embedding_table | {_POSITIONS}
{under("model.vision_tower.encoder.layers.{block}.", _VISION_LAYER)}
model.vision_tower.std_bias | {_EYE} | if vision.standardize
model.vision_tower.std_scale | {_EYE} | if vision.standardize
model.embed_vision.embedding_projection.weight | hidden_size, {_EYE} | plain
"""
_EAR = "audio.hidden_size"
_FEED_FORWARD = "\n".join(
    (
        _clipped("ffw_layer_1", f"4 * {_EAR}", _EAR, "audio"),
        _clipped("ffw_layer_2", _EAR, f"4 * {_EAR}", "audio"),
        f"pre_layer_norm.weight | {_EAR}",
        f"post_layer_norm.weight | {_EAR}",
    )
)
_AUDIO_LAYER = "\n".join(
    (
        under("feed_forward1.", _FEED_FORWARD),
        under("feed_forward2.", _FEED_FORWARD),
        _clipped("self_attn.q_proj", _EAR, _EAR, "audio"),
        _clipped("self_attn.k_proj", _EAR, _EAR, "audio"),
        _clipped("self_attn.v_proj", _EAR, _EAR, "audio"),
        _clipped("self_attn.post", _EAR, _EAR, "audio"),
        f"self_attn.relative_k_proj.weight | {_EAR}, {_EAR} | plain",
        f"self_attn.per_dim_scale | {_EAR} // audio.num_attention_heads",
        _clipped("lconv1d.linear_start", f"2 * {_EAR}", _EAR, "audio"),
        _clipped("lconv1d.linear_end", _EAR, _EAR, "audio"),
        f"lconv1d.depthwise_conv1d.weight | {_EAR}, 1, audio.conv_kernel_size",
        f"lconv1d.pre_layer_norm.weight | {_EAR}",
        f"lconv1d.conv_norm.weight | {_EAR}",
        f"norm_pre_attn.weight | {_EAR}",
        f"norm_post_attn.weight | {_EAR}",
        f"norm_out.weight | {_EAR}",
    )
)
_SUBSAMPLING = f"""
layer0.conv.weight | first, 1, 3, 3
layer0.norm.weight | first
layer1.conv.weight | second, first, 3, 3
layer1.norm.weight | second
input_proj_linear.weight | {_EAR}, first // 4 * second | plain
""".replace("first", "audio.subsampling_conv_channels[0]").replace(
    "second", "audio.subsampling_conv_channels[1]"
)
_AUDIO = f"""
{under("model.audio_tower.subsample_conv_projection.", _SUBSAMPLING)}
{under("model.audio_tower.layers.{conformer}.", _AUDIO_LAYER)}
model.audio_tower.output_proj.weight | audio.output_proj_dims, {_EAR} | plain
model.audio_tower.output_proj.bias | audio.output_proj_dims
model.embed_audio.embedding_projection.weight | hidden_size, audio.output_proj_dims | plain
"""

GEMMA4 = Architecture(
    model_type="gemma4",
    since=5,
    classes=("Gemma4ForConditionalGeneration",),
    table="\n".join(
        (
            _text("model.language_model."),
            said(_VISION, "if vision"),
            said(_AUDIO, "if audio"),
        )
    ),
    counts={
        **_COUNTS,
        "block": "vision.num_hidden_layers if vision else 0",
        "conformer": "audio.num_hidden_layers if audio else 0",
    },
    keys=_KEYS,
    derived={
        **_DERIVED,
        "vision_queries": "vision.num_attention_heads * vision.head_dim if vision else 0",
        "vision_keys": "vision.num_key_value_heads * vision.head_dim if vision else 0",
    },
    nested=True,
    parts={
        "vision": Part(
            {
                "hidden_size": 768,
                "intermediate_size": 3072,
                "num_hidden_layers": 16,
                "num_attention_heads": 12,
                "num_key_value_heads": 12,
                "head_dim": 64,
                "patch_size": 16,
                "position_embedding_size": 10240,
                "use_clipped_linears": False,
                "standardize": False,
            },
            optional=True,
        ),
        "audio": Part(
            {
                "hidden_size": 1024,
                "num_hidden_layers": 12,
                "num_attention_heads": 8,
                "subsampling_conv_channels": [128, 32],
                "conv_kernel_size": 5,
                "output_proj_dims": 1536,
                "use_clipped_linears": True,
            },
            optional=True,
        ),
    },
)
