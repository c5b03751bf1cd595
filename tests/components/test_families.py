"""The model families: each serves its own models, on the machines the catalog chose for them."""

from __future__ import annotations

import re
from typing import Any

import pulumi
import pytest

from vertex_custom_weights import (
    CustomWeightsEndpoint,
    GemmaEndpoint,
    LlamaEndpoint,
    PhiEndpoint,
    QwenEndpoint,
)
from vertex_custom_weights.stack import DEFAULT_FAMILY, FAMILIES
from vertex_custom_weights_provider import catalog
from vertex_custom_weights_provider.tokens import token

MODELS = [pytest.param(row, id=row.id) for row in catalog.models()]
OF_FAMILIES = {name: FAMILIES[name] for name in FAMILIES if name != DEFAULT_FAMILY}
FAMILY_CLASSES = [pytest.param(name, kind, id=name) for name, kind in OF_FAMILIES.items()]


def resources(
    program: Any, component: type[CustomWeightsEndpoint] = CustomWeightsEndpoint, **args: Any
) -> Any:
    """Return `dedicatedResources` of an endpoint with these arguments."""
    given: Any = {"weights_uri": "gs://bucket/folder", **args}
    program.run(lambda: component("chat", given))
    return program.one("chat-llm").inputs.get("dedicatedResources")


def machine(count: int) -> dict[str, Any]:
    return {"type": "g2-standard-48", "accelerator": "NVIDIA_L4", "accelerator_count": count}


def test_every_family_of_the_catalog_has_a_component() -> None:
    assert set(OF_FAMILIES) == {row.family for row in catalog.models()}


@pytest.mark.parametrize(("name", "component"), FAMILY_CLASSES)
def test_component_takes_the_models_of_its_family(name: str, component: Any) -> None:
    wanted = tuple(row.id for row in catalog.models() if row.family == name)
    assert component.base_models() == wanted


def test_endpoint_of_no_family_takes_all_models() -> None:
    assert len(CustomWeightsEndpoint.base_models()) == len(catalog.models())


@pytest.mark.parametrize(("name", "component"), FAMILY_CLASSES)
def test_component_has_a_type_of_its_own(program: Any, name: str, component: Any) -> None:
    resources(program, component)
    assert program.one("chat").type == token(component.__name__)
    assert component.__name__.removesuffix("Endpoint").lower() == name.replace("-", "")


@pytest.mark.parametrize(("name", "component"), FAMILY_CLASSES)
def test_component_without_a_base_model_leaves_the_machine_to_the_look_at_the_weights(
    program: Any, name: str, component: Any
) -> None:
    assert resources(program, component)["machineSpec"] == {"machineType": "auto"}


@pytest.mark.parametrize(("name", "component"), FAMILY_CLASSES)
def test_component_whose_weights_are_not_looked_at_leaves_the_machine_to_vertex_ai(
    program: Any, name: str, component: Any
) -> None:
    assert resources(program, component, deployment={"preflight": "off"}) is None


@pytest.mark.parametrize("row", MODELS)
def test_base_model_alone_brings_the_whole_default_machine(
    program: Any, row: catalog.Model
) -> None:
    sold = catalog.machine(row.default_machine)
    expected = {
        "machineType": sold.id,
        "acceleratorType": sold.accelerator,
        "acceleratorCount": sold.count,
    }

    assert resources(program, FAMILIES[row.family], base_model=row.id) == {"machineSpec": expected}


def test_base_model_brings_a_default_machine_without_a_family_too(program: Any) -> None:
    spec = resources(program, base_model="google/gemma-3-12b-it")["machineSpec"]
    assert spec["machineType"] == catalog.model("gemma-3-12b").default_machine


@pytest.mark.parametrize(("name", "component"), FAMILY_CLASSES)
def test_base_model_of_another_family_is_refused(name: str, component: Any) -> None:
    stranger = next(row for row in catalog.models() if row.family != name)
    (problem,) = component.problems({"weights_uri": "gs://b/f", "base_model": stranger.id})

    assert f"is of family {stranger.family}, which {component.__name__} does not serve" in problem


def test_base_model_on_no_list_is_a_warning_and_brings_no_machine(program: Any) -> None:
    declared = resources(program, GemmaEndpoint, base_model="gemma-5-4b-itt")
    assert declared == {"machineSpec": {"machineType": "auto"}}
    assert not any("gemma-5-4b-itt" in w for w in program.warnings)  # preflight says it

    how = {"preflight": "off"}
    program.run(
        lambda: GemmaEndpoint(
            "unseen",
            {"weights_uri": "gs://b/f", "base_model": "gemma-5-4b-itt", "deployment": how},
        )
    )
    (warning,) = [w for w in program.warnings if "gemma-5-4b-itt" in w]
    assert "leave base_model away" in warning


def about_accelerators(program: Any) -> list[str]:
    return [warning for warning in program.warnings if "cannot be split" in warning]


UNSPLITTABLE = [
    (PhiEndpoint, "phi-4-reasoning", 4, "1, 2"),
    (QwenEndpoint, "qwen2.5-0.5b", 4, "1, 2"),
    (QwenEndpoint, "qwen2.5-7b", 8, "1, 2, 4"),
    (LlamaEndpoint, "llama-3.2-3b", 3, "1, 2, 4, 8"),
]


@pytest.mark.parametrize(("component", "base_model", "count", "valid"), UNSPLITTABLE)
def test_accelerators_that_the_heads_cannot_be_split_over_are_warned_about_unlooked(
    program: Any, component: Any, base_model: str, count: int, valid: str
) -> None:
    off = {"preflight": "off"}
    resources(program, component, base_model=base_model, machine=machine(count), deployment=off)

    (warning,) = about_accelerators(program)
    assert warning.startswith(f"chat: {base_model} cannot be split over {count} accelerators")
    assert warning.endswith(f"Use one of these: {valid}.")


@pytest.mark.parametrize(
    "given",
    [
        {"machine": machine(4)},
        {"machine": machine(2), "deployment": {"preflight": "off"}},
        {
            "machine": {**machine(4), "accelerator_count": pulumi.Output.from_input(4)},
            "deployment": {"preflight": "off"},
        },
    ],
    ids=["preflight looks", "it splits", "known later"],
)
def test_accelerators_are_otherwise_left_to_those_who_look(program: Any, given: Any) -> None:
    found = resources(program, PhiEndpoint, base_model="phi-4-reasoning", **given)
    assert found["machineSpec"]["machineType"] == "g2-standard-48"
    assert about_accelerators(program) == []


def test_accelerators_are_judged_here_where_the_weights_are_known_later(program: Any) -> None:
    later = pulumi.Output.from_input("gs://bucket/folder")
    resources(
        program,
        PhiEndpoint,
        weights_uri=later,
        base_model="phi-4-reasoning",
        machine=machine(4),
    )
    assert len(about_accelerators(program)) == 1


@pytest.mark.parametrize(
    ("family", "base_model", "advice"),
    [
        ("deepseek", "deepseek-ai/DeepSeek-R1-Distill-Llama-8B", "Use LlamaEndpoint or Qwen"),
        ("deepseek", "deepseek-ai/DeepSeek-R1-0528", "use deepseek-r1."),
        ("deepseek", "deepseek-ai/DeepSeek-V3.2-Exp", "another kind of attention"),
        ("gemma", "google/medgemma-27b-it", "medgemma-27b-text"),
        ("gemma", "google/gemma-7b", "Gemma-2 9B, Gemma-2 27B"),
        ("gemma", "google/gemma-3n-E4B-it", "another architecture"),
        ("gemma", "google/codegemma-2b", "MedGemma 4B"),
        ("gpt-oss", "openai/gpt-oss-safeguard-20b", "use gpt-oss-20b"),
        ("llama", "meta-llama/Meta-Llama-3-8B-Instruct", "use llama-3.1-8b"),
        ("llama", "meta-llama/Llama-4-Maverick-17B-128E-Instruct-FP8", "Use bfloat16"),
        ("llama", "meta-llama/Llama-3.2-11B-Vision", "Llama-3.2 1B and Llama-3.2 3B"),
        ("llama", "codellama-34b", "codellama-13b"),
        ("mistral", "mistralai/Mistral-7B-Instruct-v0.3", "Mistral-7B-v0.1 is on Google"),
        ("mistral", "mistralai/Mistral-Nemo-Instruct-2407", "use mistral-nemo-base-2407"),
        ("mistral", "mistralai/Codestral-22B-v0.1", "Mistral-Nemo-Base-2407"),
        ("phi", "microsoft/phi-4", "rotary embedding"),
        ("phi", "microsoft/Phi-3.5-mini-instruct", "another shape"),
        ("qwen", "Qwen/QwQ-32B", "use qwen2.5-32b"),
        ("qwen", "Qwen/Qwen2.5-Coder-7B", "the row of its size"),
        ("qwen", "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B", "qwen2.5-7b"),
        ("qwen", "Qwen/Qwen2.5-VL-7B", "Qwen3-VL-8B-Instruct"),
    ],
)
def test_near_relative_of_a_family_is_told_what_to_do_instead(
    family: str, base_model: str, advice: str
) -> None:
    args = {"weights_uri": "gs://b/f", "base_model": base_model}
    assert FAMILIES[family].problems(args) == []
    (warning,) = FAMILIES[family].unlisted(args)

    assert warning.startswith(f"base_model: {base_model} is not in the catalog. ")
    assert advice in warning
    assert "Or leave base_model away" in warning


@pytest.mark.parametrize(("name", "component"), FAMILY_CLASSES)
def test_advice_about_relatives_does_not_concern_the_family_itself(
    name: str, component: Any
) -> None:
    named = [row.id for row in catalog.models() if row.family == name]
    named += [r for row in catalog.models() if row.family == name for r in row.repositories]
    for base_model in named:
        assert component.problems({"weights_uri": "gs://b/f", "base_model": base_model}) == []


@pytest.mark.parametrize(("name", "component"), FAMILY_CLASSES)
def test_advice_about_relatives_names_models_that_exist(name: str, component: Any) -> None:
    known = {row.id for row in catalog.models()}
    for advice in component._relatives.values():
        named = re.findall(r"\b[a-z]+-?[a-z]*-?[\d.]+-[\w.-]*\w", advice)
        assert set(named) <= known


def test_base_model_may_be_named_as_its_repository_is(program: Any) -> None:
    found = resources(program, LlamaEndpoint, base_model="meta-llama/Llama-3.2-1B-Instruct")
    assert found["machineSpec"]["machineType"] == "g2-standard-8"


def test_given_machine_wins_over_the_default(program: Any) -> None:
    given = {"type": "a3-highgpu-1g", "accelerator": "NVIDIA_H100_80GB", "accelerator_count": 1}
    found = resources(program, LlamaEndpoint, base_model="llama-3.2-1b", machine=given)
    assert found["machineSpec"]["machineType"] == "a3-highgpu-1g"


def test_replicas_keep_the_default_machine(program: Any) -> None:
    found = resources(program, LlamaEndpoint, base_model="llama-3.2-1b", replicas={"max": 2})
    assert found["machineSpec"]["machineType"] == "g2-standard-8"
    assert found["maxReplicaCount"] == 2
