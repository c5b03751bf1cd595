"""Reaching a goal while the service is of two minds."""

from __future__ import annotations

import httpx
import pytest

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.cloud import Cloud
from vertex_custom_weights_provider.api.compute import ComputeClient
from vertex_custom_weights_provider.api.credentials import Anonymous
from vertex_custom_weights_provider.api.rest import Rest
from vertex_custom_weights_provider.api.vertex import VertexClient
from vertex_custom_weights_provider.lifecycle.steps.waiting import Goal, achieve

from ..api.test_operations_wait import NAME, FakeClock
from ..support.transport import Beneath


class Silent:
    def status(self, message: str) -> None: ...

    info = warn = status


@pytest.mark.parametrize(
    "waited", [httpx.Response(404), httpx.Response(200, json={"name": NAME, "done": True})]
)
def test_an_operation_that_is_listed_though_it_has_ended_is_not_asked_for_ever(
    waited: httpx.Response,
) -> None:
    calls: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(request.url.path)
        listed = httpx.Response(200, json={"operations": [{"name": NAME}]})
        return waited if request.url.path.endswith(":wait") else listed

    def refused() -> None:
        raise errors.FailedPrecondition("busy", http_status=400)

    clock = FakeClock()
    rest = Rest(Beneath(answer), Anonymous(), clock)
    cloud = Cloud(VertexClient(rest), ComputeClient(rest, clock), rest, clock, Silent())
    goal = Goal("deleting", "projects/p/locations/us-central1/endpoints/e", lambda: False, refused)
    with pytest.raises(errors.FailedPrecondition):
        achieve(cloud, goal, 3600)
    assert len(calls) < 60
