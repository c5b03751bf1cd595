"""What is said of a component's children names the argument that a property came from.

The expectation is what the components do: each argument is given a value of its own, and the
property in which that value arrives has to be called by the argument.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from vertex_custom_weights import LlamaEndpoint, PrivateServiceConnect
from vertex_custom_weights_provider.adapter import words
from vertex_custom_weights_provider.spelling import camel, snake

MARK = "mark-of-its-own"
NUMBER = 77
BASE: dict[str, Any] = {
    "weights_uri": "gs://bucket/folder",
    "private_service_connect": {"network": "n", "subnetwork": "s"},
}
ARGUMENTS: dict[str, Any] = {
    "weights_uri": MARK,
    "location": MARK,
    "machine.type": MARK,
    "machine.accelerator": MARK,
    "machine.accelerator_count": NUMBER,
    "machine.hosts": NUMBER,
    "machine.partition_size": MARK,
    "machine.reservation": MARK,
    "machine.flex_start": MARK,
    "replicas.max": NUMBER,
    "deployment.container.image_uri": MARK,
    "deployment.container.shared_memory_size_mb": NUMBER,
    "deployment.service_account": MARK,
    "deployment.weights_changes": MARK,
    "deployment.preflight": MARK,
    "deployment.generation": NUMBER,
    "deployment.timeouts.create": MARK,
    "labels.team": MARK,
    "private_service_connect.ip_address": MARK,
    "private_service_connect.network": MARK,
    "private_service_connect.subnetwork": MARK,
    "private_service_connect.adopt_address": MARK,
    "private_service_connect.adopt_forwarding_rule": MARK,
    "private_service_connect.service_directory.namespace": MARK,
}
ONTO = {"deployment": {"rollout": "same-endpoint"}}
ONTO_ARGUMENTS: dict[str, Any] = {
    "deployment.access_logging": NUMBER,
    "deployment.request_logging.bigquery_destination.output_uri": MARK,
    "deployment.request_logging.sampling_rate": NUMBER,
    "deployment.inference_timeout": MARK,
    "deployment.encryption_key": MARK,
    "deployment.smoke_test.prompt": MARK,
    "deployment.traffic_steps[0]": NUMBER,
}
ALONE = {"weights_uri": "gs://bucket/folder"}
ZERO = {"replicas": {"min": 0}}
ZERO_ARGUMENTS: dict[str, Any] = {
    "replicas.idle_period": MARK,
    "replicas.min_uptime": MARK,
    "replicas.initial": NUMBER,
}
CASES = [
    *((BASE, path, value) for path, value in ARGUMENTS.items()),
    *(({**BASE, **ONTO}, path, value) for path, value in ONTO_ARGUMENTS.items()),
    (ALONE, "private_service_connect.allowed_projects[0]", MARK),
    (ALONE, "private_service_connect.check_permissions", NUMBER),
    ({**ALONE, **ONTO}, "private_service_connect.allowed_projects[0]", MARK),
    ({**BASE, "replicas": {"max": NUMBER + 1}}, "replicas.min", NUMBER),
    *(({**BASE, **ZERO}, path, value) for path, value in ZERO_ARGUMENTS.items()),
]


def put(args: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Return the arguments with a value at a path."""
    head, _, rest = path.partition(".")
    if head.endswith("[0]"):
        return {**args, head[:-3]: [value]}
    return {**args, head: put(args.get(head, {}), rest, value) if rest else value}


def places(bag: Any, value: Any, path: str = "") -> Iterator[str]:
    """Yield where in a bag a value is."""
    if isinstance(bag, dict):
        for key, inner in bag.items():
            yield from places(inner, value, f"{path}.{key}" if path else key)
    elif isinstance(bag, list):
        for number, inner in enumerate(bag):
            yield from places(inner, value, f"{path}[{number}]")
    elif bag == value:
        yield path


def urn_of(resource: Any) -> str:
    """Return the URN that the engine gives: Pulumi's mocks leave out all but the nearest parent."""
    return resource.urn.replace("::vcw:m:Connection$", "::vcw:m:Llama$vcw:m:Connection$")


@pytest.mark.parametrize(("base", "argument", "value"), CASES, ids=lambda case: str(case)[:50])
@pytest.mark.parametrize("stack_file", [False, True], ids=["program", "stack-file"])
def test_a_property_is_called_by_the_argument_that_it_came_from(
    program: Any, base: dict[str, Any], argument: str, value: Any, stack_file: bool
) -> None:
    args: Any = put(base, argument, value)
    program.run(lambda: LlamaEndpoint("chat", args))
    endpoints = json.dumps({"chat": {}}) if stack_file else None
    said = [
        words.of(urn_of(resource), endpoints, plugin=False).path(path)
        for resource in program.declared
        for path in places(resource.inputs, value)
    ]

    # The API names have one word where stack files and programs have theirs.
    spell = camel if stack_file else snake
    parts = argument.split(".")
    assert said
    assert set(said) == {".".join(map(spell, parts))}


@pytest.mark.parametrize(
    ("argument", "property_"),
    [("ip_address", "address"), ("subnetwork", "subnetwork")],
)
def test_a_connection_of_its_own_has_its_own_arguments(
    program: Any, argument: str, property_: str
) -> None:
    given: Any = {"service_attachment": "a", "network": "n", "subnetwork": "s", argument: MARK}
    program.run(lambda: PrivateServiceConnect("shop", given))
    (urn,) = [
        one.urn for one in program.declared if property_ in one.inputs and "Address" in one.type
    ]

    assert words.of(urn, None, plugin=False).path(property_) == argument


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        (
            "dedicatedResources.maxReplicaCount: 'two' is not a whole number.",
            "replicas.max: 'two' is not a whole number.",
        ),
        (
            "replaced because of containerSpec.env[0].name: Google keeps it [containerSpec]",
            "replaced because of deployment.container.env[0].name: Google keeps it [containerSpec]",
        ),
        ("Correct gcsUri, or upload the weights.", "Correct weightsUri, or upload the weights."),
        ("gs://bucket/gcsUri is empty", "gs://bucket/gcsUri is empty"),
        ("labels.Team: is no label", "labels.Team: is no label"),
    ],
)
def test_sentences_name_the_keys_of_a_stack_file(sentence: str, said: str) -> None:
    urn = "urn:pulumi:dev::p::vcw:m:Llama$vcw:m:Deployment::chat-llm"
    assert words.of(urn, '{"chat": {}}', plugin=False).text(sentence) == said


def test_a_version_of_several_is_named() -> None:
    urn = "urn:pulumi:dev::p::vcw:m:Llama$vcw:m:Deployment::chat-next"
    said = {"machine": {"type": "g2-standard-12"}}
    declared = json.dumps({"chat": {"versions": {"next": said}, "replicas": {"min": 1}}})
    found = words.of(urn, declared, plugin=False)
    assert found.path("gcsUri") == "versions.next.weightsUri"
    machine = "dedicatedResources.machineSpec.machineType"
    assert found.path(machine) == "versions.next.machine.type"
    assert found.path("dedicatedResources.minReplicaCount") == "replicas.min"  # the endpoint's


def test_resources_of_a_program_keep_their_own_names() -> None:
    urn = "urn:pulumi:dev::p::vcw:m:Deployment::chat-llm"
    assert words.of(urn, '{"chat": {}}', plugin=False).path("gcsUri") == "gcsUri"
