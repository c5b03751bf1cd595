"""Functions that a program can invoke; Pulumi's bundled server has none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import grpc
import pytest
from dynamic_harness import RPC_TIMEOUT, DynamicServer, from_wire, to_wire
from pulumi.runtime.proto import provider_pb2

LOOK_AHEAD = "vcw:m:lookAhead"


def invoke(server: DynamicServer, token: str, **arguments: Any) -> dict[str, Any]:
    request = provider_pb2.InvokeRequest(tok=token, args=to_wire(arguments))
    answer = server.stub.Invoke(request, timeout=RPC_TIMEOUT)
    return from_wire(getattr(answer, "return"))


def test_folders_are_announced_and_answered_at_once(start_server: Any, tmp_path: Path) -> None:
    config = {
        "vertex-custom-weights:backend": "emulator",
        "vertex-custom-weights:emulatorState": str(tmp_path / "emulator.db"),
    }
    server = start_server(config=config)
    folders = [
        {"weights_uri": "gs://weights/a", "project": "p", "location": "us-central1"},
        {"weights_uri": "gs://weights/b"},
        {"weights_uri": "nowhere"},
    ]
    assert invoke(server, LOOK_AHEAD, folders=folders) == {"announced": 2}


def test_a_function_that_does_not_exist_is_named(host_server: DynamicServer) -> None:
    with pytest.raises(grpc.RpcError) as failed:
        invoke(host_server, "vcw:m:nonsense")
    assert "nonsense is not a function" in failed.value.details()
