"""Waiting for a 40-minute deployment: how many calls it costs, how soon its end is seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import httpx
import pytest

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.credentials import Anonymous
from vertex_custom_weights_provider.rest import Rest
from vertex_custom_weights_provider.vertex import operations
from vertex_custom_weights_provider.vertex.client import VertexClient

T = TypeVar("T")
NAME = "projects/p/locations/us-central1/operations/1"
FORTY_MINUTES = 2400.0


class FakeClock:
    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds

    def call(self, function: Callable[[], T]) -> T:
        return function()


class Service:
    """An operation that ends at a time; answers a wait when it ends, or at once."""

    def __init__(self, ends: float, *, honours_wait: bool, result: dict[str, Any]) -> None:
        self.clock = FakeClock()
        self.ends, self.honours_wait, self.result = ends, honours_wait, result
        self.calls = 0
        http = httpx.Client(transport=httpx.MockTransport(self._answer))
        self.vertex = VertexClient(Rest(http, Anonymous(), self.clock))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        asked = float(request.url.params["timeout"].removesuffix("s"))
        if self.honours_wait:
            self.clock.time = min(self.clock.time + asked, max(self.ends, self.clock.time))
        else:
            self.clock.time += 0.5
        done = {"done": True, **self.result} if self.clock.time >= self.ends else {}
        return httpx.Response(200, json={"name": NAME, **done})

    def wait(self, deadline: float = 7200.0, **options: Any) -> dict[str, Any]:
        return operations.wait(
            self.vertex, {"name": NAME}, clock=self.clock, deadline=deadline, **options
        )


def test_a_long_poll_costs_a_call_a_minute_and_sees_the_end_at_once() -> None:
    service = Service(FORTY_MINUTES, honours_wait=True, result={"response": {"endpoint": "e"}})
    assert service.wait() == {"endpoint": "e"}
    assert service.calls <= 60
    assert service.clock.time - FORTY_MINUTES <= 2


@pytest.mark.parametrize("minutes", [38, 39.9, 40])
def test_without_long_polls_the_intervals_grow_and_stay_bounded(minutes: float) -> None:
    service = Service(minutes * 60, honours_wait=False, result={"response": {}})
    service.wait()
    assert service.calls <= 140
    assert service.clock.time - minutes * 60 <= 20


def test_an_error_inside_the_operation_is_an_answer() -> None:
    failure = {"error": {"code": 14, "message": "Machine type temporarily unavailable"}}
    with pytest.raises(errors.OperationFailed) as failed:
        Service(60, honours_wait=True, result=failure).wait()
    assert failed.value.code == 14
    assert failed.value.operation == NAME


def test_the_deadline_ends_the_wait_and_not_the_operation() -> None:
    service = Service(FORTY_MINUTES, honours_wait=True, result={})
    with pytest.raises(errors.StillRunning, match="goes on at Google"):
        service.wait(deadline=600)
    assert service.clock.time == 600


def test_an_operation_that_is_done_already_costs_no_call() -> None:
    service = Service(0, honours_wait=True, result={})
    done = {"name": NAME, "done": True, "response": {"model": "m"}}
    found = operations.wait(service.vertex, done, clock=service.clock, deadline=1)
    assert found == {"model": "m"}
    assert service.calls == 0


def test_progress_is_told_before_every_call() -> None:
    told: list[float] = []
    service = Service(150, honours_wait=True, result={})
    service.wait(progress=told.append)
    assert told == [0, 60, 120]


def test_a_cancellation_ends_the_wait() -> None:
    service = Service(FORTY_MINUTES, honours_wait=True, result={})

    def cancelled(_: Callable[[], Any]) -> Any:
        raise errors.Cancelled("cancelled")

    service.clock.call = cancelled
    with pytest.raises(errors.Cancelled):
        service.wait()
