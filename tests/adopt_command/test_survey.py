"""What `vcw adopt` finds in a project, and how it writes it down."""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.adopt_command.found import Survey
from vertex_custom_weights_provider.adopt_command.import_file import import_file
from vertex_custom_weights_provider.adopt_command.program import program
from vertex_custom_weights_provider.adopt_command.stack_config import stack_config
from vertex_custom_weights_provider.adopt_command.survey import survey

from ..lifecycle.support.by_hand import deployed_onto, one_shot, reserved, ruled
from ..lifecycle.support.inputs import MACHINE, PRIVATE, deployment, shared_endpoint
from ..lifecycle.support.small_engine import SmallEngine
from ..lifecycle.support.world import LOCATION, PROJECT, REGION, World

HERE = {"project": PROJECT, "location": REGION, "region": REGION}


def surveyed(world: World, **defaults: str) -> Survey:
    return survey(PROJECT, [REGION], {**HERE, **defaults}, world.cloud)


def compiled(text: str) -> str:
    compile(text, "program", "exec")
    return text


def test_arguments_are_written_where_they_differ_from_the_defaults(world: World) -> None:
    one_shot(world)
    text = compiled(program(surveyed(world)))
    assert f'CustomWeightsDeployment(\n    "by-hand",\n    adopt="{LOCATION}/endpoints' in text
    assert 'private_service_connect_config={"project_allowlist": ["my-proj"]},' in text
    for silent in (
        "project=",
        "location=",
        "endpoint_display",
        "replica_count",
        "user_id",
        "logging",
    ):
        assert silent not in text
    abroad = program(surveyed(world, project="other", location="europe-west4"))
    assert '    project="my-proj",\n    location="us-central1",' in abroad


def test_resources_of_the_program_are_linked_where_their_values_are_the_same(world: World) -> None:
    one_shot(world)
    reserved(world)
    ruled(world)
    text = compiled(program(surveyed(world)))
    assert "by_hand = CustomWeightsDeployment(" in text
    assert "target=by_hand.service_attachment," in text
    assert "address=by_hand_address.ip_address," in text
    assert "\nPscForwardingRule(" in text  # nothing refers to it


def test_what_a_stack_manages_is_named_and_left(world: World) -> None:
    one_shot(world)
    SmallEngine(world, "CustomWeightsDeployment").up(
        deployment(adopt=f"{LOCATION}/endpoints/by-hand", privateServiceConnectConfig=PRIVATE)
    )
    reserved(world)
    ruled(world)
    found = surveyed(world)
    text = compiled(program(found))
    assert "belongs to shop/dev/chat" in text
    assert "CustomWeightsDeployment(" not in text
    assert 'target="projects/' in text
    kinds = [entry["type"] for entry in json.loads(import_file(found))["resources"]]
    assert kinds == ["pulumi-python:vcw:Address", "pulumi-python:vcw:Rule"]
    assert "belongs to shop/dev/chat" in stack_config(found)
    assert yaml.safe_load(stack_config(found)) is None


def test_other_models_and_bare_endpoints_are_passed_over(world: World) -> None:
    world.must("POST", f"{LOCATION}/endpoints", {"displayName": "bare"}, endpointId="bare")
    world.must("POST", f"{LOCATION}/endpoints", {"displayName": "forest"}, endpointId="forest")
    model = {
        "displayName": "forest",
        "artifactUri": "gs://models/forest",
        "containerSpec": {"imageUri": "sklearn"},
    }
    world.must("POST", f"{LOCATION}/models:upload", {"modelId": "forest", "model": model})
    resources = {"machineSpec": {"machineType": "n1-standard-2"}, "minReplicaCount": 1}
    deployed = {"model": f"{LOCATION}/models/forest", "dedicatedResources": resources}
    body = {"deployedModel": deployed, "trafficSplit": {"0": 100}}
    world.must("POST", f"{LOCATION}/endpoints/forest:deployModel", body)
    found = surveyed(world)
    assert found.groups == ()
    assert found.passed_over == (
        f"{LOCATION}/endpoints/bare: nothing is deployed on it.",
        f"{LOCATION}/endpoints/forest: serves no weights of your own.",
    )


def test_models_that_are_deployed_twice_are_left_with_the_reason(world: World) -> None:
    name = shared_endpoint(world)
    model = {
        "displayName": "own",
        "artifactUri": "gs://weights/own",
        "containerSpec": {"imageUri": "i"},
    }
    world.must("POST", f"{LOCATION}/models:upload", {"modelId": "own", "model": model})
    for id in ("44", "55"):
        deployed = {
            "id": id,
            "model": f"{LOCATION}/models/own",
            "dedicatedResources": {"machineSpec": MACHINE, "minReplicaCount": 1},
        }
        world.must("POST", f"{name}:deployModel", {"deployedModel": deployed})
    text = compiled(program(surveyed(world)))
    assert "is deployed 2 times" in " ".join(text.replace("\n#", " ").split())
    assert "CustomWeightsDeployment(" not in text


def test_what_no_resource_can_say_is_said_in_a_comment(world: World) -> None:
    name = one_shot(world)
    world.must("PATCH", name, {"description": "made in\nthe console"}, updateMask="description")
    text = compiled(program(surveyed(world)))
    words = " ".join(text.replace("\n#", " ").split())
    assert r'description stays "made in\nthe console": CustomWeightsDeployment has no' in words


@pytest.mark.parametrize(
    "title", ["class", "print", "7B", 'a "quoted" name', "Kundenservice Größe", "…", 'x"""\nimport']
)
def test_any_display_name_makes_a_program(
    world: World, monkeypatch: pytest.MonkeyPatch, title: str
) -> None:
    one_shot(world)
    patch: dict[str, Any] = {"displayName": title}
    world.must("PATCH", f"{LOCATION}/endpoints/by-hand", patch, updateMask="displayName")
    reserved(world)
    ruled(world)
    calls: list[tuple[str, dict[str, Any]]] = []

    def recorded(kind: str) -> Any:
        def make(name: str, **given: Any) -> SimpleNamespace:
            calls.append((kind, {"endpoint_display_name": name, **given}))
            return SimpleNamespace(service_attachment="linked", ip_address="linked")

        return make

    kinds = ["CustomWeightsDeployment", "PscAddress", "PscForwardingRule"]
    classes = SimpleNamespace(**{kind: recorded(kind) for kind in kinds})
    monkeypatch.setitem(sys.modules, "vertex_custom_weights.resources", classes)
    exec(compile(program(surveyed(world)), "program", "exec"), {})  # noqa: S102 - what is tested
    assert [kind for kind, _ in calls] == kinds
    assert calls[0][1]["endpoint_display_name"] == title
    assert calls[2][1]["target"] == calls[2][1]["address"] == "linked"


def test_two_endpoints_of_one_display_name_get_two_names(world: World) -> None:
    for id in ("one", "two"):
        one_shot(world, id)
        name = f"{LOCATION}/endpoints/{id}"
        world.must("PATCH", name, {"displayName": "Same"}, updateMask="displayName")
    names = [group.things[0].name for group in surveyed(world).groups]
    assert names == ["same", "same-2"]


def test_stack_configuration_says_what_a_component_can_say(world: World) -> None:
    one_shot(world)
    reserved(world)
    ruled(world)
    deployed_onto(world)
    text = stack_config(surveyed(world))
    (entry,) = yaml.safe_load(text)["config"]["vertex-custom-weights:endpoints"].values()
    assert entry["deployment"] == {"adopt": f"{LOCATION}/endpoints/by-hand"}
    assert entry["machine"]["accelerator"] == "NVIDIA_L4"
    assert entry["privateServiceConnect"]["adoptAddress"].endswith("/addresses/by-hand")
    assert "served from the shared host" in " ".join(text.replace("\n#", " ").split())


def test_a_compute_api_that_does_not_answer_leaves_the_rest(world: World) -> None:
    one_shot(world)
    world.scenario("compute-api-disabled")
    found = surveyed(world)
    assert [thing.kind for thing in found.groups[0].things] == ["CustomWeightsDeployment"]
    assert any("could not be listed" in sentence for sentence in found.passed_over)


def test_a_project_that_may_not_be_read_is_an_error(world: World) -> None:
    world.fault(method="*.endpoints.list", error={"http": 403})
    with pytest.raises(errors.PermissionDenied):
        surveyed(world)
