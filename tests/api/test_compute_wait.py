"""Waiting for compute operations that cannot be followed, or do not end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import httpx
import pytest

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.compute import ComputeClient
from vertex_custom_weights_provider.api.credentials import Anonymous
from vertex_custom_weights_provider.api.rest import Rest

from ..support.transport import Beneath

T = TypeVar("T")
GONE = {"error": {"code": 404, "errors": [{"reason": "notFound"}]}}
RUNNING = {"kind": "compute#operation", "name": "operation-1", "status": "RUNNING"}


class LongPoll:
    """Two minutes for each call that waits."""

    time = 0.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds

    def call(self, function: Callable[[], T]) -> T:
        self.time += 120.0
        return function()


def client(waited: httpx.Response) -> ComputeClient:
    def answer(request: httpx.Request) -> httpx.Response:
        return waited if request.url.path.endswith("/wait") else httpx.Response(200, json=RUNNING)

    clock = LongPoll()
    http = Beneath(answer)
    return ComputeClient(Rest(http, Anonymous(), clock), clock)


def test_a_change_has_one_request_id_on_all_tries_and_the_next_another() -> None:
    seen: list[tuple[str, str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append((request.method, request.url.params["requestId"]))
        if len(seen) % 2:
            raise httpx.ReadError("reset")
        return httpx.Response(200, json={**RUNNING, "status": "DONE"})

    clock = LongPoll()
    rest = Rest(Beneath(answer), Anonymous(), clock)
    compute = ComputeClient(rest, clock)
    compute.insert("projects/p/regions/r/addresses", {"name": "a"})
    compute.patch("projects/p/regions/r/addresses/a", {})
    compute.set_labels("projects/p/regions/r/addresses/a", {}, "")
    compute.delete("projects/p/regions/r/addresses/a")
    assert [method for method, _ in seen[::2]] == ["POST", "PATCH", "POST", "DELETE"]
    assert [id for _, id in seen[::2]] == [id for _, id in seen[1::2]]
    assert len({id for _, id in seen}) == 4


def test_an_operation_that_hangs_is_not_waited_for_for_ever() -> None:
    compute = client(httpx.Response(200, json=RUNNING))
    with pytest.raises(errors.StillRunning, match="operations/operation-1"):
        compute.insert("projects/p/regions/r/addresses", {"name": "a"})
    assert compute.clock.now() < 900


def test_an_operation_that_is_no_longer_kept_has_ended() -> None:
    compute = client(httpx.Response(404, json=GONE))
    compute.insert("projects/p/regions/r/addresses", {"name": "a"})
    assert compute.clock.now() < 300  # asked once more, not waited for


def test_who_may_not_look_at_the_operation_does_not_take_it_for_refused() -> None:
    refusal = {"error": {"code": 403, "message": "compute.regionOperations.get is missing"}}
    with pytest.raises(errors.NoAnswer, match=r"compute\.regionOperations\.get"):
        client(httpx.Response(403, json=refusal)).delete("projects/p/regions/r/addresses/a")
