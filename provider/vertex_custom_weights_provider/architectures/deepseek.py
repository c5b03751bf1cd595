"""DeepSeek V2 and V3 (R1 is V3), and GLM-4.7-Flash: latent attention and many experts."""

from __future__ import annotations

from .architecture import Architecture
from .blocks import TWO_NORMS, decoder, gated
from .table import said, under

_ATTENTION = """
q_a_proj.weight | q_lora_rank, hidden_size | if q_lora_rank
q_a_proj.bias | q_lora_rank | if q_lora_rank and attention_bias
q_a_layernorm.weight | q_lora_rank | if q_lora_rank
q_b_proj.weight | queries, q_lora_rank | if q_lora_rank
q_proj.weight | queries, hidden_size | if not q_lora_rank
kv_a_proj_with_mqa.weight | kv_lora_rank + qk_rope_head_dim, hidden_size
kv_a_proj_with_mqa.bias | kv_lora_rank + qk_rope_head_dim | if attention_bias
kv_a_layernorm.weight | kv_lora_rank
kv_b_proj.weight | num_attention_heads * (qk_nope_head_dim + v_head_dim), kv_lora_rank
o_proj.weight | hidden_size, num_attention_heads * v_head_dim
o_proj.bias | hidden_size | if attention_bias
"""
_SHARED = under("shared_experts.", gated("moe_intermediate_size * n_shared_experts"))
_EXPERTS = f"""
gate.weight | n_routed_experts, hidden_size | plain
{under("experts.{expert}.", gated("moe_intermediate_size"))}
{said(_SHARED, "if n_shared_experts")}
"""
_CORRECTION = "gate.e_score_correction_bias | n_routed_experts | dtype F32"
# Multi-token prediction is one more layer, with an embedding and a head of its own.
_PREDICTION = """
embed_tokens.weight | vocab_size, hidden_size | plain
enorm.weight | hidden_size
hnorm.weight | hidden_size
eh_proj.weight | hidden_size, 2 * hidden_size | plain
shared_head.norm.weight | hidden_size
shared_head.head.weight | vocab_size, hidden_size | plain
"""
_SPARE = "spare multi_token_prediction if predicted"


def _layer(experts: str) -> str:
    return "\n".join(
        (
            said(
                "\n".join(
                    (
                        under("self_attn.", _ATTENTION),
                        said(under("mlp.", gated("intermediate_size")), "if not sparse"),
                        said(under("mlp.", experts), "if sparse"),
                        TWO_NORMS,
                    )
                ),
                _SPARE,
            ),
            said(_PREDICTION, f"if predicted | {_SPARE}"),
        )
    )


_COUNTS = {"layer": "num_hidden_layers + num_nextn_predict_layers", "expert": "n_routed_experts"}
_DERIVED = {
    "queries": "num_attention_heads * (qk_nope_head_dim + qk_rope_head_dim)",
    "predicted": "layer >= num_hidden_layers",
    "sparse": "predicted or (mlp_layer_types[layer] == 'sparse' if mlp_layer_types"
    " else layer >= first_k_dense_replace)",
}
_KEYS = {
    "vocab_size": 129280,
    "hidden_size": 7168,
    "intermediate_size": 18432,
    "moe_intermediate_size": 2048,
    "num_hidden_layers": 61,
    "num_nextn_predict_layers": 1,
    "num_attention_heads": 128,
    "q_lora_rank": 1536,
    "kv_lora_rank": 512,
    "qk_nope_head_dim": 128,
    "qk_rope_head_dim": 64,
    "v_head_dim": 128,
    "n_routed_experts": 256,
    "n_shared_experts": 1,
    "first_k_dense_replace": 3,
    "mlp_layer_types": None,
    "attention_bias": False,
    "tie_word_embeddings": False,
}

DEEPSEEK_V3 = Architecture(
    model_type="deepseek_v3",
    classes=("DeepseekV3ForCausalLM",),
    table=decoder(_layer(_EXPERTS + _CORRECTION)),
    counts=_COUNTS,
    keys=_KEYS,
    derived=_DERIVED,
)

DEEPSEEK_V2 = Architecture(
    model_type="deepseek_v2",
    classes=("DeepseekV2ForCausalLM",),
    table=decoder(_layer(_EXPERTS)),
    counts=_COUNTS,
    keys={
        **_KEYS,
        "vocab_size": None,
        "hidden_size": 4096,
        "intermediate_size": 11008,
        "moe_intermediate_size": 1407,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "n_routed_experts": 64,
        "n_shared_experts": 2,
        "first_k_dense_replace": 0,
    },
    derived=_DERIVED,
)

GLM4_MOE_LITE = Architecture(
    model_type="glm4_moe_lite",
    since=5,
    classes=("Glm4MoeLiteForCausalLM",),
    table=decoder(_layer(_EXPERTS + _CORRECTION)),
    counts=_COUNTS,
    keys={
        **_KEYS,
        "vocab_size": 154880,
        "hidden_size": 2048,
        "intermediate_size": 10240,
        "moe_intermediate_size": 1536,
        "num_hidden_layers": 47,
        "num_attention_heads": 20,
        "q_lora_rank": 768,
        "qk_nope_head_dim": 192,
        "v_head_dim": 256,
        "n_routed_experts": 64,
        "first_k_dense_replace": 1,
    },
    derived=_DERIVED,
)
