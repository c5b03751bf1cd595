"""Whatever is killed at whatever moment: what the documentation says to run then mends it.

Each round edits the program, starts a verb and strikes one of its processes at a random moment. The
expectation is a fresh run of the same program on a cloud of its own.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from difflib import unified_diff

import pytest

from .support.cloud import EmulatedCloud
from .support.edits import EVERY_EDIT, PROGRAM, Inputs, edit, first_program, objects, write
from .support.groups import prepare
from .support.harness import Engine

FULL = os.environ.get("VCW_FULL") == "1"
ROUNDS = 60 if FULL else 12
COMPARED = 5 if FULL else ROUNDS  # after how many rounds a fresh run is made
STRIKES = [
    (whom, number)
    for whom in ("CLI", "host", "group")
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
    if (whom, number) != ("host", signal.SIGINT)  # a terminal never sends that
]
VERBS = ("up", "up", "refresh", "destroy")
LONGEST = 4.0  # seconds that a verb takes here


def struck(engine: Engine, verb: str, chance: random.Random) -> str:
    """Run a verb and strike it; returns what was done and printed."""
    whom, number = chance.choice(STRIKES)
    moment = chance.uniform(0.2, LONGEST)
    with engine.start(verb) as run:
        end = time.monotonic() + moment
        while run.process.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
        run.strike(whom, number)
        done = run.finish(ok=None)
    return f"{verb}, {number.name} to the {whom} after {moment:.2f} s\n{done.text}"


def recover(engine: Engine, cloud: EmulatedCloud, verb: str, chance: random.Random) -> str:
    """Do what docs/troubleshooting.md says; returns what was printed."""
    engine.run("cancel", "--yes", ok=None)  # fails where nothing is locked
    said = ""
    if verb == "destroy" and chance.random() < 0.5:
        said = engine.destroy().text
        held = {kind: cloud.names(kind) for kind in ("endpoints", "models", "addresses")}
        assert not any(held.values()), held
    said += engine.up().text
    assert engine.preview().unchanged
    return said


@pytest.mark.parametrize("seed", [1, 2])
def test_what_is_struck_at_any_moment_is_mended_by_the_next_run(
    make_engine: Callable[..., Engine], seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same rounds every time
    inputs = first_program()
    engine = make_engine("struck")
    cloud = prepare(engine, deploy_seconds=1, program=PROGRAM)
    write(engine, inputs)
    story: list[str] = []
    for number in range(1, ROUNDS // 2 + 1):
        verb = chance.choice(VERBS)
        if verb == "up":
            for name, key, step in chance.sample(EVERY_EDIT, 6):
                edit(inputs, name, key, step)
            write(engine, inputs)
        story.append(struck(engine, verb, chance))
        try:
            story.append(recover(engine, cloud, verb, chance))
            if number % COMPARED == 0 or number == ROUNDS // 2:
                assert_as_fresh(make_engine, f"fresh-{number}", inputs, cloud)
        except AssertionError as error:
            raise AssertionError(f"round {number} of seed {seed}: {error}\n{story[-1]}") from error
    engine.run("refresh", "--yes", "--skip-preview", "--clear-pending-creates")
    assert engine.preview().unchanged
    engine.destroy()


def assert_as_fresh(
    make_engine: Callable[..., Engine], name: str, inputs: Inputs, cloud: EmulatedCloud
) -> None:
    """Compare the cloud with what one undisturbed run of the same program makes."""
    fresh = make_engine(name)
    expected = prepare(fresh, deploy_seconds=0.2, program=PROGRAM)
    write(fresh, inputs)
    fresh.up()
    differences = "\n".join(unified_diff(objects(cloud), objects(expected), lineterm="", n=30))
    assert not differences, differences
