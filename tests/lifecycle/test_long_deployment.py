"""A deployment of 40 minutes: what it costs in calls, and how soon its end is seen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.call.call import InitFailed

from .support.given_endpoint import onto
from .support.inputs import PRIVATE, bare_endpoint, deployment, endpoint
from .support.small_engine import SmallEngine
from .support.world import LOCATION, World, opened

KIND = "CustomWeightsDeployment"
FORTY_MINUTES = 2400.0


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with opened(tmp_path, deploy_seconds=FORTY_MINUTES) as world:
        yield world


@pytest.mark.parametrize(
    ("honours_wait", "calls", "late"), [(True, 60, 2), (False, 140, 20)], ids=["waits", "at once"]
)
def test_a_deployment_costs_few_calls_and_its_end_is_seen_soon(
    world: World, honours_wait: bool, calls: int, late: float
) -> None:
    world.wire.honours_wait = honours_wait
    began = world.now()
    SmallEngine(world, KIND).up(deployment(privateServiceConnectConfig=PRIVATE))
    assert len(world.wire.calls) <= calls
    assert FORTY_MINUTES <= world.now() - began <= FORTY_MINUTES + late


def test_the_wait_tells_how_long_it_has_been_and_how_long_it_usually_is(world: World) -> None:
    SmallEngine(world, KIND).up(deployment())
    assert "usually 15 to 40 min, 39 min so far: deploying " in world.lines.text


class Token:
    """A token that expires in the middle of the wait, and can be renewed or not."""

    def __init__(self, *, renewable: bool) -> None:
        self.renewable = renewable
        self.renewals = 0

    def headers(self, *, renew: bool = False) -> dict[str, str]:
        if renew:
            if not self.renewable:
                raise errors.NoCredentials("The access token has expired")
            self.renewals += 1
        return {"Authorization": f"Bearer {self.renewals}"}


def expiring(world: World, token: Token, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the service take the first token for half of the time only."""
    began = world.now()
    passed_on = world.wire.handle_request

    def handle(request: httpx.Request) -> httpx.Response:
        late = world.now() - began > FORTY_MINUTES / 2
        if late and request.headers["authorization"] == "Bearer 0":
            message = "Request had invalid authentication credentials."
            error = {"code": 401, "message": message, "status": "UNAUTHENTICATED"}
            return httpx.Response(401, json={"error": error})
        return passed_on(request)

    monkeypatch.setattr(world.wire, "handle_request", handle)
    object.__setattr__(world.cloud.vertex.rest, "auth", token)


def test_a_token_that_expires_during_the_wait_is_renewed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = Token(renewable=True)
    expiring(world, token, monkeypatch)
    assert SmallEngine(world, KIND).up(deployment()) == "created"
    assert token.renewals == 1
    assert len(world.mutations("locations.deploy")) == 1


@pytest.mark.parametrize("given", [False, True], ids=["one-shot", "onto"])
def test_a_fixed_token_that_expires_during_the_wait_loses_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, given: bool
) -> None:
    wanted = onto(bare_endpoint(world)) if given else deployment()
    told = "again to finish" if given else "goes on at Google"
    expiring(world, Token(renewable=False), monkeypatch)
    engine = SmallEngine(world, KIND)
    with pytest.raises(InitFailed, match=f"The access token has expired.*{told}"):
        engine.up(wanted)
    assert engine.saved is not None
    monkeypatch.undo()
    object.__setattr__(world.cloud.vertex.rest, "auth", Token(renewable=True))
    assert engine.up(wanted) == "updated"
    assert len(world.mutations(".deploy*")) == 1
    assert len(world.things()["endpoints"]) == 1


def forget_operations(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have operations be unknown from now on: Google keeps them for a while only."""
    passed_on = world.wire.handle_request

    def handle(request: httpx.Request) -> httpx.Response:
        if "/operations/" in request.url.path:
            error = {"code": 404, "message": "Operation not found", "status": "NOT_FOUND"}
            return httpx.Response(404, json={"error": error})
        return passed_on(request)

    monkeypatch.setattr(world.wire, "handle_request", handle)


@pytest.mark.parametrize("inputs", ["one-shot", "onto", "endpoint"])
def test_an_operation_that_is_no_longer_known_is_looked_up_by_what_it_made(
    world: World, monkeypatch: pytest.MonkeyPatch, inputs: str
) -> None:
    kind, wanted = (KIND, deployment()) if inputs != "endpoint" else ("Endpoint", endpoint())
    if inputs == "onto":
        wanted = onto(bare_endpoint(world))
    world.wire.interrupt_when = lambda call: call.endswith(":wait")
    engine = SmallEngine(world, kind)
    with pytest.raises(InitFailed, match="Run `pulumi up` again"):
        engine.up(wanted)
    world.clock.cancelled = False
    world.wire.heal()
    world.advance(7200)
    forget_operations(world, monkeypatch)
    assert engine.refresh() != "gone"
    monkeypatch.undo()
    assert engine.up(wanted) in ("updated", "unchanged")
    assert engine.refresh() == "unchanged"
    assert len(world.things()["endpoints"]) == 1
    assert len(world.mutations(".deploy*")) == (inputs != "endpoint")


def test_an_operation_that_is_forgotten_during_the_wait_is_no_failure(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed_on, waits = world.wire.handle_request, 0

    def handle(request: httpx.Request) -> httpx.Response:
        nonlocal waits
        waits += request.url.path.endswith(":wait")
        if waits == 5:
            waits += 1
            world.advance(7200)
            error = {"code": 404, "message": "Operation not found", "status": "NOT_FOUND"}
            return httpx.Response(404, json={"error": error})
        return passed_on(request)

    monkeypatch.setattr(world.wire, "handle_request", handle)
    engine = SmallEngine(world, KIND)
    assert engine.up(deployment()) == "created"
    assert engine.refresh() == "unchanged"


def seen(world: World) -> list[dict[str, Any]]:
    return world.must("GET", f"{LOCATION}/endpoints").get("endpoints", [])


def test_names_with_the_project_number_are_no_drift_and_can_be_imported(world: World) -> None:
    engine = SmallEngine(world, "Endpoint")
    engine.up(endpoint())
    [shown] = seen(world)
    assert shown["name"].startswith("projects/778249642445/")
    assert engine.refresh() == "unchanged"
    learnt = SmallEngine(world, "Endpoint", name="other")
    inputs = learnt.import_(shown["name"])
    assert inputs["project"] == "778249642445"
    assert learnt.refresh() == "unchanged"
