"""Calls a provider over gRPC, in a process of its own: our host, or the server Pulumi bundles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import grpc
from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    CreateResult,
    DiffResult,
    ReadResult,
    UpdateResult,
)
from pulumi.runtime.proto import provider_pb2

from vertex_custom_weights_provider.adapter import registry
from vertex_custom_weights_provider.adapter.provider import Failed
from vertex_custom_weights_provider.call.call import InitFailed
from vertex_custom_weights_provider.tokens import token

# fmt: off
from ...host.support.dynamic_harness import (
    PROVIDER,
    DynamicServer,
    from_wire,
    init_failure,
    serialized,
    to_wire,
)

# fmt: on
from .wire import Killed

Bag = dict[str, Any]
_SECONDS = 60.0
_GONE = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)


@cache
def _serialized(kind: str) -> str:
    return serialized(registry.provider_for(token(kind)))


def _plain(bag: Any) -> Bag:
    """Return what the engine would keep, without the provider that it keeps beside it."""
    found = from_wire(bag)
    assert found.pop(PROVIDER), "a resource without its provider cannot be asked for again"
    return found


@dataclass(frozen=True)
class Remote:
    """A provider as its server's process offers it.

    Attributes:
        server: The process.
        kind: Resource type.
        urn: Resource.
        lost: Asked after every call whether somebody is left to hear the answer.
    """

    server: DynamicServer
    kind: str
    urn: str
    lost: Callable[[], bool]

    def check(self, olds: Bag, news: Bag) -> CheckResult:
        request = provider_pb2.CheckRequest(
            urn=self.urn, olds=self._bag(olds) if olds else None, news=self._bag(news)
        )
        answer = self._call("Check", request)
        failures = [CheckFailure(each.property, each.reason) for each in answer.failures]
        return CheckResult(_plain(answer.inputs), failures)

    def diff(self, id: str, olds: Bag, news: Bag) -> DiffResult:
        request = provider_pb2.DiffRequest(
            id=id, urn=self.urn, olds=self._bag(olds), news=self._bag(news)
        )
        answer = self._call("Diff", request)
        assert answer.changes != provider_pb2.DiffResponse.DIFF_UNKNOWN
        changes = answer.changes == provider_pb2.DiffResponse.DIFF_SOME
        return DiffResult(changes, list(answer.replaces), None, answer.deleteBeforeReplace)

    def create(self, props: Bag) -> CreateResult:
        request = provider_pb2.CreateRequest(urn=self.urn, properties=self._bag(props))
        answer = self._call("Create", request)
        return CreateResult(answer.id, _plain(answer.properties))

    def read(self, id: str, props: Bag) -> ReadResult:
        request = provider_pb2.ReadRequest(id=id, urn=self.urn, properties=self._bag(props))
        answer = self._call("Read", request)
        if not answer.id:
            return ReadResult("", {})
        inputs = _plain(answer.inputs) if answer.HasField("inputs") else None
        return ReadResult(answer.id, _plain(answer.properties), inputs)

    def update(self, id: str, olds: Bag, news: Bag) -> UpdateResult:
        request = provider_pb2.UpdateRequest(
            id=id, urn=self.urn, olds=self._bag(olds), news=self._bag(news)
        )
        return UpdateResult(_plain(self._call("Update", request).properties))

    def delete(self, id: str, props: Bag) -> None:
        request = provider_pb2.DeleteRequest(id=id, urn=self.urn, properties=self._bag(props))
        self._call("Delete", request)

    def _bag(self, bag: Bag) -> Any:
        return to_wire({**bag, PROVIDER: _serialized(self.kind)})

    def _call(self, method: str, request: Any) -> Any:
        """Call, and raise what an engine would make of a refusal.

        Raises:
            Killed: the process is gone, or nobody is left to hear its answer.
            InitFailed: the resource is there but not ready.
            Failed: the provider said no.
        """
        try:
            answer = getattr(self.server.stub, method)(request, timeout=_SECONDS)
        except grpc.RpcError as error:
            if self.lost():
                raise Killed from None
            raise _understood(error) from None
        if self.lost():
            raise Killed
        return answer


def _understood(error: Any) -> BaseException:
    if error.code() in _GONE:
        return Killed(f"{error.code()}: {error.details()}")
    unfinished = init_failure(error)
    if unfinished is not None:
        outputs = _plain(unfinished.properties)
        return InitFailed(unfinished.id, outputs, list(unfinished.reasons))
    told = str(error.details())
    # A slip in the code is no refusal: the host points to a traceback then, the bundled server
    # shows one for everything.
    refused = "adapter.provider.Failed" in told or "InitFailed" in told
    slip = "Traceback" in told and not refused
    assert not slip, told
    assert "the traceback is in the debug log" not in told, told
    assert error.code() is grpc.StatusCode.UNKNOWN, told
    return Failed(told)
