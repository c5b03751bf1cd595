"""Programs in YAML, served by the plugin: the whole life, on the real engine and the emulator."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

import pytest

from vertex_custom_weights_provider import samples

from .support.cloud import LOCATION, EmulatedCloud
from .support.harness import Engine
from .support.languages import example, yaml_program

CONFIG = {
    "vcw:project": "local-project",
    "vcw:region": "us-central1",
    "vcw:backend": "emulator",
    "vcw:emulatorState": "emulator.db",
    "vcw:emulatorBuckets": {"weights": "weights"},
    "vcw:emulatorDeploySeconds": 1,
}
PRIVATE = {"allowedProjects": ["local-project"], "network": "default", "subnetwork": "default"}


def llama(**more: Any) -> dict[str, Any]:
    given = {
        "weightsUri": "gs://weights/llama",
        "baseModel": "llama-3.2-1b",
        "privateServiceConnect": PRIVATE,
    }
    return {"type": "vcw:m:Llama", "properties": {**given, **more}}


@pytest.fixture
def project(engine: Engine) -> Callable[..., Engine]:
    """Make the scratch project one in YAML, of these resources."""

    def make(**resources: Any) -> Engine:
        engine.configure(CONFIG)
        if not (engine.folder / "weights").exists():
            samples.write("llama-3.2-1b", engine.folder / "weights" / "llama")
        return yaml_program(engine, {"resources": resources})

    return make


def cloud_of(engine: Engine) -> EmulatedCloud:
    return EmulatedCloud(engine.folder / "emulator.db")


def test_the_example_lives_from_preview_to_destroy(make_engine: Callable[..., Engine]) -> None:
    engine = make_engine("example", stack="local")
    example(engine, "gcp-yaml-private-endpoint", "llama-3.2-1b")
    known = engine.preview().outputs["endpointName"]

    assert engine.up().outputs["endpointName"] == known
    assert engine.outputs()["openaiBaseUrl"].startswith("http://10.128.0.42/")
    assert engine.up().unchanged
    assert "was asked: hello" in engine.shell("vcw", "query", "hello").stdout

    weights = engine.folder / ".local" / "weights"
    shutil.copytree(weights / "llama-3.2-1b", weights / "next")
    engine.configure({"gcp-yaml-private-endpoint:weightsUri": "gs://local-weights/next"})
    address = engine.resources()["support-ip"]["id"]
    assert engine.preview().changes["replace"] >= 1
    assert engine.up().outputs["endpointName"] != known
    assert engine.resources()["support-ip"]["id"] == address

    engine.destroy()
    assert engine.resources() == {}


def test_what_is_lost_is_seen_and_made_again_and_what_is_found_is_imported(
    project: Callable[..., Engine],
) -> None:
    engine = project(shared={"type": "vcw:m:Endpoint", "properties": {"labels": {"team": "a"}}})
    engine.up()
    cloud = cloud_of(engine)
    (endpoint,) = cloud.names("endpoints")
    cloud.patch(endpoint, {"labels": {}})
    assert "labels" in engine.refresh("--diff").text
    assert engine.preview().step("shared").op == "update"
    engine.up()
    assert cloud.endpoint(endpoint)["labels"]["team"] == "a"

    cloud.make("endpoints", {"displayName": "found"}, endpointId="found")
    engine.import_("vcw:m:Endpoint", "found", f"{LOCATION}/endpoints/found")
    assert engine.resources()["found"]["type"] == "vcw:m:Endpoint"


def test_secrets_stay_secret_and_whole_objects_may_be_outputs(
    project: Callable[..., Engine],
) -> None:
    engine = project(
        shared={
            "type": "vcw:m:Endpoint",
            "properties": {"description": {"fn::secret": "hush-hush"}, "labels": {"a": "b"}},
        },
        chat=llama(labels="${shared.labels}", replicas={"fn::secret": {"min": 2, "max": 3}}),
    )
    engine.up()
    cloud = cloud_of(engine)

    assert "hush-hush" not in engine.run("stack", "export").stdout
    (deployed,) = [one for e in cloud.items("endpoints") for one in e.get("deployedModels", ())]
    resources = deployed["dedicatedResources"]
    assert (resources["minReplicaCount"], resources["maxReplicaCount"]) == (2, 3)
    assert engine.up().unchanged


def test_a_component_and_its_children_are_where_their_provider_is(
    project: Callable[..., Engine],
) -> None:
    elsewhere = {"project": "other-project", "region": "europe-west4"}
    of_its_own = {k.removeprefix("vcw:"): v for k, v in CONFIG.items()}
    buckets = {"fn::toJSON": of_its_own.pop("emulatorBuckets")}
    given = {**of_its_own, "emulatorBuckets": buckets, **elsewhere}
    private = {**PRIVATE, "allowedProjects": ["other-project"]}
    engine = project(
        eu={"type": "pulumi:providers:vcw", "properties": given},
        chat={**llama(privateServiceConnect=private), "options": {"provider": "${eu}"}},
    )
    engine.up()
    ids = [resource["id"] for resource in engine.resources().values() if "id" in resource]

    assert len(ids) == 3
    assert all(one.startswith("projects/other-project/") for one in ids)
    assert all("/europe-west4/" in one for one in ids)


def test_what_is_wrong_is_said_in_a_line_by_the_names_of_the_program(
    project: Callable[..., Engine],
) -> None:
    engine = project(chat=llama(baseModel="gemma-3-1b"))
    refused = engine.preview(ok=False)

    assert "chat: baseModel: gemma-3-1b" in refused.text
    assert 'File "' not in refused.text

    engine.configure({"vcw:backend": "gogle", "vcw:regoin": "x"})
    refused = engine.preview(ok=False)
    assert "backend is 'gogle'; it must be google or emulator." in refused.text
    assert "regoin does not exist. Did you mean region?" in refused.text


@pytest.mark.parametrize("end", ["interrupt", "kill"])
def test_a_deployment_that_was_cut_off_goes_on(project: Callable[..., Engine], end: str) -> None:
    engine = project(chat=llama())
    engine.configure({"vcw:emulatorDeploySeconds": 8})
    with engine.start("up") as update:
        update.wait_for("deploying chat")
        getattr(update, end)()
        update.finish(ok=None)
    if end == "kill":
        engine.cancel()
    engine.configure({"vcw:emulatorDeploySeconds": 1})
    engine.up()

    assert len(cloud_of(engine).names("endpoints")) == 1
    assert len(cloud_of(engine).calls("locations.deploy")) == 1
    assert engine.preview().unchanged
