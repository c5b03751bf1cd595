"""Llama 2 and 3, Mistral and Mixtral."""

from __future__ import annotations

from .architecture import Architecture
from .blocks import (
    COUNTS,
    HEADS,
    MERGED_QKV_BIAS,
    OUT_BIAS,
    QKV_BIAS,
    TWO_NORMS,
    decoder,
    either_attention,
    either_gated,
    gated_bias,
)
from .table import said, under

_BIASES = "\n".join(
    (
        said(under("self_attn.", QKV_BIAS), "if attention_bias | form qkv=parts"),
        said(under("self_attn.", MERGED_QKV_BIAS), "if attention_bias | form qkv=merged"),
        said(under("self_attn.", OUT_BIAS), "if attention_bias"),
        said(under("mlp.", gated_bias("intermediate_size")), "if mlp_bias"),
    )
)
# The Llama-2 repositories carry this buffer of each layer; loaders step over it.
_ROTARY_BUFFER = "self_attn.rotary_emb.inv_freq | head_dim // 2 | dtype F32 | spare rotary_buffer"

LLAMA = Architecture(
    model_type="llama",
    classes=("LlamaForCausalLM",),
    table=decoder(
        "\n".join((either_attention(), either_gated(), _BIASES, TWO_NORMS, _ROTARY_BUFFER))
    ),
    counts=COUNTS,
    keys={
        "vocab_size": 32000,
        "hidden_size": 4096,
        "intermediate_size": 11008,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "num_key_value_heads": None,
        "head_dim": None,
        "attention_bias": False,
        "mlp_bias": False,
        "tie_word_embeddings": False,
    },
    derived=HEADS,
)

MISTRAL = Architecture(
    model_type="mistral",
    classes=("MistralForCausalLM",),
    table=decoder("\n".join((either_attention(), either_gated(), TWO_NORMS, _ROTARY_BUFFER))),
    counts=COUNTS,
    keys={
        "vocab_size": 32000,
        "hidden_size": 4096,
        "intermediate_size": 14336,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "head_dim": None,
        "tie_word_embeddings": False,
    },
    derived=HEADS,
)

MINISTRAL = Architecture(
    model_type="ministral",
    classes=("MinistralForCausalLM",),
    table=decoder("\n".join((either_attention(), either_gated(), TWO_NORMS))),
    counts=COUNTS,
    keys=MISTRAL.keys,
    derived=HEADS,
)

_EXPERTS = """
block_sparse_moe.gate.weight | num_local_experts, hidden_size | plain
block_sparse_moe.experts.{expert}.w1.weight | intermediate_size, hidden_size
block_sparse_moe.experts.{expert}.w2.weight | hidden_size, intermediate_size
block_sparse_moe.experts.{expert}.w3.weight | intermediate_size, hidden_size
"""

MIXTRAL = Architecture(
    model_type="mixtral",
    classes=("MixtralForCausalLM",),
    table=decoder("\n".join((either_attention(), _EXPERTS, TWO_NORMS))),
    counts={**COUNTS, "expert": "num_local_experts"},
    keys={
        "vocab_size": 32000,
        "hidden_size": 4096,
        "intermediate_size": 14336,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "head_dim": None,
        "num_local_experts": 8,
        "tie_word_embeddings": False,
    },
    derived=HEADS,
)
