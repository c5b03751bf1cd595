"""Resources that come without a provider, as in `pulumi import` and in YAML programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from dynamic_harness import (
    HOST,
    PROVIDER,
    DynamicServer,
    from_wire,
    init_failure,
    serialized,
    urn_of,
)
from pulumi.runtime.proto import provider_pb2
from sample_providers import FromEntryPoint

from vertex_custom_weights_provider.adapter import registry
from vertex_custom_weights_provider.host.type_tokens import token_of

TOKEN = "pulumi-python:dynamic/test:Named"


@pytest.fixture(scope="module")
def naming_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DynamicServer]:
    """Start a server beside an installed package that names its provider for a type."""
    packages = tmp_path_factory.mktemp("packages")
    metadata = packages / "sample-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: sample\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        f"[vertex_custom_weights.dynamic_providers]\n{TOKEN} = sample_providers:FromEntryPoint\n"
    )
    with DynamicServer(HOST, env={"PYTHONPATH": str(packages)}) as server:
        yield server


def test_an_import_reads_through_the_provider_of_the_type(naming_server: Any) -> None:
    response = naming_server.read(None, "found", None, urn=urn_of("mine", TOKEN))

    expected = {"name": "found", PROVIDER: serialized(FromEntryPoint())}
    assert response.id == "found"
    assert from_wire(response.properties) == expected
    assert from_wire(response.inputs) == expected


def test_an_unready_resource_is_imported_with_the_provider_of_its_type(naming_server: Any) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        naming_server.read(None, "unready", None, urn=urn_of("mine", TOKEN))

    detail = init_failure(caught.value)
    assert detail is not None
    assert from_wire(detail.properties)[PROVIDER] == serialized(FromEntryPoint())


def test_check_puts_in_the_provider_that_a_yaml_program_cannot_give(naming_server: Any) -> None:
    response = naming_server.check(None, {"name": "a"}, urn=urn_of("mine", TOKEN))

    assert from_wire(response.inputs) == {
        "name": "a",
        PROVIDER: serialized(FromEntryPoint()),
    }


def test_a_type_that_nobody_serves_is_named_in_the_error(naming_server: Any) -> None:
    urn = urn_of("mine", "pulumi-python:dynamic/test:Nobodys")

    with pytest.raises(grpc.RpcError) as caught:
        naming_server.read(None, "x", None, urn=urn)

    assert "pulumi-python:dynamic/test:Nobodys came without a provider" in caught.value.details()
    assert "vertex_custom_weights.dynamic_providers" in caught.value.details()


@pytest.mark.parametrize(
    ("urn", "token"),
    [
        (urn_of("a", TOKEN), TOKEN),
        (urn_of("a", f"pkg:index:Parent$pkg:index:Child${TOKEN}"), TOKEN),
        (urn_of("a::b", TOKEN), TOKEN),
        ("", ""),
    ],
)
def test_the_type_is_read_from_the_urn(urn: str, token: str) -> None:
    assert token_of(urn) == token


def test_the_schema_describes_types_that_can_be_served_without_a_program(
    host_server: Any, tmp_path: Path
) -> None:
    schema = json.loads(host_server.stub.GetSchema(provider_pb2.GetSchemaRequest()).schema)

    assert schema["name"] == "pulumi-python"
    assert schema["resources"]
    for token in schema["resources"]:
        assert registry.provider_for(token) is not None, token
