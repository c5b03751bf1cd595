"""What state says about a provider of ours is not run, whoever wrote it there."""

from __future__ import annotations

import base64
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from dynamic_harness import PROVIDER, DynamicServer, from_wire, to_wire, urn_of
from pulumi.runtime.proto import provider_pb2

from vertex_custom_weights_provider import tokens

CONFIG = {
    "vertex-custom-weights:backend": "emulator",
    "vertex-custom-weights:emulatorState": "emulator.db",
}
INPUTS = {"project": "shop", "region": "us-central1", "subnetwork": "default"}
TYPES = [tokens.token("PscAddress"), tokens.import_token("PscAddress")]


class Trap:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self._folder),)


@pytest.fixture
def sprung(tmp_path: Path) -> Path:
    return tmp_path / "sprung"


@pytest.fixture
def trap(sprung: Path) -> str:
    return base64.b64encode(pickle.dumps(Trap(sprung))).decode()


@pytest.mark.parametrize("token", TYPES)
def test_a_resource_of_ours_lives_its_life_whatever_its_state_says_of_a_provider(
    start_server: Callable[..., DynamicServer], tmp_path: Path, sprung: Path, trap: str, token: str
) -> None:
    server = start_server(config=CONFIG, cwd=tmp_path)
    urn = urn_of("address", token)

    def laden(bag: Any) -> Any:
        return to_wire({**{k: v for k, v in bag.items() if k != PROVIDER}, PROVIDER: trap})

    checked = from_wire(
        server.stub.Check(provider_pb2.CheckRequest(urn=urn, news=laden(INPUTS))).inputs
    )
    made = server.stub.Create(provider_pb2.CreateRequest(urn=urn, properties=laden(checked)))
    state = from_wire(made.properties)
    again = {**INPUTS, "description": "changed"}
    news = from_wire(
        server.stub.Check(
            provider_pb2.CheckRequest(urn=urn, olds=laden(state), news=laden(again))
        ).inputs
    )
    both = {"urn": urn, "id": made.id, "olds": laden(state), "news": laden(news)}
    assert server.stub.Diff(provider_pb2.DiffRequest(**both)).changes
    server.stub.Update(provider_pb2.UpdateRequest(**both))
    read = {"urn": urn, "id": made.id, "properties": laden(state)}
    assert server.stub.Read(provider_pb2.ReadRequest(**read)).id == made.id
    server.stub.Delete(provider_pb2.DeleteRequest(**read))
    assert server.stub.Read(provider_pb2.ReadRequest(**read)).id == ""
    assert not sprung.exists()


def test_the_trap_works_where_a_type_is_not_ours(
    start_server: Callable[..., DynamicServer], tmp_path: Path, sprung: Path, trap: str
) -> None:
    server = start_server(config=CONFIG, cwd=tmp_path)
    request = provider_pb2.DeleteRequest(
        urn=urn_of("thing"), id="x", properties=to_wire({PROVIDER: trap})
    )
    with pytest.raises(Exception, match="configure"):  # what was unpickled is no provider
        server.stub.Delete(request)
    assert sprung.exists()
