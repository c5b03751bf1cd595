"""Tensor layout of DeepSeek-V3: latent attention, FP8 weights with block scales, one MTP layer."""

from __future__ import annotations

from collections.abc import Iterator

from .layers import Config, Emitter, norms
from .tensor import Tensor


class _Blocks(Emitter):
    """Stores linear layers in FP8, with one scale for each block, when told so."""

    def __init__(self, prefix: str, dtype: str, block: tuple[int, int] | None) -> None:
        super().__init__(prefix, dtype)
        self.block = block

    def under(self, name: str) -> _Blocks:
        return _Blocks(f"{self.prefix}{name}.", self.dtype, self.block)

    def linear(self, name: str, out: int, into: int, *, bias: bool = False) -> Iterator[Tensor]:
        del bias
        if self.block is None:
            yield self.tensor(f"{name}.weight", out, into)
            return
        rows, columns = self.block
        yield self.tensor(f"{name}.weight", out, into, dtype="F8_E4M3")
        scales = (-(-out // rows), -(-into // columns))
        yield self.tensor(f"{name}.weight_scale_inv", *scales, dtype="F32")


def _attention(e: _Blocks, c: Config) -> Iterator[Tensor]:
    hidden, heads = c["hidden_size"], c["num_attention_heads"]
    rope, nope, value = c["qk_rope_head_dim"], c["qk_nope_head_dim"], c["v_head_dim"]
    yield from e.linear("q_a_proj", c["q_lora_rank"], hidden)
    yield from e.norm("q_a_layernorm", c["q_lora_rank"])
    yield from e.linear("q_b_proj", heads * (nope + rope), c["q_lora_rank"])
    yield from e.linear("kv_a_proj_with_mqa", c["kv_lora_rank"] + rope, hidden)
    yield from e.norm("kv_a_layernorm", c["kv_lora_rank"])
    yield from e.linear("kv_b_proj", heads * (nope + value), c["kv_lora_rank"])
    yield from e.linear("o_proj", hidden, heads * value)


def _mlp(e: _Blocks, hidden: int, ffn: int) -> Iterator[Tensor]:
    yield from e.linear("gate_proj", ffn, hidden)
    yield from e.linear("up_proj", ffn, hidden)
    yield from e.linear("down_proj", hidden, ffn)


def _layer(e: _Blocks, c: Config, n: int) -> Iterator[Tensor]:
    hidden, ffn = c["hidden_size"], c["moe_intermediate_size"]
    yield from _attention(e.under("self_attn"), c)
    mlp = e.under("mlp")
    if n < c["first_k_dense_replace"]:
        yield from _mlp(mlp, hidden, c["intermediate_size"])
    else:
        count = c["n_routed_experts"]
        yield mlp.tensor("gate.weight", count, hidden)
        yield mlp.tensor("gate.e_score_correction_bias", count, dtype="F32")
        for expert in range(count):
            yield from _mlp(mlp.under(f"experts.{expert}"), hidden, ffn)
        yield from _mlp(mlp.under("shared_experts"), hidden, ffn * c["n_shared_experts"])
    yield from norms(e, hidden, "input_layernorm", "post_attention_layernorm")


def deepseek(c: Config, dtype: str) -> Iterator[Tensor]:
    """All tensors, the multi-token prediction layer with its own embedding and head included."""
    quantization = c.get("quantization_config")
    block = tuple(quantization["weight_block_size"]) if quantization else None
    e = _Blocks("model.", dtype, block)
    vocab, hidden, layers = c["vocab_size"], c["hidden_size"], c["num_hidden_layers"]
    yield e.tensor("embed_tokens.weight", vocab, hidden)
    for n in range(layers):
        yield from _layer(e.under(f"layers.{n}"), c, n)
    mtp = e.under(f"layers.{layers}")
    yield mtp.tensor("embed_tokens.weight", vocab, hidden)
    yield from norms(mtp, hidden, "enorm", "hnorm")
    yield mtp.tensor("eh_proj.weight", hidden, 2 * hidden)
    yield from _layer(mtp, c, layers)
    yield mtp.tensor("shared_head.norm.weight", hidden)
    yield mtp.tensor("shared_head.head.weight", vocab, hidden)
    yield from e.norm("norm", hidden)
    yield Tensor("lm_head.weight", (vocab, hidden), dtype)
