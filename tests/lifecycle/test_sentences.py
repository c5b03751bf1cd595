"""What a preview says of a change, compared with what the update then did and what callers met.

The changes are those of every property; what is true is read from the emulated cloud afterwards,
and from a client that asked all the while.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from pulumi.output import Unknown

from vertex_custom_weights_provider.adapter.phase import Phase
from vertex_custom_weights_provider.lifecycle.lines import Line

from .support.caller import Caller, caller_of
from .support.every_property import ROWS
from .support.given_endpoint import ASKABLE, onto
from .support.inputs import MACHINE, address, bare_endpoint, rule
from .support.small_engine import SmallEngine
from .support.world import World
from .test_every_property import CASES, DEPLOYED, base, named

Bag = dict[str, Any]
RULE, ADDRESS = "PscForwardingRule", "PscAddress"
MORE_RULES: dict[str, tuple[Bag, Bag]] = {
    "address": ({"address": "10.128.0.9"}, {"address": "10.128.0.10"}),
    "network": ({"network": "default"}, {"network": "other"}),
    "both": ({"address": "10.128.0.9"}, {"address": "10.128.0.10", "network": "other"}),
}


@dataclass
class Change:
    """One change: what was said before, what was done, what callers met.

    Attributes:
        lines: By id.
        done: `replaced` or `updated`.
        before: Outputs before it.
        after: Outputs after it.
        caller: Who asked at the address of before.
        same_objects: The cloud holds the objects that it held.
        calls: Changes that the provider asked the cloud for.
    """

    lines: dict[str, Line]
    done: str
    before: Bag
    after: Bag
    caller: Caller | None
    same_objects: bool
    calls: list[str]

    @property
    def told(self) -> str:
        """What is said to callers."""
        return self.lines["callers"].text if "callers" in self.lines else ""


def said(world: World, engine: SmallEngine, inputs: Bag) -> dict[str, Line]:
    """Return the lines of a preview."""
    world.phase = Phase()
    engine.diff(inputs)
    lines = world.phase.of(engine.urn).lines
    world.phase = None
    assert len({line.id for line in lines}) == len(lines)
    assert {line.resource for line in lines} <= {engine.urn}
    return {line.id: line for line in lines}


def previewed(world: World, engine: SmallEngine, inputs: Bag) -> Bag:
    """Return what a preview shows as known of how the resource will be."""
    assert engine.saved is not None
    world.phase = Phase()
    if engine.diff(inputs).replaces:
        fresh = engine.check(inputs, fresh=True)
        with engine._served() as provider:
            shown = provider.preview_create(fresh)
    else:
        checked = engine.check(inputs)
        with engine._served() as provider:
            shown = provider.preview_update(engine.saved.id, engine.saved.outs, checked)
    world.phase = None
    known = {key: value for key, value in shown.items() if not isinstance(value, Unknown)}
    return {key: value for key, value in known.items() if key in engine.saved.outs}


def make(world: World, kind: str, before: Bag, after: Bag) -> Change:
    engine = SmallEngine(world, kind)
    engine.up(before)
    assert engine.saved is not None
    outs = dict(engine.saved.outs)
    lines = said(world, engine, after)
    caller = caller_of(world, outs)
    assert caller is None or caller.ask()
    shown = previewed(world, engine, after)
    things, calls = world.things(), len(world.mutations())
    done = engine.up(after)
    if caller is not None:
        caller.leave()
    live = engine.saved.outs
    assert shown == {key: live.get(key) for key in shown}
    return Change(
        lines,
        done,
        outs,
        engine.saved.outs,
        caller,
        world.things() == things,
        world.mutations()[calls:],
    )


def verify(change: Change, path: str) -> None:
    """Hold every line against what happened."""
    lines = change.lines
    assert bool(reasons(lines)) is (change.done == "replaced")
    assert lines, "a change of which nothing is said"
    if reasons(lines):
        assert any(path.startswith(cause) for cause in reasons(lines))
    if "in-place" in lines:
        assert change.done == "updated"
        assert change.same_objects
        assert change.caller is None or change.caller.heard()
    if "replicas" in lines:
        assert any("mutateDeployedModel" in call for call in change.calls)
    for sentence, true in TRUE_WHEN.items():
        if re.search(sentence, change.told):
            assert true(change), (change.told, change.before, change.after)


def reasons(lines: dict[str, Line]) -> set[str]:
    begins = ("replaced because", "rolled out because")
    return {id_ for id_, line in lines.items() if line.text.startswith(begins)}


def cut_off(change: Change) -> bool:
    return change.caller is not None and not change.caller.heard()


def last(outs: Bag, key: str) -> str:
    return outs[key].rsplit("/", 1)[-1]


TRUE_WHEN: dict[str, Any] = {
    r"\bthe address stays": lambda c: c.before["ipAddress"] == c.after["ipAddress"],
    r"have to move to (\S+)": lambda c: not c.caller.ask() or moved_to(c),
    r"callers of \S+ are cut off from": cut_off,
    r"is given back and reserved again": lambda c: c.before["ipAddress"] == c.after["ipAddress"],
    r"is given back and another address": lambda c: c.done == "replaced",
    r"is given back and (\d\S+) taken": lambda c: c.after["ipAddress"] in c.told,
    r"a new endpoint is deployed beside": lambda c: (
        last(c.before, "endpointName") in c.told
        and c.before["endpointName"] != c.after["endpointName"]
        and (c.caller is None or (c.caller.answers[0] and not c.caller.ask()))
    ),
    r"name and DNS name change": lambda c: (
        c.before.get("dedicatedEndpointDns") != c.after.get("dedicatedEndpointDns")
        or not c.before.get("dedicatedEndpointDns")
    ),
    r"callers lose this endpoint": lambda c: c.before["endpointName"] != c.after["endpointName"],
    r"changed in place": lambda c: c.done == "updated" and c.same_objects,
}


def moved_to(change: Change) -> bool:
    found = re.search(r"have to move to (\d[\d.]+)", change.told)
    return found is None or found[1] == change.after["ipAddress"]


@named(CASES)
def test_what_is_said_of_a_property_comes_true(world: World, kind: str, path: str) -> None:
    row, given = ROWS[kind][path], base(world, kind)
    verify(make(world, kind, {**given, **row.before}, {**given, **row.after}), path)


@pytest.mark.parametrize("case", MORE_RULES)
def test_the_address_of_a_rule_stays_only_when_it_does(world: World, case: str) -> None:
    before, after = MORE_RULES[case]
    given = rule(world)
    change = make(world, RULE, {**given, **before}, {**given, **after})
    verify(change, "address" if "address" in after else "network")
    assert "the address stays" not in change.told
    assert "callers of 10.128.0.9" in change.told


def test_a_rule_that_is_made_anew_for_its_description_keeps_the_address(world: World) -> None:
    given = rule(world)
    change = make(world, RULE, given, {**given, "description": "for search"})
    verify(change, "description")
    assert "the address stays" in change.told


def test_a_rule_whose_connection_was_closed_says_that_callers_are_cut_off_already(
    world: World,
) -> None:
    engine, given = SmallEngine(world, RULE), rule(world)
    engine.up(given)
    assert engine.saved is not None
    engine.saved.outs["pscConnectionStatus"] = "CLOSED"  # as a read would have found it
    told = said(world, engine, given)["callers"].text
    assert "cut off already" in told
    assert "the address stays" in told
    before = engine.saved.outs["ipAddress"]
    engine.up(given)
    assert engine.saved.outs["ipAddress"] == before


def test_an_address_and_its_rule_say_what_becomes_of_the_callers(world: World) -> None:
    reserved, connected = SmallEngine(world, ADDRESS, "ip"), SmallEngine(world, RULE)
    reserved.up(address())
    assert reserved.saved is not None
    given = rule(world, address=reserved.saved.outs["addressName"])
    connected.up(given)
    assert connected.saved is not None
    caller = caller_of(world, connected.saved.outs)
    assert caller is not None
    assert caller.ask()
    wanted = address(address="10.128.0.77")
    of_address = said(world, reserved, wanted)["callers"].text
    assert "is given back and 10.128.0.77 taken; callers are cut off until" in of_address
    connected.destroy()  # the order in which the engine replaces both
    reserved.up(wanted)
    assert not caller.ask()
    connected.up(given)
    assert connected.saved.outs["ipAddress"] == "10.128.0.77"
    assert not caller.ask()


OUTCOMES = {
    "private": (False, {}),
    "private, told where": (True, {"smokeTest": {"url": "https://chat.example.com"}}),
    "public": (True, {}),
    "switched off": (False, {"smokeTest": {"enabled": False}}),
}


@pytest.mark.parametrize("case", ["private", "public", "switched off"])
def test_a_question_is_promised_only_when_it_is_asked(world: World, case: str) -> None:
    promised, more = OUTCOMES[case]
    private = {"privateServiceConnectConfig": {"enablePrivateServiceConnect": True}}
    private["privateServiceConnectConfig"]["projectAllowlist"] = ["my-proj"]  # type: ignore[assignment]
    public = {"dedicatedEndpointEnabled": True}
    name = bare_endpoint(world, **(private if case == "private" else public))
    engine = SmallEngine(world, DEPLOYED)
    engine.up(onto(name, **ASKABLE, **more))
    after = onto(name, gcsUri="gs://weights/other", **ASKABLE, **more)
    lines = said(world, engine, after)
    assert ("asked a question" in lines["callers"].text) is promised
    assert ("smokeTest" in lines) is not promised
    if not promised:
        assert "without having been asked" in lines["smokeTest"].text
    world.wire.calls.clear()
    assert engine.up(after) == "updated"
    assert any("/invoke/" in call for call in world.wire.calls) is promised


def test_what_goes_on_says_so_and_since_when(world: World) -> None:
    engine = SmallEngine(world, DEPLOYED)
    wanted = {**base(world, DEPLOYED), "dedicatedResources": {"machineSpec": MACHINE}}
    engine.up(wanted)
    assert engine.saved is not None
    operation = engine.saved.outs["deployOperation"]
    began = world.get(operation)["metadata"]["genericMetadata"]["createTime"]  # type: ignore[index]
    engine.saved.outs["status"] = "unfinished"
    told = said(world, engine, wanted)
    number = operation.rsplit("/", 1)[-1]
    assert f"(operation {number})" in told["resumes"].text
    assert told["resumes"].text.endswith(f"; it began at {began}")
    assert "in-place" not in told
    things = world.things()
    engine.up(wanted)
    assert world.things() == things
