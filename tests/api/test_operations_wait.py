"""Waiting for a 40-minute deployment: how many calls it costs, how soon its end is seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import httpx
import pytest

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api import operations
from vertex_custom_weights_provider.api.credentials import Anonymous
from vertex_custom_weights_provider.api.messages import Operation
from vertex_custom_weights_provider.api.rest import Rest
from vertex_custom_weights_provider.api.vertex import VertexClient

from ..support.transport import Beneath

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
        self.troubles: list[httpx.Response | Exception] = []
        self.nonsense: httpx.Response | None = None
        http = Beneath(self._answer)
        self.vertex = VertexClient(Rest(http, Anonymous(), self.clock))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        if self.troubles:
            trouble = self.troubles.pop()
            if isinstance(trouble, Exception):
                raise trouble
            return trouble
        asked = float(request.url.params.get("timeout", "0s").removesuffix("s"))
        if asked and self.nonsense is not None:
            return self.nonsense
        if asked and self.honours_wait:
            self.clock.time = min(self.clock.time + asked, max(self.ends, self.clock.time))
        else:
            self.clock.time += 0.5
        done = {"done": True, **self.result} if self.clock.time >= self.ends else {}
        return httpx.Response(200, json={"name": NAME, **done})

    def wait(self, deadline: float = 7200.0, **options: Any) -> dict[str, Any]:
        return operations.wait(
            self.vertex, Operation(name=NAME), clock=self.clock, deadline=deadline, **options
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
    done = Operation(name=NAME, done=True, response={"model": "m"})
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


PORTAL = httpx.Response(200, text="<html>Please sign in</html>")
CUT_SHORT = httpx.Response(200, text='{"name": "projects/p/loc')


@pytest.mark.parametrize(
    "trouble",
    [
        httpx.Response(500, text="<html>"),
        httpx.Response(503),
        httpx.Response(429),
        httpx.ReadError("reset"),
        httpx.DecodingError("no gzip"),
        PORTAL,
        CUT_SHORT,
        httpx.Response(200),
        httpx.Response(200, json={}),
    ],
)
@pytest.mark.parametrize("times", [1, 20])
def test_an_outage_of_a_minute_does_not_end_the_wait(
    trouble: httpx.Response | Exception, times: int
) -> None:
    service = Service(FORTY_MINUTES, honours_wait=True, result={"response": {"endpoint": "e"}})
    service.troubles = [trouble] * times
    assert service.wait() == {"endpoint": "e"}


def test_an_outage_that_lasts_ends_the_wait_and_not_the_operation() -> None:
    service = Service(FORTY_MINUTES, honours_wait=True, result={})
    service.troubles = [httpx.ReadError("reset")] * 999
    with pytest.raises(errors.NoAnswer, match="reset"):
        service.wait()
    assert 120 <= service.clock.time < 180


def test_a_deadline_of_seconds_is_told_in_seconds() -> None:
    service = Service(FORTY_MINUTES, honours_wait=True, result={})
    with pytest.raises(errors.StillRunning, match="still running after 5 s"):
        service.wait(deadline=5)


def test_an_end_that_does_not_repeat_its_name_is_an_end() -> None:
    service = Service(FORTY_MINUTES, honours_wait=True, result={})
    service.troubles = [httpx.Response(200, json={"done": True, "error": {"code": 8}})]
    with pytest.raises(errors.OperationFailed, match=NAME):
        service.wait()


ODD = [
    httpx.Response(302, headers={"Location": "https://sign-in.example"}),
    httpx.Response(204),
    httpx.Response(200),
    httpx.Response(200, json=[]),
    httpx.Response(200, json={}),
    httpx.Response(200, text="<html>Please sign in</html>"),
    httpx.Response(200, json={"name": NAME.replace("/1", "/2"), "done": True}),
    httpx.Response(200, json={"name": "projects/p/locations/us-central1/endpoints/e"}),
]
IDS = ["302", "204", "empty", "list", "object", "page", "another operation", "another object"]


@pytest.mark.parametrize("odd", ODD, ids=IDS)
def test_a_long_poll_that_answers_nonsense_gives_way_to_looking(odd: httpx.Response) -> None:
    service = Service(FORTY_MINUTES, honours_wait=True, result={"response": {"endpoint": "e"}})
    service.nonsense = odd
    assert service.wait() == {"endpoint": "e"}
    assert service.clock.time - FORTY_MINUTES <= 40


BEGUN = [odd for odd, id in zip(ODD, IDS, strict=True) if id != "another operation"]


@pytest.mark.parametrize("odd", BEGUN)
def test_nonsense_is_never_an_operation_that_was_begun(odd: httpx.Response) -> None:
    service = Service(0, honours_wait=True, result={})
    service.troubles = [odd]
    with pytest.raises(errors.NoAnswer):
        service.vertex.start("projects/p/locations/us-central1/endpoints", {})
