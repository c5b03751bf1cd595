"""The fault matrix: each call of each story meets each fault, and the next run must mend it.

`python -m tests.lifecycle.matrix [WORD]...` runs all of it, or the stories whose name has a word.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vertex_custom_weights_provider.host.call import InitFailed
from vertex_custom_weights_provider.resources.adapter import Failed

from .small_engine import SmallEngine
from .stories import Story, stories, without_host
from .world import Cut, Killed, World, opened

_WORKERS = 2
DEPLOY = 100.0  # two long polls: what holds for one more of them holds for thirty
# Errors are the emulator's faults, which it accounts for; broken lines are broken on the wire.
FAULTS: dict[str, dict[str, Any]] = {
    "500": {"error": {"http": 500}},
    "503": {"error": {"http": 503}},
    "429": {"error": {"http": 429, "message": "Too many requests."}},
    "outage": {"error": {"http": 503}, "times": 1000},
    "reset before": {"after_answer": False},
    "reset after": {"after_answer": True},
    "line lost": {"after_answer": True, "lasts": True},
    "killed before": {"after_answer": False, "kills": True},
    "killed after": {"after_answer": True, "kills": True},
}


@dataclass(frozen=True)
class Case:
    """One fault at one call of one story."""

    story: Story
    fault: str
    number: int
    bundled: bool = False

    def __str__(self) -> str:
        server = " / bundled server" if self.bundled else ""
        return f"{self.story.name} / {self.fault} / call {self.number}{server}"


def calls_of(world: World, story: Story) -> list[str]:
    """Run a story undisturbed and return the calls it makes."""
    world.reset()
    engine = SmallEngine(world, story.kind)
    wanted = story.given(world, engine)
    world.wire.heal()
    story.act(engine, wanted)
    return list(world.wire.calls)


def cases_of(world: World, story: Story) -> Iterator[Case]:
    """Return all cases of a story."""
    servers = (False, True) if story in without_host([story]) else (False,)
    for number in range(len(calls_of(world, story))):
        for fault in FAULTS:
            for bundled in servers:
                yield Case(story, fault, number, bundled)


def run(world: World, case: Case) -> None:
    """Run a case.

    Raises:
        AssertionError: something was lost, doubled, left over or misreported.
    """
    expected = _undisturbed(world, case.story)
    world.reset()
    engine = SmallEngine(world, case.story.kind, saves_unfinished=not case.bundled)
    wanted = case.story.given(world, engine)
    _disturb(world, case)
    try:
        case.story.act(engine, wanted)
    except (Failed, InitFailed, Killed):
        _settle(world, case)
        case.story.act(engine, wanted)
    else:
        _settle(world, case)
    while engine.to_delete:
        engine.up(wanted or {})
    world.advance(60)  # a killed process may have left something to finish by itself
    assert _counts(world) == expected, f"{world.things()}, expected {expected}"
    assert world.running() == []
    if wanted is not None:
        assert engine.refresh() == "unchanged", "state is not what the cloud shows"
        assert engine.preview(wanted) == "unchanged"
        engine.destroy()
        world.advance(7200)
        assert _counts(world) == _bystanders(world, case.story), f"left: {world.things()}"


def _disturb(world: World, case: Case) -> None:
    world.wire.heal()
    fault = FAULTS[case.fault]
    if "error" in fault:
        world.fault(method="*", skip=case.number, **{"times": 1, **fault})
    else:
        world.wire.cut = Cut(case.number, **fault)


def _settle(world: World, case: Case) -> None:
    """End the fault; it must have struck."""
    used = world.wire.cuts + sum(f["used"] for f in world.admin("GET", "faults")["faults"])
    assert used, "the fault was not used"
    world.admin("DELETE", "faults")
    world.wire.heal()


_KNOWN: dict[str, Counter[str]] = {}


def _undisturbed(world: World, story: Story) -> Counter[str]:
    """Return how many things there are after the story without a fault."""
    if story.name not in _KNOWN:
        calls_of(world, story)
        _KNOWN[story.name] = _counts(world)
    return _KNOWN[story.name]


def _bystanders(world: World, story: Story) -> Counter[str]:
    """Return what was there before the story and is none of its business."""
    if story.kind in ("PscForwardingRule", "TrafficSplit"):
        return Counter({"endpoints": 1, "models": 1})
    return Counter({"endpoints": 1} if story.name.startswith("onto ") else {})


def _counts(world: World) -> Counter[str]:
    return Counter({kind: len(names) for kind, names in world.things().items()})


def run_story(name: str) -> tuple[str, int, list[str], float]:
    """Run all cases of a story; returns its calls, its failures and how long it took."""
    story = next(story for story in stories() if story.name == name)
    began, failures, calls = time.perf_counter(), [], 0
    with (
        tempfile.TemporaryDirectory() as folder,
        opened(Path(folder), deploy_seconds=DEPLOY) as world,
    ):
        for case in cases_of(world, story):
            calls += 1
            try:
                run(world, case)
            except Exception as error:
                failures.append(f"{case}: {type(error).__name__}: {error}")
    return name, calls, failures, time.perf_counter() - began


def main(words: list[str]) -> int:
    """Run the matrix and print it; returns the exit code."""
    names = [s.name for s in stories() if not words or any(word in s.name for word in words)]
    total = passed = 0
    told: list[str] = []
    with ProcessPoolExecutor(_WORKERS) as pool:
        for name, cases, failures, seconds in pool.map(run_story, names):
            total, passed = total + cases, passed + cases - len(failures)
            told += failures
            _tell(f"{name:28} {cases:5} cases {cases - len(failures):5} passed {seconds:6.1f} s")
    for line in told:
        _tell(line)
    _tell(f"{total} cases, {passed} passed")
    return 0 if passed == total else 1


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
