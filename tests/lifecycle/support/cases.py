"""Cases of the fault matrix: one fault at one call of one story, and what must hold afterwards."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from vertex_custom_weights_provider import samples
from vertex_custom_weights_provider.adapter.provider import Failed
from vertex_custom_weights_provider.call.call import InitFailed

from .served_world import served
from .small_engine import Refused, SmallEngine
from .stories import Story, without_host
from .wire import Odd
from .world import Cut, Killed, World, opened

DEPLOY = 100.0  # two long polls: what holds for one more of them holds for thirty
LATE = 7200.0  # by then all has come that a killed process may have left to finish by itself
# What something on the way may answer in place of Google: it has a name, and is at its end.
ANOTHER = {
    "name": "projects/p/locations/us-central1/endpoints/another",
    "selfLink": "https://www.googleapis.com/compute/v1/projects/p/regions/r/addresses/another",
    "displayName": "another",
    "status": "DONE",
    "done": True,
}
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
    "engine killed": {"ends_engine": True},
    "redirected": {"status": 302},
    "204 after": {"status": 204, "carried_out": True},
    "empty before": {"content": b""},
    "list after": {"content": b"[]", "carried_out": True},
    "nothing before": {"content": b"{}"},
    "page after": {"content": b"<html>Please sign in</html>", "carried_out": True},
    "another before": {"content": json.dumps(ANOTHER).encode()},
}


@dataclass(frozen=True)
class Server:
    """What a provider runs in.

    Attributes:
        name: As the table says it.
        bundled: As Pulumi's bundled server runs it, which saves no unfinished resource.
        remote: In a process of its own, over gRPC.
    """

    name: str
    bundled: bool = False
    remote: bool = False

    def world(self, folder: Path) -> AbstractContextManager[World]:
        """Return an empty cloud for such providers, with a bucket of weights."""
        for name in ("llama", "other"):
            samples.write("llama-3.2-1b", folder / "weights" / name)
        buckets = {"weights": folder / "weights"}
        return (served if self.remote else opened)(folder, deploy_seconds=DEPLOY, buckets=buckets)


IN_PROCESS = Server("in process")
AS_BUNDLED = Server("as bundled", bundled=True)
HOST = Server("host", remote=True)
BUNDLED = Server("bundled", bundled=True, remote=True)
SERVERS = (IN_PROCESS, AS_BUNDLED, HOST, BUNDLED)


@dataclass(frozen=True)
class Case:
    """One fault at one call of one story."""

    story: Story
    fault: str
    number: int
    server: Server = IN_PROCESS

    def __str__(self) -> str:
        return f"{self.story.name} / {self.fault} / call {self.number} / {self.server.name}"


AFTERWARDS = ("up", "refresh", "preview")
"""What may follow a removal that was cut off, besides the removal itself."""


@dataclass(frozen=True)
class Removal:
    """One fault at one call of a removal, after which the program is wanted again."""

    story: Story
    fault: str
    number: int
    then: str
    server: Server = IN_PROCESS

    def __str__(self) -> str:
        place = f"call {self.number} / {self.server.name}"
        return f"{self.story.name} / {self.fault} / {place} / then {self.then}"


@dataclass(frozen=True)
class Undisturbed:
    """What a story does when nothing goes wrong.

    Attributes:
        calls: The calls it makes.
        things: How many things there are afterwards, by collection.
    """

    calls: list[str]
    things: Counter[str]


_KNOWN: dict[tuple[str, str], Undisturbed] = {}


def fits(story: Story, server: Server) -> bool:
    """Tell whether a story can be lived through there."""
    return not server.bundled or bool(without_host([story]))


def undisturbed(world: World, story: Story, server: Server = IN_PROCESS) -> Undisturbed:
    """Run a story without a fault, the first time that it is asked for."""
    key = (story.name, server.name)
    if key not in _KNOWN:
        world.reset()
        engine = _engine(world, story, server)
        wanted = story.given(world, engine)
        world.wire.heal()
        story.act(engine, wanted)
        calls = list(world.wire.calls)
        world.advance(LATE)
        _KNOWN[key] = Undisturbed(calls, _counts(world))
        assert wanted or _KNOWN[key].things == _bystanders(story), f"left: {world.things()}"
    return _KNOWN[key]


def cases_of(world: World, story: Story, server: Server) -> Iterator[Case]:
    """Return all cases of a story: each fault at each call."""
    for number in range(len(undisturbed(world, story, server).calls)):
        for fault in FAULTS:
            yield Case(story, fault, number, server)


def removals_of(world: World, story: Story, server: Server) -> Iterator[Removal]:
    """Return all removals of a story that are cut off, and all that may follow."""
    if story.verb == "up" and story.name.endswith("delete") and story.kind != "TrafficSplit":
        for number in range(len(undisturbed(world, story, server).calls)):
            for fault, then in product(FAULTS, AFTERWARDS):
                yield Removal(story, fault, number, then, server)


def run_removal(world: World, case: Removal) -> None:
    """Run a removal that is cut off, and ask for the same again.

    Raises:
        AssertionError: something is missing, doubled, left over, or called unchanged in vain.
    """
    undisturbed(world, case.story, case.server)
    world.reset()
    engine = _engine(world, case.story, case.server)
    case.story.given(world, engine)
    there = _counts(world)
    world.wire.heal()
    disturb(world, case.fault, case.number)
    with suppress(Failed, InitFailed, Killed, Refused):
        engine.destroy()
    _settle(world)
    if case.then == "refresh" and engine.saved is not None:
        engine.refresh()
    if case.then == "preview" and engine.preview(engine.program) == "unchanged":
        world.advance(LATE)
        assert _counts(world) == there, f"called unchanged, and there is {world.things()}"
    engine.up(engine.program)
    world.advance(LATE)
    assert _counts(world) == there, f"{world.things()}, expected {there}"
    assert world.running() == []
    assert engine.refresh() == "unchanged", "state is not what the cloud shows"
    assert engine.preview(engine.program) == "unchanged"
    engine.destroy()
    world.advance(LATE)
    assert _counts(world) == _bystanders(case.story), f"left: {world.things()}"


def run(world: World, case: Case) -> None:
    """Run a case.

    Raises:
        AssertionError: something was lost, doubled, left over or misreported.
    """
    expected = undisturbed(world, case.story, case.server).things
    world.reset()
    engine = _engine(world, case.story, case.server)
    wanted = case.story.given(world, engine)
    world.wire.heal()
    disturb(world, case.fault, case.number)
    try:
        case.story.act(engine, wanted)
    except (Failed, InitFailed, Killed, Refused):
        _settle(world)
        case.story.act(engine, wanted)
    else:
        _settle(world)
    while engine.to_delete:
        engine.up(wanted or {})
    world.advance(LATE)
    assert _counts(world) == expected, f"{world.things()}, expected {expected}"
    assert world.running() == []
    if wanted is not None:
        assert engine.refresh() == "unchanged", "state is not what the cloud shows"
        assert engine.preview(wanted) == "unchanged"
        engine.destroy()
        world.advance(LATE)
        assert _counts(world) == _bystanders(case.story), f"left: {world.things()}"


def _engine(world: World, story: Story, server: Server) -> SmallEngine:
    if story.from_scratch:
        world.forget()
    # A process that serves several stories must not take one's resource for another's.
    name = story.name.replace(" ", "-")
    return SmallEngine(world, story.kind, name, saves_unfinished=not server.bundled)


def disturb(world: World, name: str, number: int) -> None:
    """Have a fault strike at this call, counted from now."""
    fault = FAULTS[name]
    if "error" in fault:
        world.fault(method="*", skip=number, **{"times": 1, **fault})
    elif "status" in fault or "content" in fault:
        world.wire.odd = Odd(number, **fault)
    else:
        world.wire.cut = Cut(number, **fault)


def _settle(world: World) -> None:
    """End the fault; it must have struck."""
    used = world.wire.cuts + sum(f["used"] for f in world.admin("GET", "faults")["faults"])
    world.admin("DELETE", "faults")
    world.recover()
    assert used, "the fault was not used"


def _bystanders(story: Story) -> Counter[str]:
    """Return what was there before the story and is none of its business."""
    if story.kind in ("PscForwardingRule", "TrafficSplit"):
        return Counter({"endpoints": 1, "models": 1})
    return Counter({"endpoints": 1} if story.name.startswith("onto ") else {})


def _counts(world: World) -> Counter[str]:
    return Counter({kind: len(names) for kind, names in world.things().items()})
