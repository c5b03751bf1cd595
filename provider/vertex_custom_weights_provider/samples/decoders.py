"""Tensor layouts of the text decoders, one function a model type.

Names and shapes are those of the published checkpoints; their totals are tested against the
parameter counts of the catalog.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from .layers import Config, Emitter, attention, experts, gated_mlp, head_dim, norms
from .tensor import Tensor

Layer = Callable[[Emitter, Config, int], Iterator[Tensor]]

_TWO_NORMS = ("input_layernorm", "post_attention_layernorm")
_FOUR_NORMS = (*_TWO_NORMS, "pre_feedforward_layernorm", "post_feedforward_layernorm")
_ROTARY_BUFFER_VERSION = "4.31.0.dev0"


def _dense(
    e: Emitter,
    c: Config,
    _n: int,
    *,
    qkv_bias: bool = False,
    qk_norm: bool = False,
    names: tuple[str, ...] = _TWO_NORMS,
) -> Iterator[Tensor]:
    yield from attention(e.under("self_attn"), c, qkv_bias=qkv_bias, qk_norm=qk_norm)
    yield from gated_mlp(e.under("mlp"), c["hidden_size"], c["intermediate_size"])
    yield from norms(e, c["hidden_size"], *names)


def _llama(e: Emitter, c: Config, n: int) -> Iterator[Tensor]:
    yield from _dense(e, c, n)
    if c.get("transformers_version") == _ROTARY_BUFFER_VERSION:
        # The Llama-2 repositories still carry this buffer of each layer.
        yield e.tensor("self_attn.rotary_emb.inv_freq", head_dim(c) // 2, dtype="F32")


def _phi3(e: Emitter, c: Config, _n: int) -> Iterator[Tensor]:
    hidden, size, ffn = c["hidden_size"], head_dim(c), c["intermediate_size"]
    heads, kv = c["num_attention_heads"], c["num_key_value_heads"]
    yield from e.linear("self_attn.qkv_proj", (heads + 2 * kv) * size, hidden)
    yield from e.linear("self_attn.o_proj", hidden, heads * size)
    yield from e.linear("mlp.gate_up_proj", 2 * ffn, hidden)
    yield from e.linear("mlp.down_proj", hidden, ffn)
    yield from norms(e, hidden, *_TWO_NORMS)


def _mixtral(e: Emitter, c: Config, _n: int) -> Iterator[Tensor]:
    hidden, ffn = c["hidden_size"], c["intermediate_size"]
    yield from attention(e.under("self_attn"), c)
    moe = e.under("block_sparse_moe")
    yield from moe.linear("gate", c["num_local_experts"], hidden)
    for n in range(c["num_local_experts"]):
        expert = moe.under(f"experts.{n}")
        yield from expert.linear("w1", ffn, hidden)
        yield from expert.linear("w2", hidden, ffn)
        yield from expert.linear("w3", ffn, hidden)
    yield from norms(e, hidden, *_TWO_NORMS)


def _qwen3_experts(e: Emitter, c: Config) -> Iterator[Tensor]:
    hidden = c["hidden_size"]
    yield from e.linear("gate", c["num_experts"], hidden)
    yield from experts(e, hidden, c["moe_intermediate_size"], c["num_experts"])
    if c.get("shared_expert_intermediate_size"):
        shared = c["shared_expert_intermediate_size"]
        yield from gated_mlp(e.under("shared_expert"), hidden, shared)
        yield from e.linear("shared_expert_gate", 1, hidden)


def _qwen3_moe(e: Emitter, c: Config, _n: int) -> Iterator[Tensor]:
    yield from attention(e.under("self_attn"), c, qk_norm=True)
    yield from _qwen3_experts(e.under("mlp"), c)
    yield from norms(e, c["hidden_size"], *_TWO_NORMS)


def _gated_delta_net(e: Emitter, c: Config) -> Iterator[Tensor]:
    hidden = c["hidden_size"]
    keys = c["linear_num_key_heads"] * c["linear_key_head_dim"]
    value_heads = c["linear_num_value_heads"]
    values = value_heads * c["linear_value_head_dim"]
    yield from e.linear("in_proj_qkvz", 2 * keys + 2 * values, hidden)
    yield from e.linear("in_proj_ba", 2 * value_heads, hidden)
    yield e.tensor("conv1d.weight", 2 * keys + values, 1, c["linear_conv_kernel_dim"])
    yield e.tensor("dt_bias", value_heads)
    yield e.tensor("A_log", value_heads)
    yield from e.norm("norm", c["linear_value_head_dim"])
    yield from e.linear("out_proj", hidden, values)


def _qwen3_next(e: Emitter, c: Config, n: int) -> Iterator[Tensor]:
    if (n + 1) % c["full_attention_interval"]:
        yield from _gated_delta_net(e.under("linear_attn"), c)
    else:
        yield from attention(e.under("self_attn"), c, qk_norm=True, query_factor=2)
    yield from _qwen3_experts(e.under("mlp"), c)
    yield from norms(e, c["hidden_size"], *_TWO_NORMS)


def _qwen3_next_extra(c: Config, dtype: str) -> Iterator[Tensor]:
    """Multi-token prediction: one more full-attention layer, stored beside the model."""
    mtp, hidden = Emitter("mtp.", dtype), c["hidden_size"]
    yield from mtp.linear("fc", hidden, 2 * hidden)
    layer = mtp.under("layers.0")
    yield from attention(layer.under("self_attn"), c, qk_norm=True, query_factor=2)
    yield from _qwen3_experts(layer.under("mlp"), c)
    yield from norms(layer, hidden, *_TWO_NORMS)
    yield from norms(mtp, hidden, "norm", "pre_fc_norm_embedding", "pre_fc_norm_hidden")


def _gpt_oss(e: Emitter, c: Config, _n: int) -> Iterator[Tensor]:
    hidden, ffn, count = c["hidden_size"], c["intermediate_size"], c["num_local_experts"]
    yield from attention(e.under("self_attn"), c, qkv_bias=True, out_bias=True)
    yield e.tensor("self_attn.sinks", c["num_attention_heads"])
    yield from e.linear("mlp.router", count, hidden, bias=True)
    experts_of = e.under("mlp.experts")
    for name, out, into in (("gate_up_proj", 2 * ffn, hidden), ("down_proj", hidden, ffn)):
        if "quantization_config" in c:
            # Blocks of 32 values: two to a byte, and one shared exponent.
            yield experts_of.tensor(f"{name}_blocks", count, out, into // 32, 16, dtype="U8")
            yield experts_of.tensor(f"{name}_scales", count, out, into // 32, dtype="U8")
        else:
            yield experts_of.tensor(name, count, into, out)
        yield experts_of.tensor(f"{name}_bias", count, out)
    yield from norms(e, hidden, *_TWO_NORMS)


LAYERS: dict[str, Layer] = {
    "llama": _llama,
    "mistral": _dense,
    "qwen2": partial(_dense, qkv_bias=True),
    "qwen3": partial(_dense, qk_norm=True),
    "gemma2": partial(_dense, names=_FOUR_NORMS),
    "gemma3_text": partial(_dense, qk_norm=True, names=_FOUR_NORMS),
    "phi3": _phi3,
    "mixtral": _mixtral,
    "qwen3_moe": _qwen3_moe,
    "qwen3_next": _qwen3_next,
    "gpt_oss": _gpt_oss,
}


def decoder(c: Config, layer: Layer, dtype: str, prefix: str = "") -> Iterator[Tensor]:
    """Embedding, layers and final norm; the output head is the caller's business."""
    e = Emitter(f"{prefix}model.", dtype)
    yield e.tensor("embed_tokens.weight", c["vocab_size"], c["hidden_size"])
    for n in range(c["num_hidden_layers"]):
        yield from layer(e.under(f"layers.{n}"), c, n)
    yield from e.norm("norm", c["hidden_size"])


def text_model(c: Config, dtype: str, *, head: bool) -> Iterator[Tensor]:
    """All tensors of a text-only checkpoint, with or without a stored output head."""
    yield from decoder(c, LAYERS[c["model_type"]], dtype)
    if head:
        yield Tensor("lm_head.weight", (c["vocab_size"], c["hidden_size"]), dtype)
    if c["model_type"] == "qwen3_next":
        yield from _qwen3_next_extra(c, dtype)
