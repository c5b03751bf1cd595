"""Drives a server for dynamic providers over gRPC as the engine does, without the engine."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent import futures
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.dynamic import ResourceProvider
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime import rpc
from pulumi.runtime._serialization import _serialize
from pulumi.runtime.proto import (
    engine_pb2,
    engine_pb2_grpc,
    provider_pb2,
    provider_pb2_grpc,
    status_pb2,
)

from vertex_custom_weights_provider.resources.base import unwound_pickler

HOST = (sys.executable, "-u", "-m", "vertex_custom_weights_provider.host")
BUNDLED = (sys.executable, "-u", "-m", "pulumi.dynamic")
SUPPORT = Path(__file__).parent
UNKNOWN = rpc.UNKNOWN
PROVIDER = "__provider"
RPC_TIMEOUT = 30.0
_OPTIONS = [("grpc.max_receive_message_length", 400 * 1024 * 1024)]


def serialized(provider: ResourceProvider) -> str:
    """Return `__provider` as a program would put it into a resource."""
    with unwound_pickler():
        return _serialize(True, serialize_provider, provider)[0]


def to_wire(bag: Mapping[str, Any]) -> struct_pb2.Struct:
    # Not asyncio.run: it takes away the current event loop that Pulumi's mocks expect to find.
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(rpc.serialize_properties(dict(bag), {}))
    finally:
        loop.close()


def from_wire(bag: struct_pb2.Struct) -> dict[str, Any]:
    return rpc.deserialize_properties(bag, True)


def urn_of(name: str, type: str = "pulumi-python:dynamic/test:Thing") -> str:
    return f"urn:pulumi:dev::proj::{type}::{name}"


@dataclass(frozen=True)
class LogLine:
    severity: str
    message: str
    urn: str
    ephemeral: bool


class FakeEngine(engine_pb2_grpc.EngineServicer):
    """The one engine service that a provider process reaches: the log."""

    def __init__(self) -> None:
        self.lines: list[LogLine] = []
        self._server = grpc.server(futures.ThreadPoolExecutor(8))
        engine_pb2_grpc.add_EngineServicer_to_server(self, self._server)
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"

    def Log(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: N802
        severity = engine_pb2.LogSeverity.Name(request.severity)
        self.lines.append(LogLine(severity, request.message, request.urn, request.ephemeral))
        return empty_pb2.Empty()

    def of(self, urn: str) -> list[LogLine]:
        return [line for line in self.lines if line.urn == urn]

    def __enter__(self) -> FakeEngine:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop(0).wait()


@dataclass
class DynamicServer:
    """A server process and the engine's verbs on it.

    Every verb takes a provider, puts its serialized form into the bags as the SDK does, and leaves
    it away when given None, as an import or a YAML program would.
    """

    command: Sequence[str] = HOST
    engine: FakeEngine | None = None
    config: Mapping[str, Any] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path = SUPPORT
    configure: bool = True

    def __enter__(self) -> DynamicServer:
        address = self.engine.address if self.engine else "127.0.0.1:1"
        started = time.perf_counter()
        # As the engine starts a plugin: a process group of its own, standard input held open, the
        # port as first line of standard output.
        self.process = subprocess.Popen(
            [*self.command, address],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PULUMI_PROJECT": "proj", **self.env},
            cwd=self.cwd,
            start_new_session=True,
        )
        self.stdout: list[str] = []
        self.stderr: list[str] = []
        self._readers = [
            self._collect(self.process.stderr, self.stderr),
        ]
        first = self.process.stdout.readline().decode()
        self.seconds_to_port = time.perf_counter() - started
        self._readers.append(self._collect(self.process.stdout, self.stdout))
        if not first:
            self.__exit__()
            raise RuntimeError("".join(self.stderr))
        self.channel = grpc.insecure_channel(f"127.0.0.1:{int(first)}", options=_OPTIONS)
        self.stub = provider_pb2_grpc.ResourceProviderStub(self.channel)
        if self.configure:
            self.configuration = self.stub.Configure(
                provider_pb2.ConfigureRequest(
                    acceptSecrets=True,
                    acceptResources=True,
                    sends_old_inputs=True,
                    args=to_wire(self.config),
                ),
                timeout=RPC_TIMEOUT,
            )
        return self

    @staticmethod
    def _collect(stream: Any, lines: list[str]) -> threading.Thread:
        def read() -> None:
            for line in stream:
                lines.append(line.decode(errors="replace"))

        thread = threading.Thread(target=read, daemon=True)
        thread.start()
        return thread

    def __exit__(self, *_: object) -> None:
        if hasattr(self, "channel"):
            self.channel.close()
        if self.process.poll() is None:
            self.kill()
        self.process.wait()
        for reader in self._readers:
            reader.join(5)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)

    def interrupt(self) -> None:
        os.killpg(self.process.pid, signal.SIGINT)

    @staticmethod
    def _bag(bag: Mapping[str, Any] | None, provider: Any) -> struct_pb2.Struct | None:
        if bag is None:
            return None
        if provider is None:
            return to_wire(bag)
        blob = provider if isinstance(provider, str) else serialized(provider)
        return to_wire({**bag, PROVIDER: blob})

    def check(
        self,
        provider: Any,
        news: Mapping[str, Any],
        olds: Mapping[str, Any] | None = None,
        urn: str = "",
    ) -> Any:
        request = provider_pb2.CheckRequest(
            urn=urn or urn_of("thing"),
            olds=self._bag(olds or {}, provider if olds else None),
            news=self._bag(news, provider),
        )
        return self.stub.Check(request, timeout=RPC_TIMEOUT)

    def diff(self, provider: Any, id: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Any:
        request = provider_pb2.DiffRequest(
            id=id,
            urn=urn_of("thing"),
            olds=self._bag(olds, provider),
            news=self._bag(news, provider),
        )
        return self.stub.Diff(request, timeout=RPC_TIMEOUT)

    def create(
        self,
        provider: Any,
        props: Mapping[str, Any],
        urn: str = "",
        preview: bool = False,
        timeout: float = 0.0,
    ) -> Any:
        request = provider_pb2.CreateRequest(
            urn=urn or urn_of("thing"),
            properties=self._bag(props, provider),
            preview=preview,
            timeout=timeout,
        )
        return self.stub.Create(request, timeout=RPC_TIMEOUT)

    def update(
        self,
        provider: Any,
        id: str,
        olds: Mapping[str, Any],
        news: Mapping[str, Any],
        urn: str = "",
        preview: bool = False,
    ) -> Any:
        request = provider_pb2.UpdateRequest(
            id=id,
            urn=urn or urn_of("thing"),
            olds=self._bag(olds, provider),
            news=self._bag(news, provider),
            preview=preview,
        )
        return self.stub.Update(request, timeout=RPC_TIMEOUT)

    def read(
        self,
        provider: Any,
        id: str,
        props: Mapping[str, Any] | None,
        inputs: Mapping[str, Any] | None = None,
        urn: str = "",
    ) -> Any:
        request = provider_pb2.ReadRequest(
            id=id,
            urn=urn or urn_of("thing"),
            properties=self._bag(props, provider),
            inputs=self._bag(inputs, provider),
        )
        return self.stub.Read(request, timeout=RPC_TIMEOUT)

    def delete(self, provider: Any, id: str, props: Mapping[str, Any]) -> Any:
        request = provider_pb2.DeleteRequest(
            id=id, urn=urn_of("thing"), properties=self._bag(props, provider)
        )
        return self.stub.Delete(request, timeout=RPC_TIMEOUT)

    def cancel(self) -> Any:
        return self.stub.Cancel(empty_pb2.Empty(), timeout=RPC_TIMEOUT)


def init_failure(error: grpc.RpcError) -> provider_pb2.ErrorResourceInitFailed | None:
    """Return the partial failure in an error, decoded as the engine decodes it."""
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            status = status_pb2.Status()
            status.ParseFromString(value)
            assert status.code == error.code().value[0]
            detail = provider_pb2.ErrorResourceInitFailed()
            if status.details[0].Unpack(detail):
                return detail
    return None
