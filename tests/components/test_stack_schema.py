"""The JSON schema of stack files takes what the program takes, and refuses what that refuses."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pulumi
import pytest
import yaml

from vertex_custom_weights import stack
from vertex_custom_weights_provider.cli import schema
from vertex_custom_weights_provider.properties.custom_weights_deployment import (
    CustomWeightsDeploymentSpec,
)
from vertex_custom_weights_provider.properties.parsing import parse

CHECKOUT = Path(__file__).parents[2]
FILES = sorted(
    path
    for folder in ("stacks", "templates", "examples")
    for path in (CHECKOUT / folder).rglob("Pulumi.*.yaml")
    if ".local" not in path.parts[:-1]
)
ENDPOINTS = "vertex-custom-weights:endpoints"
GOOD: dict[str, Any] = {
    "family": "llama",
    "baseModel": "llama-3.1-8b",
    "weightsUri": "gs://my-bucket/run-7",
    "machine": {"type": "g2-standard-24", "accelerator": "NVIDIA_L4", "acceleratorCount": 2},
    "replicas": {"min": 1, "max": 3, "targets": {"requestsPerMinute": 40}},
    "privateServiceConnect": {
        "network": "apps",
        "subnetwork": {"stack": "acme/network/prod", "output": "subnetwork"},
    },
    "labels": {"team": "support", "cost-center": "cc-1"},
    "deployment": {"rollout": "same-endpoint", "trafficSteps": [10, 50]},
    "protect": True,
    "aliases": ["chat"],
}
VALIDATOR = jsonschema.Draft7Validator(json.loads(schema.document().read_text()))


def problems(endpoint: Any) -> list[str]:
    """Return what the schema says against an endpoint."""
    document = {"config": {ENDPOINTS: {"support": endpoint}}}
    return [error.message for error in VALIDATOR.iter_errors(document)]


def declare(program: Any, endpoint: Any) -> None:
    config = {"gcp:project": "here", "gcp:region": "us-central1"}
    pulumi.runtime.set_all_config({**config, ENDPOINTS: json.dumps({"support": endpoint})})
    program.answers = {"acme/network/prod": {"outputs": {"subnetwork": "apps"}}}
    program.run_stack(stack.declare)


def refusals(program: Any, endpoint: Any) -> list[str]:
    """Return what the program says against an endpoint, or the provider that it is handed to."""
    try:
        declare(program, endpoint)
    except pulumi.RunError as refused:
        return [str(refused)]
    inputs = program.one("support-llm").inputs
    return [f"{p.path}: {p.message}" for p in parse(CustomWeightsDeploymentSpec, inputs).problems]


def changed(path: str, value: Any) -> Any:
    """Return the good endpoint with another value at a path of keys."""
    endpoint = copy.deepcopy(GOOD)
    *above, last = path.split(".")
    place = endpoint
    for key in above:
        place = place.setdefault(key, {})
    place[last] = value
    return endpoint


def test_schema_is_one() -> None:
    jsonschema.Draft7Validator.check_schema(VALIDATOR.schema)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_stack_file_of_the_repository_is_valid(path: Path) -> None:
    found = VALIDATOR.iter_errors(yaml.safe_load(path.read_text()))
    assert [error.message for error in found] == []


@pytest.mark.parametrize(
    "path",
    [path for path in FILES if path.parent.name != "network"],
    ids=lambda path: str(path.relative_to(CHECKOUT)),
)
def test_first_line_of_a_stack_file_names_the_schema(path: Path) -> None:
    named = path.read_text().splitlines()[0].removeprefix("# yaml-language-server: $schema=")
    if named.startswith("plugin/"):  # which `vcw init` writes
        assert named == f"plugin/{schema.NAME}"
    else:
        assert (path.parent / named).read_text() == schema.document().read_text()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("protect", False),
        ("family", None),
        ("machine", None),
        ("machine", {"type": "auto"}),
        (
            "machine",
            {"type": "z9-newest-1g", "accelerator": "NVIDIA_NEWEST", "acceleratorCount": 1},
        ),
        ("weightsUri", {"stack": "acme/network/prod", "output": "subnetwork"}),
        ("replicas", {"max": 4, "targets": {"cacheUtilization": 70}}),
        ("replicas.min", {"stack": "acme/network/prod", "output": "subnetwork"}),
        ("deployment.timeouts", {"create": "90m"}),
        ("deployment.container", {"imageUri": "repository/image:1", "env": []}),
        ("deployment.smokeTest", {"prompt": "Hello", "maxTokens": 5}),
        ("labels", {}),
    ],
)
def test_what_the_program_takes_is_valid(program: Any, path: str, value: Any) -> None:
    endpoint = changed(path, value)
    assert problems(endpoint) == []
    declare(program, endpoint)


def test_several_versions_are_valid_in_place_of_weights(program: Any) -> None:
    endpoint = {**GOOD, "versions": {"a": {"weightsUri": "gs://b/a", "traffic": 100}}}
    for key in ("weightsUri", "deployment"):
        del endpoint[key]
    assert problems(endpoint) == []
    declare(program, endpoint)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("weightsUrl", "gs://b/f", "weightsUrl"),
        ("family", "lama", "lama"),
        ("baseModel", "qwen3-0.6b", "qwen3-0.6b"),
        ("machine", {"typ": "auto"}, "typ"),
        ("machine", {"accelerator": "NVIDIA_L4"}, "machine"),
        ("machine", "g2-standard-12", "machine"),
        ("replicas.minimum", 1, "minimum"),
        ("replicas", 2, "replicas"),
        ("replicas.targets", {"cpu": 50}, "cpu"),
        ("privateServiceConnect.networks", ["apps"], "networks"),
        ("privateServiceConnect.connections", [{"subnetwork": "a"}], "network"),
        ("deployment.rollout", "same", "rollout"),
        ("deployment.weightsChanges", "no", "weightsChanges"),
        ("deployment.preflight", "strict", "preflight"),
        ("deployment.timeouts", {"creation": "90m"}, "creation"),
        ("deployment.smokeTest", {"promt": "Hello"}, "promt"),
        ("public", "yes", "public"),
        ("protect", "yes", "protect"),
        ("aliases", "chat", "aliases"),
        ("labels", ["a"], "labels"),
        ("versions", {"a": {"weightsUri": "gs://b/f"}}, "traffic"),
    ],
)
def test_what_the_program_refuses_is_not_valid(
    program: Any, path: str, value: Any, said: str
) -> None:
    endpoint = changed(path, value)
    assert problems(endpoint) != []
    assert said in "\n".join(refusals(program, endpoint))


def test_endpoint_without_weights_is_not_valid(program: Any) -> None:
    endpoint = {key: value for key, value in GOOD.items() if key != "weightsUri"}
    assert problems(endpoint) != []
    with pytest.raises(pulumi.RunError):
        declare(program, endpoint)


@pytest.mark.parametrize(
    ("key", "value"),
    [("backend", "goggle"), ("emulatorBuckets", ["weights"]), ("emulatorDeploySeconds", "fast")],
)
def test_setting_that_the_provider_refuses_is_not_valid(key: str, value: Any) -> None:
    document = {"config": {f"vertex-custom-weights:{key}": value}}
    assert not VALIDATOR.is_valid(document)
