"""What a killed run has left, and no state names, is told when its resource is made again."""

from __future__ import annotations

from typing import Any

import pytest

from .support.inputs import deployment, endpoint
from .support.small_engine import SmallEngine
from .support.world import Cut, Killed, World

CASES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "deployment": ("CustomWeightsDeployment", deployment(), {"gcsUri": "gs://weights/other"}),
    "endpoint": ("Endpoint", endpoint(), {"generation": 1}),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("saves_unfinished", [True, False], ids=["host", "bundled"])
def test_an_endpoint_of_a_killed_run_is_told_when_the_inputs_have_changed_since(
    world: World, case: str, saves_unfinished: bool
) -> None:
    kind, inputs, change = CASES[case]
    engine = SmallEngine(world, kind, "left", saves_unfinished=saves_unfinished)
    world.wire.cut = Cut(2, after_answer=True, kills=True)
    with pytest.raises(Killed):
        engine.up(inputs)
    world.recover()
    world.advance(3600)
    [left] = world.things()["endpoints"]
    engine.up({**inputs, **change})
    [told] = [line for severity, line in world.lines.shown if "killed" in line]
    assert f"gcloud ai endpoints delete {left} --region=us-central1 --project=my-proj" in told


@pytest.mark.parametrize("case", CASES)
def test_a_replacement_is_no_reason_to_speak_of_what_is_replaced(world: World, case: str) -> None:
    kind, inputs, change = CASES[case]
    engine = SmallEngine(world, kind, "replaced")
    engine.up(inputs)
    engine.up({**inputs, **change})
    assert "killed" not in world.lines.text


def test_a_listing_that_is_refused_does_not_fail_what_has_been_made(world: World) -> None:
    world.fault(method="*endpoints.list", times=100, error={"status": "PERMISSION_DENIED"})
    assert SmallEngine(world, "Endpoint", "unlisted").up(endpoint()) == "created"
