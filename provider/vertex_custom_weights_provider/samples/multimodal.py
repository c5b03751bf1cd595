"""Tensor layouts of the checkpoints with a vision tower: Gemma 3 and Llama 4."""

from __future__ import annotations

from collections.abc import Iterator

from .decoders import LAYERS, decoder
from .layers import Config, Emitter, attention, gated_mlp, norms
from .tensor import Tensor

GEMMA3_TEXT_DEFAULTS: Config = {
    # The published configurations leave these class defaults out.
    "vocab_size": 262208,
    "num_attention_heads": 8,
    "num_key_value_heads": 4,
    "head_dim": 256,
}


def _vision_attention(e: Emitter, size: int, out_name: str) -> Iterator[Tensor]:
    for name in ("q_proj", "k_proj", "v_proj", out_name):
        yield from e.linear(name, size, size, bias=True)


def _siglip(v: Config, dtype: str) -> Iterator[Tensor]:
    e = Emitter("vision_tower.vision_model.", dtype)
    size, patch = v["hidden_size"], v["patch_size"]
    yield e.tensor("embeddings.patch_embedding.weight", size, 3, patch, patch)
    yield e.tensor("embeddings.patch_embedding.bias", size)
    positions = (v["image_size"] // patch) ** 2
    yield e.tensor("embeddings.position_embedding.weight", positions, size)
    for n in range(v["num_hidden_layers"]):
        layer = e.under(f"encoder.layers.{n}")
        yield from layer.norm("layer_norm1", size, bias=True)
        yield from layer.norm("layer_norm2", size, bias=True)
        yield from layer.linear("mlp.fc1", v["intermediate_size"], size, bias=True)
        yield from layer.linear("mlp.fc2", size, v["intermediate_size"], bias=True)
        yield from _vision_attention(layer.under("self_attn"), size, "out_proj")
    yield from e.norm("post_layernorm", size, bias=True)


def gemma3(c: Config, dtype: str) -> Iterator[Tensor]:
    """Language model, projector and SigLIP tower; the head is tied and not stored."""
    text = {**GEMMA3_TEXT_DEFAULTS, **c["text_config"]}
    yield from decoder(text, LAYERS["gemma3_text"], dtype, "language_model.")
    vision = c["vision_config"]
    projector = Emitter("multi_modal_projector.", dtype)
    yield projector.tensor("mm_input_projection_weight", vision["hidden_size"], text["hidden_size"])
    yield projector.tensor("mm_soft_emb_norm.weight", vision["hidden_size"])
    yield from _siglip(vision, dtype)


def _llama4_layer(e: Emitter, c: Config, n: int) -> Iterator[Tensor]:
    hidden, ffn = c["hidden_size"], c["intermediate_size"]
    yield from attention(e.under("self_attn"), c)
    forward = e.under("feed_forward")
    if (n + 1) % c["interleave_moe_layer_step"]:
        yield from gated_mlp(forward, hidden, c["intermediate_size_mlp"])
    else:
        count = c["num_local_experts"]
        yield forward.tensor("experts.gate_up_proj", count, hidden, 2 * ffn)
        yield forward.tensor("experts.down_proj", count, ffn, hidden)
        yield from forward.linear("router", count, hidden)
        yield from gated_mlp(forward.under("shared_expert"), hidden, ffn)
    yield from norms(e, hidden, "input_layernorm", "post_attention_layernorm")


def _llama4_vision(v: Config, dtype: str) -> Iterator[Tensor]:
    e, size, ffn = Emitter("vision_model.", dtype), v["hidden_size"], v["intermediate_size"]
    yield e.tensor("class_embedding", size)
    patches = (v["image_size"] // v["patch_size"]) ** 2
    yield e.tensor("positional_embedding_vlm", patches + 1, size)
    yield from e.linear("patch_embedding.linear", size, v["num_channels"] * v["patch_size"] ** 2)
    yield from e.norm("layernorm_pre", size, bias=True)
    yield from e.norm("layernorm_post", size, bias=True)
    for n in range(v["num_hidden_layers"]):
        layer = e.under(f"model.layers.{n}")
        yield from _vision_attention(layer.under("self_attn"), size, "o_proj")
        yield from layer.linear("mlp.fc1", ffn, size, bias=True)
        yield from layer.linear("mlp.fc2", size, ffn, bias=True)
        yield from layer.norm("input_layernorm", size, bias=True)
        yield from layer.norm("post_attention_layernorm", size, bias=True)
    yield from e.linear("vision_adapter.mlp.fc1", v["projector_input_dim"], ffn)
    yield from e.linear(
        "vision_adapter.mlp.fc2", v["projector_output_dim"], v["projector_input_dim"]
    )


def llama4(c: Config, dtype: str) -> Iterator[Tensor]:
    """Language model with its own head, projector and vision model."""
    text, vision = c["text_config"], c["vision_config"]
    yield from decoder(text, _llama4_layer, dtype, "language_model.")
    hidden = text["hidden_size"]
    yield Tensor("language_model.lm_head.weight", (text["vocab_size"], hidden), dtype)
    yield from Emitter("multi_modal_projector.", dtype).linear(
        "linear_1", hidden, vision["vision_output_dim"]
    )
    yield from _llama4_vision(vision, dtype)
