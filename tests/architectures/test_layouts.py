"""Layouts of odd configurations, quantized forms, and the notation that they are written in."""

from __future__ import annotations

from typing import Any

import pytest

from vertex_custom_weights_provider import catalog, samples
from vertex_custom_weights_provider.architectures import (
    ARCHITECTURES,
    FormulaError,
    Layout,
    find,
    formula,
    is_quantized,
    quantized,
    table,
)

LLAMA = samples.config_of("llama-3.2-1b")
STEM = "model.layers.*.self_attn.q_proj."


def layout(config: dict[str, Any], *patterns: str) -> Layout:
    architecture = find(config)
    assert architecture is not None
    return Layout(architecture, config, patterns or None)


def shape(found: Layout, pattern: str) -> tuple[int, ...] | None:
    return found.kinds[pattern]["3",].shape


@pytest.mark.parametrize(
    ("stated", "shapes"),
    [
        # Of a layer from 2048 to 2048, as the writers of each form store it.
        (
            {"quant_method": "gptq", "bits": 4, "group_size": 128},
            {
                "g_idx": (2048,),
                "qweight": (256, 2048),
                "qzeros": (16, 256),
                "scales": (16, 2048),
            },
        ),
        (
            {"quant_method": "awq", "bits": 4, "group_size": 128},
            {"qweight": (2048, 256), "qzeros": (16, 256), "scales": (16, 2048)},
        ),
        (
            {"quant_method": "fp8", "weight_block_size": [128, 128]},
            {"weight": (2048, 2048), "weight_scale_inv": (16, 16)},
        ),
        (
            {"quant_method": "compressed-tensors", "bits": 4},
            {"weight_packed": (2048, 256), "weight_scale": None, "weight_shape": (2,)},
        ),
        (
            {"quant_method": "compressed-tensors"},
            {"weight": (2048, 2048), "weight_scale": None},
        ),
        ({"quant_method": "modelopt"}, {"weight": (2048, 1024), "weight_scale_2": None}),
        ({"quant_method": "bitsandbytes"}, {"weight": None, "weight.absmax": None}),
    ],
)
def test_a_quantized_layer_has_the_tensors_of_its_form(stated, shapes):
    config = {**LLAMA, "quantization_config": stated}
    found = layout(config, *(f"{STEM}{suffix}" for suffix in shapes))
    assert {suffix: shape(found, f"{STEM}{suffix}") for suffix in shapes} == shapes
    assert shape(found, "model.layers.*.input_layernorm.weight") == (2048,)
    assert ("weight" in shapes) == (f"{STEM}weight" in found.kinds)


@pytest.mark.parametrize("form", quantized.FORMS, ids=lambda form: f"{form.method} {form.mark}")
def test_what_stands_for_a_quantized_weight_is_known_by_its_name(form):
    own = [f"{STEM}{tensor.suffix}" for tensor in form.tensors if tensor.suffix != "weight"]
    assert own
    assert all(is_quantized(name) for name in own)
    assert form.method in catalog.known_methods()


@pytest.mark.parametrize("architecture", ARCHITECTURES.values(), ids=lambda found: found.model_type)
def test_no_plain_weight_is_taken_for_a_quantized_one(architecture):
    named = {row.name for row in architecture.rows if is_quantized(row.name)}
    assert named == {row.name for row in architecture.rows if row.way == "mxfp4"}


def test_merged_projections_are_one_way_to_store_them():
    found = layout(LLAMA, "model.layers.*.self_attn.qkv_proj.weight")
    assert shape(found, "model.layers.*.self_attn.qkv_proj.weight") == (2048 + 2 * 512, 2048)
    assert f"{STEM}weight" not in found.kinds


@pytest.mark.parametrize("spelling", range(len(ARCHITECTURES["gemma3"].spellings)))
def test_every_spelling_is_found_by_its_names(spelling):
    names = [table.pattern(row.name) for row in ARCHITECTURES["gemma3"].spelled[spelling]]
    found = layout(samples.config_of("gemma-3-4b"), *names)
    assert set(found.kinds) <= set(names)


@pytest.mark.parametrize(
    "change",
    [
        {"num_hidden_layers": 10**9},
        {"num_hidden_layers": -1},
        {"num_hidden_layers": True},
        {"hidden_size": "2048"},
        {"hidden_size": None},
        {"hidden_size": [2048]},
        {"hidden_size": 2048.0},
        {"num_attention_heads": 0, "head_dim": None},
        {"head_dim": "x" * 100_000, "num_attention_heads": 10**9},
        {"head_dim": [0] * 1000, "num_attention_heads": 10**9},
        {"head_dim": -64},
    ],
)
def test_sizes_that_follow_from_nothing_are_refused(change):
    with pytest.raises(FormulaError):
        _ = layout({**LLAMA, **change}).kinds


def test_more_tensors_than_any_model_has_are_refused():
    config = samples.config_of("mixtral-8x7b-v0.1")
    with pytest.raises(FormulaError, match="num_local_experts"):
        _ = layout({**config, "num_hidden_layers": 9_999, "num_local_experts": 9_999}).kinds


@pytest.mark.parametrize("change", [{"model_type": "gpt2"}, {"model_type": ["llama"]}])
def test_of_another_type_nothing_is_known(change):
    assert find({**LLAMA, **change}) is None


def test_of_a_classifier_nothing_is_known():
    assert find({**LLAMA, "architectures": ["LlamaForSequenceClassification"]}) is None
    assert find({**LLAMA, "architectures": None}) is ARCHITECTURES["llama"]


def test_keys_behind_a_size_are_named():
    llama = ARCHITECTURES["llama"]
    assert llama.keys_of("queries") == ("head_dim", "num_attention_heads")
    merged = llama.keys_of("queries + 2 * keys")
    assert set(merged) == {"head_dim", "num_key_value_heads", "num_attention_heads"}


@pytest.mark.parametrize("text", ["len(a)", "a.b()", "[1, 2]", "lambda: 1", "f'{a}'", "a if b"])
def test_a_formula_is_arithmetic_and_nothing_else(text):
    with pytest.raises(SyntaxError):
        formula.value(text, {"a": 1, "b": {}})


@pytest.mark.parametrize("line", ["a.weight | 1 | unless b", "a.weight | 1 | Spare x"])
def test_a_table_says_nothing_that_nobody_reads(line):
    with pytest.raises(SyntaxError, match="a table cannot say"):
        table.rows(line)
