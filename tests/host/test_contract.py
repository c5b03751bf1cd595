"""What holds for our host and for Pulumi's bundled server alike, for any dynamic provider."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from dynamic_harness import BUNDLED, HOST, PROVIDER, UNKNOWN, from_wire, serialized
from google.protobuf import struct_pb2
from pulumi.output import Unknown
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2
from sample_providers import (
    Configured,
    Describing,
    Differing,
    Echo,
    Failing,
    Forgetful,
    Picky,
    Reading,
    Sealing,
)

DiffResponse = provider_pb2.DiffResponse


def test_our_host_alone_is_told_what_is_secret(server: Any) -> None:
    assert server.configuration.acceptSecrets is (server.command == HOST)


def test_create_returns_id_outputs_and_the_provider(server: Any) -> None:
    response = server.create(Echo(), {"name": "a"})

    assert response.id == "id-a"
    assert from_wire(response.properties) == {
        "name": "a",
        "url": "http://created",
        PROVIDER: serialized(Echo()),
    }


@pytest.mark.parametrize(
    "value",
    [
        "grün\n",
        "",
        True,
        1.5,
        [],
        {},
        [1.0, "a", [True]],
        {"a": {"b": ["c"]}},
        "x" * 5_000_000,
    ],
    ids=lambda value: f"{type(value).__name__}-{str(value)[:12]!r}",
)
def test_values_survive_a_create_unchanged(server: Any, value: Any) -> None:
    response = server.create(Echo(), {"value": value})

    assert from_wire(response.properties)["value"] == value


def test_integers_arrive_as_floats(server: Any) -> None:
    response = server.create(Describing(), {"count": 1, "deep": [{"count": 2}]})

    assert from_wire(response.properties)["seen"] == {
        "count": "float",
        "deep": [{"count": "float"}],
    }


def test_null_properties_are_absent(server: Any) -> None:
    request = provider_pb2.CreateRequest(properties=struct_pb2.Struct())
    request.properties[PROVIDER] = serialized(Describing())
    request.properties["nothing"] = None

    assert from_wire(server.stub.Create(request).properties)["seen"] == {}


def test_unknown_inputs_reach_check_as_unknowns_and_come_back_as_such(server: Any) -> None:
    response = server.check(Describing(), {"size": UNKNOWN, "deep": {"size": [UNKNOWN]}})

    inputs = from_wire(response.inputs)
    assert inputs["seen"] == {"size": "Unknown", "deep": {"size": ["Unknown"]}}
    assert isinstance(inputs["size"], Unknown)
    assert isinstance(inputs["deep"]["size"][0], Unknown)


def test_unknown_inputs_are_absent_in_a_create(server: Any) -> None:
    response = server.create(Describing(), {"size": UNKNOWN})

    assert from_wire(response.properties)["seen"] == {}


def test_check_reports_all_failures_by_property(server: Any) -> None:
    response = server.check(Picky(), {"machine": "x"})

    assert [(each.property, each.reason) for each in response.failures] == [
        ("machine", "does not exist"),
        ("replicas", "too many"),
    ]


def test_secret_outputs_in_wire_form_stay_secret(server: Any) -> None:
    response = server.create(Sealing(), {})

    assert rpc.is_rpc_secret(from_wire(response.properties)["token"])


@pytest.mark.parametrize(
    ("answer", "changes", "replaces", "delete_first"),
    [
        ("undecided", DiffResponse.DIFF_UNKNOWN, [], False),
        ("same", DiffResponse.DIFF_NONE, [], False),
        ("changed", DiffResponse.DIFF_SOME, [], False),
        ("replaced", DiffResponse.DIFF_SOME, ["name"], True),
    ],
)
def test_diff_answers_are_passed_on(
    server: Any, answer: str, changes: int, replaces: list[str], delete_first: bool
) -> None:
    response = server.diff(Differing(), "id", {}, {"answer": answer})

    assert response.changes == changes
    assert list(response.replaces) == replaces
    assert response.deleteBeforeReplace == delete_first


def test_diff_without_details_claims_none(server: Any) -> None:
    response = server.diff(Differing(), "id", {}, {"answer": "replaced"})

    assert not response.hasDetailedDiff
    assert not response.stables


def test_update_replaces_all_outputs(server: Any) -> None:
    response = server.update(Echo(), "id", {"url": "u", "old": 1}, {"name": "b"})

    assert from_wire(response.properties) == {
        "name": "b",
        "url": "u",
        PROVIDER: serialized(Echo()),
    }


def test_update_without_outputs_leaves_the_provider_alone(server: Any) -> None:
    response = server.update(Forgetful(), "id", {"a": 1}, {"a": 2})

    assert from_wire(response.properties) == {PROVIDER: serialized(Forgetful())}


def test_read_of_a_lost_resource_returns_no_id(server: Any) -> None:
    assert server.read(Reading(), "gone", {"a": "b"}).id == ""


def test_read_without_inputs_leaves_them_to_the_engine(server: Any) -> None:
    response = server.read(Reading(), "x", {"a": "b"})

    assert from_wire(response.properties)["read"] is True
    assert not response.HasField("inputs")


def test_read_with_inputs_returns_them_with_the_provider(server: Any) -> None:
    response = server.read(Reading(), "with-inputs", {"a": "b"})

    assert from_wire(response.inputs) == {"size": 2.0, PROVIDER: serialized(Reading())}


def test_read_without_state_finds_the_provider_in_the_inputs(server: Any) -> None:
    response = server.read(Reading(), "x", None, inputs={"a": "b"})

    assert from_wire(response.properties)["a"] == "b"


def test_delete_reaches_the_provider(server: Any, tmp_path: Path) -> None:
    server.delete(Echo(), "the-id", {"trace": str(tmp_path / "trace")})

    assert (tmp_path / "trace").read_text() == "the-id"


def test_an_exception_fails_the_call_with_its_text(server: Any) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        server.create(Failing(), {"how": "plain"})

    assert caught.value.code() is grpc.StatusCode.UNKNOWN
    assert "out of luck" in caught.value.details()


def test_a_class_that_no_longer_exists_fails_the_call(server: Any) -> None:
    broken = serialized(Echo()).replace(serialized(Echo())[:8], "AAAAAAAA")

    with pytest.raises(grpc.RpcError):
        server.create(broken, {})


def test_providers_see_plain_configuration_and_project(server: Any) -> None:
    response = server.create(Configured(), {})

    seen = from_wire(response.properties)
    assert (seen["region"], seen["token"]) == ("us-east5", "t0ken")
    assert (seen["project"], seen["stack"], seen["organization"]) == (
        "proj",
        "stack",
        "organization",
    )


def test_a_provider_is_configured_once(server: Any) -> None:
    server.create(Configured(), {})

    assert from_wire(server.create(Configured(), {}).properties)["configured"] == 1.0


@pytest.mark.parametrize("command", [HOST, BUNDLED], ids=["host", "bundled"])
def test_secret_configuration_arrives_in_the_clear(
    start_server: Callable[..., Any], command: Any
) -> None:
    server = start_server(command, config={"proj:region": rpc.wrap_rpc_secret("hidden")})

    assert from_wire(server.create(Configured(), {}).properties)["region"] == "hidden"


@pytest.mark.parametrize("command", [HOST, BUNDLED], ids=["host", "bundled"])
def test_a_refused_configuration_is_tried_again_with_the_next_call(
    start_server: Callable[..., Any], command: Any, tmp_path: Path
) -> None:
    config = {"proj:region": "refused-once", "proj:marker": str(tmp_path / "marker")}
    server = start_server(command, config=config)

    with pytest.raises(grpc.RpcError, match="not configured yet"):
        server.create(Configured(), {})

    assert from_wire(server.create(Configured(), {}).properties)["configured"] == 1.0


@pytest.mark.parametrize("command", [HOST, BUNDLED], ids=["host", "bundled"])
def test_provider_modules_are_found_in_the_program_folder(
    start_server: Callable[..., Any], command: Any, tmp_path: Path
) -> None:
    (tmp_path / "users_module.py").write_text(
        "from pulumi.dynamic import CreateResult, ResourceProvider\n"
        "class Mine(ResourceProvider):\n"
        "    def create(self, props):\n"
        "        return CreateResult('mine', {})\n"
    )
    blob = _blob_of_program(tmp_path, "from users_module import Mine\nprovider = Mine()\n")
    server = start_server(command, cwd=tmp_path)

    assert server.create(blob, {}).id == "mine"


@pytest.mark.parametrize("command", [HOST, BUNDLED], ids=["host", "bundled"])
def test_providers_defined_in_the_program_itself_are_served(
    start_server: Callable[..., Any], command: Any, tmp_path: Path
) -> None:
    blob = _blob_of_program(
        tmp_path,
        "import math\n"
        "from pulumi.dynamic import CreateResult, ResourceProvider\n"
        "class Inline(ResourceProvider):\n"
        "    def create(self, props):\n"
        "        return CreateResult(str(math.floor(props['n'])), {})\n"
        "provider = Inline()\n",
    )
    server = start_server(command, cwd=tmp_path)

    assert server.create(blob, {"n": 2.5}).id == "2"


def _blob_of_program(folder: Path, program: str) -> str:
    """Return `__provider` as the program pickles it, being `__main__` as under Pulumi."""
    (folder / "program.py").write_text(
        program + "from pulumi.dynamic.dynamic import serialize_provider\n"
        "from pulumi.runtime._serialization import _serialize\n"
        "print(_serialize(True, serialize_provider, provider)[0])\n"
    )
    done = subprocess.run(
        [sys.executable, "program.py"], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.mark.parametrize("method", ["CheckConfig", "DiffConfig"])
def test_provider_configuration_is_not_checked(server: Any, method: str) -> None:
    request = {"CheckConfig": provider_pb2.CheckRequest, "DiffConfig": provider_pb2.DiffRequest}

    with pytest.raises(grpc.RpcError) as caught:
        getattr(server.stub, method)(request[method]())

    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_functions_are_not_offered(server: Any) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        server.stub.Invoke(provider_pb2.InvokeRequest(tok="pulumi-python:index:f"))

    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
