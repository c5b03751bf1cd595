"""Tables of the blocks that architectures have in common."""

from __future__ import annotations

from .table import said, under

COUNTS = {"layer": "num_hidden_layers"}

# A tied head is the embedding; some repositories store it all the same, and loaders step over it.
HEAD = "lm_head.weight | vocab_size, hidden_size | plain | spare tied_head if tie_word_embeddings"

# What the size of attention depends on, in nearly every decoder.
HEADS = {
    "head_dim": "head_dim or hidden_size // num_attention_heads",
    "kv_heads": "num_key_value_heads or num_attention_heads",
    "queries": "num_attention_heads * head_dim",
    "keys": "kv_heads * head_dim",
}

ATTENTION = """
q_proj.weight | queries, hidden_size
k_proj.weight | keys, hidden_size
v_proj.weight | keys, hidden_size
o_proj.weight | hidden_size, queries
"""
QKV_BIAS = """
q_proj.bias | queries
k_proj.bias | keys
v_proj.bias | keys
"""
OUT_BIAS = "o_proj.bias | hidden_size"
QK_NORM = """
q_norm.weight | head_dim
k_norm.weight | head_dim
"""
# vLLM keeps queries, keys and values in one matrix, and loads it whole as well as in parts.
MERGED_ATTENTION = """
qkv_proj.weight | queries + 2 * keys, hidden_size
o_proj.weight | hidden_size, queries
"""
MERGED_QKV_BIAS = "qkv_proj.bias | queries + 2 * keys"
TWO_NORMS = """
input_layernorm.weight | hidden_size
post_attention_layernorm.weight | hidden_size
"""
FOUR_NORMS = f"""
{TWO_NORMS}
pre_feedforward_layernorm.weight | hidden_size
post_feedforward_layernorm.weight | hidden_size
"""


def gated(ffn: str, hidden: str = "hidden_size") -> str:
    """Return the table of a gated feed-forward of the size `ffn`."""
    return f"""
        gate_proj.weight | {ffn}, {hidden}
        up_proj.weight | {ffn}, {hidden}
        down_proj.weight | {hidden}, {ffn}
    """


def merged_gated(ffn: str, hidden: str = "hidden_size") -> str:
    """Return the table of a gated feed-forward with gate and up in one matrix."""
    return f"""
        gate_up_proj.weight | 2 * ({ffn}), {hidden}
        down_proj.weight | {hidden}, {ffn}
    """


def gated_bias(ffn: str, hidden: str = "hidden_size") -> str:
    """Return the table of the biases of a gated feed-forward."""
    return f"""
        gate_proj.bias | {ffn}
        up_proj.bias | {ffn}
        down_proj.bias | {hidden}
    """


def linear(name: str, out: str, into: str) -> str:
    """Return the table of a linear layer with a bias."""
    return f"{name}.weight | {out}, {into}\n{name}.bias | {out}"


def norm(name: str, size: str) -> str:
    """Return the table of a norm with a bias."""
    return f"{name}.weight | {size}\n{name}.bias | {size}"


def decoder(layer: str, *, model: str = "model.", head: str = HEAD) -> str:
    """Return the table of a whole text model with `layer` in each of its layers."""
    return f"""
        {model}embed_tokens.weight | vocab_size, hidden_size | plain
        {under(f"{model}layers.{{layer}}.", layer)}
        {model}norm.weight | hidden_size
        {head}
    """


def either_attention(more: str = "") -> str:
    """Return the table of attention stored in parts, or merged, with `more` beside both."""
    return "\n".join(
        (
            said(under("self_attn.", ATTENTION), "form qkv=parts"),
            said(under("self_attn.", MERGED_ATTENTION), "form qkv=merged"),
            under("self_attn.", more),
        )
    )


def either_gated(ffn: str = "intermediate_size") -> str:
    """Return the table of a feed-forward stored in parts, or merged."""
    return "\n".join(
        (
            said(under("mlp.", gated(ffn)), "form gate_up=parts"),
            said(under("mlp.", merged_gated(ffn)), "form gate_up=merged"),
        )
    )
