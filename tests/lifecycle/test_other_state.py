"""Two states of one project and stack: another machine or back end, or a restored backup."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from vertex_custom_weights_provider.adapter.provider import Failed
from vertex_custom_weights_provider.api.cloud import StackState

from .support.inputs import address, bare_endpoint, deployment, endpoint, rule
from .support.small_engine import SmallEngine
from .support.world import Cut, Killed, World

LAPTOP, PIPELINE = StackState("1a0901a09010"), StackState("01be11e01be1")
KINDS: dict[str, tuple[str, Callable[[World], dict[str, Any]]]] = {
    "endpoint": ("Endpoint", lambda world: endpoint()),
    "deployment": ("CustomWeightsDeployment", lambda world: deployment()),
    "onto": (
        "CustomWeightsDeployment",
        lambda world: deployment(endpoint=bare_endpoint(world)),
    ),
    "address": ("PscAddress", lambda world: address()),
    "rule": ("PscForwardingRule", rule),
}
SAID = "made for shop/dev/chat .* from another state"


@dataclass
class User:
    """One of two people, with a state of their own and the same stack."""

    engine: SmallEngine
    inputs: dict[str, Any]
    state: StackState

    def up(self) -> str:
        self._sit_down()
        return self.engine.up(self.inputs)

    def previewed(self) -> dict[str, Any]:
        """Return the outputs that the preview of a creation shows."""
        self._sit_down()
        checked = self.engine.check(self.inputs)
        with self.engine.world.serving(self.engine.kind, self.engine.urn, bundled=False) as served:
            return served.preview_create(checked)

    def preview(self) -> str:
        self._sit_down()
        return self.engine.preview(self.inputs)

    def destroy(self) -> None:
        self._sit_down()
        self.engine.destroy()

    def _sit_down(self) -> None:
        self.engine.world.kept_in(self.state)


@pytest.fixture(params=KINDS)
def two(request: pytest.FixtureRequest, world: World) -> tuple[User, User]:
    kind, inputs = KINDS[request.param]
    given = inputs(world)
    laptop, pipeline = (
        User(SmallEngine(world, kind), given, state) for state in (LAPTOP, PIPELINE)
    )
    return laptop, pipeline


def test_what_another_state_has_finished_is_neither_previewed_nor_taken(
    world: World, two: tuple[User, User]
) -> None:
    laptop, pipeline = two
    laptop.up()
    before = world.things(), world.mutations("")

    with pytest.raises(Failed, match=SAID):
        pipeline.previewed()
    with pytest.raises(Failed, match=SAID):
        pipeline.up()

    assert (world.things(), world.mutations("")) == before
    assert pipeline.engine.saved is None
    assert laptop.preview() == "unchanged"


def test_a_name_is_free_again_once_the_other_state_has_let_it_go(two: tuple[User, User]) -> None:
    laptop, pipeline = two
    laptop.up()
    laptop.destroy()
    assert pipeline.up() == "created"
    assert pipeline.preview() == "unchanged"


def test_who_says_that_the_other_state_is_gone_takes_over_and_the_other_cannot_remove_it(
    world: World, two: tuple[User, User]
) -> None:
    laptop, pipeline = two
    laptop.up()
    pipeline.state = StackState(PIPELINE.key, takes_over=True)
    pipeline.previewed()
    pipeline.up()
    there = world.things()
    laptop.destroy()
    assert world.things() == there
    pipeline.state = PIPELINE
    assert pipeline.preview() == "unchanged"
    pipeline.destroy()


def test_a_state_that_has_moved_goes_on_with_what_it_holds(
    world: World, two: tuple[User, User]
) -> None:
    laptop, pipeline = two
    laptop.up()
    laptop.state = PIPELINE  # exported, imported elsewhere
    assert laptop.preview() == "unchanged"
    laptop.inputs = {**laptop.inputs, "labels": {"team": "search"}}
    assert laptop.up() == "updated"

    assert pipeline.engine.saved is None
    pipeline.state = LAPTOP  # who comes back to the old one
    with pytest.raises(Failed, match=SAID):
        pipeline.up()
    laptop.destroy()


def test_what_no_state_has_finished_is_gone_on_with(world: World) -> None:
    laptop, pipeline = (
        User(SmallEngine(world, "CustomWeightsDeployment"), deployment(), state)
        for state in (LAPTOP, PIPELINE)
    )
    world.wire.cut = Cut(at=3, kills=True)
    with pytest.raises(Killed):
        laptop.up()
    world.recover()
    world.advance(600)  # until the endpoint can be seen, empty
    pipeline.previewed()
    assert "It is not finished, and an update goes on with it." in world.lines.text

    assert pipeline.up() == "created"
    assert len(world.mutations("locations.deploy")) == 1
    assert len(world.things()["endpoints"]) == 1


def test_a_state_that_is_not_to_be_told_takes_over_what_its_own_earlier_run_has_made(
    two: tuple[User, User],
) -> None:
    laptop, pipeline = two
    laptop.state = pipeline.state = StackState()
    laptop.up()
    assert pipeline.up() == "created"
    assert pipeline.preview() == "unchanged"
