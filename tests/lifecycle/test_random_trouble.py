"""Any series of edits, each met by some trouble, ends where an undisturbed run would have ended."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from vertex_custom_weights_provider.adapter.provider import Failed
from vertex_custom_weights_provider.call.call import InitFailed

from .support.cases import FAULTS, LATE, disturb
from .support.small_engine import Refused, SmallEngine
from .support.world import Killed, World
from .test_random_edits import CASES, objects

Bag = dict[str, Any]
Trouble = tuple[str, int]
VERBS = st.sampled_from(["up", "up", "up", "up", "replace", "refresh", "destroy"])
TROUBLE = st.none() | st.tuples(st.sampled_from(sorted(FAULTS)), st.integers(0, 30))
SETTINGS = settings(
    max_examples=200 if os.environ.get("VCW_FULL") == "1" else 15,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # each example is runs of an engine: do not shrink
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def attempt(
    world: World, engine: SmallEngine, verb: str, inputs: Bag, trouble: Trouble | None
) -> str:
    """Do one thing, disturbed or not; says `done`, or how it ended instead."""
    if trouble is not None:
        disturb(world, *trouble)
    end = "done"
    try:
        if verb == "destroy":
            engine.destroy()
        elif verb == "refresh" and engine.saved is not None:
            engine.refresh()
        else:
            engine.up(inputs, replace=verb == "replace")
    except (Failed, InitFailed, Refused):
        end = "told" if engine.saves_unfinished else "unheard"
    except Killed:
        end = "unheard"
    if world.wire.engine_gone:
        end = "unheard"
    world.admin("DELETE", "faults")
    world.recover()
    return end


def settle(world: World, engine: SmallEngine, wanted: Bag) -> list[Any]:
    """Run once more without trouble; returns what is there."""
    world.advance(LATE)
    if engine.saved is not None:
        engine.refresh()
    engine.up(wanted)
    while engine.to_delete:
        engine.up(wanted)
    world.advance(LATE)
    assert world.running() == []
    assert engine.refresh() == "unchanged"
    assert engine.preview(wanted) == "unchanged"
    return objects(world)


@pytest.mark.parametrize("bundled", [False, True], ids=["host", "bundled"])
@pytest.mark.parametrize("case", CASES)
@SETTINGS
@given(data=st.data())
def test_edits_through_trouble_end_where_a_fresh_run_ends(
    world: World, case: str, bundled: bool, data: st.DataObject
) -> None:
    kind, edits, base = CASES[case]
    world.reset()
    world.forget()
    given_inputs = base(world)
    before = world.things()
    engine = SmallEngine(world, kind, saves_unfinished=not bundled)
    edit, applied, owed = data.draw(edits), None, False
    for _ in range(data.draw(st.integers(1, 4))):
        verb = data.draw(VERBS)
        if verb == "replace" and applied is not None:
            edit = applied  # a label that the program drops at the same time would be a stranger's
        elif verb == "replace" or (owed and (case != "rollout" or engine.saved is None)):
            verb = "up"
        world.wire.heal()
        if owed and engine.saved is not None:
            world.advance(LATE)
            engine.refresh()  # as Pulumi advises after a kill
        end = attempt(world, engine, verb, {**given_inputs, **edit}, data.draw(TROUBLE))
        applied = edit if end == "done" and verb in ("up", "replace") else None
        if verb == "destroy" and end != "done":
            engine.destroy()  # a refresh would forget the model that is left
        # What nobody has heard of is found by its inputs, and with others only warned of. A rollout
        # finds it in any case, but cannot tell its labels from a stranger's.
        owed = end == "unheard" or (owed and end != "done")
        if not owed:
            edit = data.draw(edits)
        elif case == "rollout":
            edit = {**data.draw(edits), "labels": edit.get("labels", {})}
    found = settle(world, engine, {**given_inputs, **edit})
    engine.destroy()
    world.advance(LATE)
    assert world.things() == before

    world.reset()
    assert found == settle(world, SmallEngine(world, kind), {**base(world), **edit})
