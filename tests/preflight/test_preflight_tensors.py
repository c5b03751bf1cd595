"""What is said of tensors: by kind, with numbers, an example and the way on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import pytest

from vertex_custom_weights_provider import samples
from vertex_custom_weights_provider.preflight.weights.comparison import compare
from vertex_custom_weights_provider.preflight.weights.header import TensorInfo
from vertex_custom_weights_provider.preflight.weights.tensors import check_tensors
from vertex_custom_weights_provider.samples.layout import tensors

CONFIG = samples.config_of("llama-3.2-1b")
HEADER = [
    TensorInfo(t.name, t.dtype, t.shape, 0, t.nbytes)
    for t in tensors("llama-3.2-1b", CONFIG, resaved=False)
]


def said(header: Iterable[TensorInfo], *, whole: bool = True) -> list[str]:
    compared = compare(CONFIG, header)
    assert compared is not None
    return [finding.message for finding in check_tensors(compared, whole=whole)]


def named(change: Callable[[str], str]) -> list[TensorInfo]:
    return [tensor._replace(name=change(tensor.name)) for tensor in HEADER]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda n: f"policy.{n}", "146 tensors.*'policy.' stands in front"),
        (lambda n: n.removeprefix("model."), "146 tensors.*'model.' is missing in front"),
        (
            lambda n: n.replace("model.", "transformer.", 1),
            "begin with 'transformer.' where serving looks for 'model.'",
        ),
        (lambda n: f"base_model.model.{n}", "adapter that was not merged"),
    ],
)
def test_one_change_of_all_names_is_one_sentence(change, words):
    (message,) = said(named(change))
    assert re.search(words, message), message


def test_a_kind_that_is_missing_is_told_once():
    (message,) = said(t for t in HEADER if "v_proj" not in t.name)
    assert "model.layers.0.self_attn.v_proj.weight and 15 like it" in message


def test_missing_layers_are_told_by_their_numbers():
    (message,) = said(t for t in HEADER if ".layers.7." not in t.name)
    assert "16 layers; the weights hold none of layer 7" in message


def test_nothing_is_missing_while_files_are_unread():
    assert said((t for t in HEADER if ".layers.7." not in t.name), whole=False) == []


def test_what_is_stored_in_two_forms_is_told_so():
    merged = "model.layers.{}.self_attn.qkv_proj.weight"
    more = [TensorInfo(merged.format(n), "BF16", (3072, 2048), 0, 0) for n in range(16)]
    (message,) = said([*HEADER, *more])
    assert "stored twice" in message


def test_part_of_a_bias_that_the_model_does_not_have_is_an_error():
    bias = TensorInfo("model.layers.0.self_attn.q_proj.bias", "BF16", (2048,), 0, 0)
    (message,) = said([*HEADER, bias])
    assert "no place for model.layers.0.self_attn.q_proj.bias" in message


def test_part_of_what_serving_does_without_is_a_warning():
    config = samples.config_of("qwen3-next-80b-a3b-instruct")
    made = tensors("qwen3-next-80b-a3b-instruct", config, resaved=False)
    header = [TensorInfo(t.name, t.dtype, t.shape, 0, 0) for t in made if t.name != "mtp.fc.weight"]
    compared = compare(config, header)
    assert compared is not None
    (finding,) = check_tensors(compared, whole=True)
    assert finding.severity == "warn"
    assert "multi token prediction" in finding.message


def test_names_with_asterisks_are_names():
    odd = TensorInfo("model.layers.*.self_attn.q_proj.weight", "BF16", (1,), 0, 0)
    (message,) = said([*HEADER, odd])
    assert "no place for model.layers.?.self_attn" in message
