"""Dynamic resources and those of the plugin, asked the same over gRPC, are answered the same."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import grpc
import pytest
from dynamic_harness import HOST, PROVIDER, UNKNOWN, DynamicServer, from_wire
from pulumi.output import Unknown
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2

PLUGIN = (sys.executable, "-u", "-m", "vertex_custom_weights_plugin")
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
PLACE = {"project": "local-project", "location": "us-central1"}
REGION = {"project": "local-project", "region": "us-central1"}
PARENT = "projects/local-project/locations/us-central1"
RESOURCES: dict[str, dict[str, Any]] = {
    "Endpoint": {**PLACE, "labels": {"team": "a"}},
    "Address": {**REGION, "subnetwork": "default"},
    "Rule": {
        **REGION,
        "target": "projects/p/regions/us-central1/serviceAttachments/none",
        "address": "10.0.0.9",
        "network": "default",
    },
    "Traffic": {
        "endpoint": f"{PARENT}/endpoints/none",
        "traffic": [{"deployedModelId": "1", "percent": 100}],
    },
    "Deployment": {**PLACE, "gcsUri": "gs://none/here", "preflight": "off"},
}


def urn(kind: str) -> str:
    return f"urn:pulumi:dev::proj::vcw:m:{kind}::thing"


def config(namespace: str, state: Path) -> dict[str, Any]:
    return {
        f"{namespace}backend": "emulator",
        f"{namespace}emulatorState": str(state),
        f"{namespace}emulatorDeploySeconds": "0.1",
    }


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DynamicServer, ...]]:
    """Return the two servers, each with an emulator of its own."""
    folder = tmp_path_factory.mktemp("forms")
    of_python = config("vertex-custom-weights:", folder / "dynamic.db")
    of_plugin = {**config("", folder / "plugin.db"), **REGION}
    with (
        DynamicServer(HOST, config=of_python) as dynamic,
        DynamicServer(PLUGIN, config=of_plugin) as plugin,
    ):
        yield dynamic, plugin


def plain(bag: Any) -> dict[str, Any]:
    return {
        key: UNKNOWN if isinstance(value, Unknown) else value
        for key, value in from_wire(bag).items()
        if key != PROVIDER
    }


@pytest.mark.parametrize("kind", RESOURCES)
def test_checks_and_previews_are_the_same(forms: tuple[DynamicServer, ...], kind: str) -> None:
    def asked(server: DynamicServer) -> tuple[Any, ...]:
        checked = server.check(None, RESOURCES[kind], urn=urn(kind))
        inputs = plain(checked.inputs)
        made = server.create(None, inputs, urn=urn(kind), preview=True)
        return inputs, [(f.property, f.reason) for f in checked.failures], plain(made.properties)

    dynamic, plugin = map(asked, forms)
    assert dynamic == plugin


def test_a_life_is_the_same(forms: tuple[DynamicServer, ...]) -> None:
    def lived(server: DynamicServer) -> list[Mapping[str, Any]]:
        given = {**PLACE, "labels": {"team": "a"}}
        inputs = plain(server.check(None, given, urn=urn("Endpoint")).inputs)
        made = server.create(None, inputs, urn=urn("Endpoint"))
        read = server.read(None, made.id, plain(made.properties), inputs, urn=urn("Endpoint"))
        request = provider_pb2.DeleteRequest(
            id=made.id, urn=urn("Endpoint"), properties=made.properties
        )
        server.stub.Delete(request, timeout=30)
        gone = server.read(None, made.id, plain(made.properties), inputs, urn=urn("Endpoint"))
        found = [inputs, plain(made.properties), plain(read.properties), plain(read.inputs)]
        return [*map(without_tokens, found), {"made": made.id, "gone": gone.id}]

    dynamic, plugin = map(lived, forms)
    assert dynamic == plugin


def without_tokens(bag: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is drawn anew for every object, or tells the time."""
    drawn = ("incarnation", "dedicatedEndpointDns", "createTime", "updateTime", "etag")
    return {key: value for key, value in bag.items() if key not in drawn}


def secret(value: Any) -> dict[str, Any]:
    """Return a value as the engine marks secrets."""
    return {**SECRET, "value": value}


@pytest.mark.parametrize("form", [0, 1], ids=["dynamic", "plugin"])
def test_what_is_answered_of_a_secret_is_secret(
    forms: tuple[DynamicServer, ...], form: int
) -> None:
    server = forms[form]
    given = {**PLACE, "description": secret("hush")}
    checked = server.check(None, given, urn=urn("Endpoint"))
    made = server.create(None, from_wire(checked.inputs), urn=urn("Endpoint"), preview=True)
    for bag in (from_wire(checked.inputs), from_wire(made.properties)):
        assert rpc.is_rpc_secret(bag["description"])
        assert rpc.unwrap_rpc_secret(bag["description"]) == "hush"
        assert not rpc.is_rpc_secret(bag["displayName"])


@pytest.mark.parametrize("form", [0, 1], ids=["dynamic", "plugin"])
def test_inside_an_object_only_the_secret_is_secret_and_of_a_list_all_of_it(
    forms: tuple[DynamicServer, ...], form: int
) -> None:
    # As the engine does it for providers without secrets: annotateSecrets in its plugin package.
    container = {
        "imageUri": "image",
        "healthRoute": secret("/hushed"),
        "args": ["a", secret("b")],
    }
    given = {**RESOURCES["Deployment"], "containerSpec": container}
    checked = forms[form].check(None, given, urn=urn("Deployment"))
    fields = checked.inputs.fields["containerSpec"].struct_value.fields
    assert fields["imageUri"].string_value == "image"
    for key in ("healthRoute", "args"):
        assert (
            SECRET.items()
            <= {k: v.string_value for k, v in fields[key].struct_value.fields.items()}.items()
        )


@pytest.mark.parametrize("form", [0, 1], ids=["dynamic", "plugin"])
def test_a_secret_does_not_stand_in_what_is_said_of_it(
    forms: tuple[DynamicServer, ...], form: int
) -> None:
    server = forms[form]
    wrong = {**RESOURCES["Deployment"], "serviceAccount": secret("hush-hush")}
    refused = server.check(None, wrong, urn=urn("Deployment"))
    with pytest.raises(grpc.RpcError) as failed:
        server.create(None, from_wire(refused.inputs), urn=urn("Deployment"), preview=True)
    told = failed.value.details()
    assert told is not None
    assert "serviceAccount: '[secret]' is no" in told
    assert "hush-hush" not in told


def test_the_plugin_fills_in_where_its_provider_is(forms: tuple[DynamicServer, ...]) -> None:
    _, plugin = forms
    checked = plugin.check(None, {"subnetwork": "default"}, urn=urn("Address"))

    assert not checked.failures
    assert from_wire(checked.inputs).items() >= REGION.items()


def test_a_change_of_the_provider_leaves_its_resources_where_they_are(
    forms: tuple[DynamicServer, ...],
) -> None:
    _, plugin = forms
    answer = plugin.stub.DiffConfig(provider_pb2.DiffRequest(), timeout=30)
    assert answer.changes == provider_pb2.DiffResponse.DIFF_NONE
