"""Models that look like documented ones: told apart, or named as the set that they are in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from vertex_custom_weights_provider import catalog
from vertex_custom_weights_provider.preflight.findings import Finding
from vertex_custom_weights_provider.preflight.weights.base_model import check_identity

# Facts of public configurations: name, the documented models it is one of, and the keys that count.
FACTS = json.loads((Path(__file__).parent / "near_misses.json").read_text())
LISTED = {row.id for row in catalog.models()}
UNLISTED = [fact for fact in FACTS if not fact["expect"]]


def said(config: dict[str, Any]) -> list[Finding]:
    return list(check_identity(config, catalog.read_config(config)))


def named(facts: list[dict[str, Any]]) -> list[Any]:
    return [pytest.param(fact, id=fact["name"]) for fact in facts]


def test_there_are_many():
    assert len(FACTS) >= 60


@pytest.mark.parametrize("fact", named(FACTS))
def test_model_is_what_it_is(fact):
    rows = catalog.identify(catalog.read_config(fact["config"])).rows
    assert {row.id for row in rows} == LISTED & set(fact["expect"])


@pytest.mark.parametrize("fact", named(UNLISTED))
def test_unlisted_model_is_a_warning_and_no_error(fact):
    findings = said(fact["config"])
    assert [f.severity for f in findings if f.severity == "error"] == []
    assert [f.severity for f in findings if f.id == "M1"] == ["warn"]
    assert all("not a language model" not in f.message for f in findings)


@pytest.mark.parametrize(
    ("name", "twins"),
    [
        ("Llama-3.3-70B-Instruct", ["Llama-3.1 70B", "Llama-3.3"]),
        ("DeepSeek-R1-Distill-Llama-70B", ["Llama-3.1 70B", "DeepSeek-R1-Distill-Llama-70B"]),
        ("Qwen2-7B", ["Qwen2.5 7B", "Qwen2 7B", "DeepSeek-R1-Distill-Qwen-7B"]),
    ],
)
def test_twins_are_named_as_a_set(name, twins):
    config = next(fact["config"] for fact in FACTS if fact["name"] == name)
    (finding,) = (f for f in said(config) if f.id == "M1")
    assert finding.severity == "info"
    assert all(twin in finding.message for twin in twins)


@pytest.mark.parametrize("name", ["SOLAR-10.7B", "Mistral-Large-2407", "Qwen2.5-14B"])
def test_nearest_are_those_of_like_size_whatever_their_type(name):
    config = next(fact["config"] for fact in FACTS if fact["name"] == name)
    shape = catalog.read_config(config).shape
    assert shape is not None
    (first, *_) = catalog.nearest_rows(shape)
    others = [abs(row.shape.hidden - shape.hidden) for row in catalog.models()]
    # A like depth may outweigh a little width, and never half of it.
    assert abs(first.shape.hidden - shape.hidden) <= min(others) + shape.hidden * 0.15
