"""Phi-3 and Phi-4: a decoder whose projections are stored merged."""

from __future__ import annotations

from .architecture import Architecture
from .blocks import COUNTS, HEADS, MERGED_ATTENTION, TWO_NORMS, decoder, merged_gated
from .table import under

PHI3 = Architecture(
    model_type="phi3",
    classes=("Phi3ForCausalLM",),
    table=decoder(
        "\n".join(
            (
                under("self_attn.", MERGED_ATTENTION),
                under("mlp.", merged_gated("intermediate_size")),
                TWO_NORMS,
            )
        )
    ),
    counts=COUNTS,
    keys={
        "vocab_size": 32064,
        "hidden_size": 3072,
        "intermediate_size": 8192,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "num_key_value_heads": None,
        "head_dim": None,
        "tie_word_embeddings": False,
    },
    derived=HEADS,
)
