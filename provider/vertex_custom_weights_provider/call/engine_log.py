"""The engine as the host reaches it: one service, the log."""

from __future__ import annotations

from typing import Any

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from .call import Severity, to_stderr

_TIMEOUT = 5.0


class EngineLog:
    """A sink that puts lines on resources; standard error takes them when the engine does not."""

    def __init__(self, address: str) -> None:
        self._stub: Any = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address))

    def __call__(self, severity: Severity, message: str, urn: str, ephemeral: bool) -> None:
        """Send one line and wait until the engine has it, so that it precedes the call's answer."""
        request = engine_pb2.LogRequest(
            severity=engine_pb2.LogSeverity.ValueType(severity),
            message=message,
            urn=urn,
            ephemeral=ephemeral,
        )
        try:
            self._stub.Log(request, timeout=_TIMEOUT)
        except grpc.RpcError:
            to_stderr(severity, message, urn, ephemeral)
