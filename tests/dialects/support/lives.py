"""The life of one resource on a cloud that answers in some dialect, and what must hold in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.lifecycle.support.cases import LATE
from tests.lifecycle.support.inputs import (
    address,
    bare_endpoint,
    deployment,
    endpoint,
    rule,
    shared_endpoint,
    traffic,
)
from tests.lifecycle.support.small_engine import Refused, SmallEngine
from tests.lifecycle.support.world import PROJECT, Cut, Killed, World

from vertex_custom_weights_provider.adapter.provider import Failed
from vertex_custom_weights_provider.call.call import InitFailed

Bag = dict[str, Any]
_TRIES = 4
_KINDS = ("endpoints", "models", "addresses", "forwardingRules")


@dataclass(frozen=True)
class Resource:
    """A resource of a program, and how it is changed in place.

    Attributes:
        kind: Its class.
        inputs: What the program says; may first make what others own.
        changes: What it says later.
    """

    kind: str
    inputs: Callable[[World], Bag]
    changes: Bag


def _onto(world: World) -> Bag:
    endpoint = bare_endpoint(world, dedicatedEndpointEnabled=True)
    return deployment(endpoint=endpoint, smokeTest={"enabled": False})


_PRIVATE = {"privateServiceConnectConfig": {"projectAllowlist": [PROJECT]}}
RESOURCES = {
    "endpoint": Resource("Endpoint", lambda _: endpoint(), {"displayName": "later"}),
    "deployment": Resource(
        "CustomWeightsDeployment",
        lambda _: deployment(labels={"team": "a"}),
        {"endpointDisplayName": "later", "labels": {"team": "b"}},
    ),
    "private deployment": Resource(
        "CustomWeightsDeployment", lambda _: deployment(**_PRIVATE), {"modelDisplayName": "later"}
    ),
    "rollout": Resource("CustomWeightsDeployment", _onto, {"gcsUri": "gs://weights/later"}),
    "address": Resource("PscAddress", lambda _: address(), {"labels": {"team": "b"}}),
    "rule": Resource("PscForwardingRule", rule, {"labels": {"team": "b"}}),
    "traffic": Resource(
        "TrafficSplit",
        lambda world: traffic(shared_endpoint(world), d11=60, d22=40),
        {"traffic": [{"deployedModelId": "11", "percent": 100}]},
    ),
}


@dataclass
class Life:
    """One life, step by step; `told` keeps what the person who waits was told."""

    world: World
    resource: Resource
    told: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        self.inputs = self.resource.inputs(self.world)
        self.others = self._things()
        self.engine = SmallEngine(self.world, self.resource.kind)

    def live(self, kill_at: int, *, at_once: bool = False) -> None:
        """Create with the process killed at a call, change, replace, import, remove, make, remove.

        `at_once` takes it up again while what was begun still runs.
        """
        later = {**self.inputs, **self.resource.changes}
        self._killed(kill_at, at_once=at_once)
        self._reaches(self.inputs)
        self._reaches(later)
        self._reaches(later, replace=True)
        self._forgotten_and_imported(later)
        self._removed()
        self._reaches(self.inputs)
        self._removed()

    def _killed(self, number: int, *, at_once: bool) -> None:
        self.world.wire.heal()
        self.world.wire.cut = Cut(number, after_answer=True, kills=True)
        self._try(lambda: self.engine.up(self.inputs))
        self.world.recover()
        self.world.wire.heal()
        if not at_once:
            self.world.advance(LATE)

    def _reaches(self, wanted: Bag, *, replace: bool = False) -> None:
        """Bring it to what is wanted; a refusal has to be a sentence, and leave nothing double."""
        for attempt in range(_TRIES):
            done = self._try(lambda: self.engine.up(wanted, replace=replace and attempt == 0))  # noqa: B023
            self.world.recover()
            self.world.advance(LATE)
            if done and not self.engine.to_delete:
                break
            replace = False
        self._never_double()
        if done:
            self._is_true(wanted)

    def _is_true(self, wanted: Bag) -> None:
        """What is green is there, and stays so."""
        assert self._try(self.engine.refresh), self.told[-1]
        assert self.engine.saved is not None, f"reported as made, and is not there: {self.told}"
        assert self.engine.preview(wanted) == "unchanged", self.told
        assert self.others <= self._things(), "something of others is gone"
        if self.resource.kind != "TrafficSplit":
            assert self._things() - self.others or self.resource.inputs is _onto, "nothing was made"

    def _forgotten_and_imported(self, wanted: Bag) -> None:
        """Lose the state, and import what is there; a refusal has to be a sentence."""
        saved = self.engine.saved
        if saved is None:
            return
        if self._try(lambda: self.engine.import_(saved.id)):
            for _ in range(_TRIES):  # what an import could not know is said once more
                if self._try(lambda: self.engine.up(wanted)):
                    break
                self.world.recover()
                self.world.advance(LATE)
            self._never_double()
        else:
            self.engine.saved = saved

    def _never_double(self) -> None:
        ours = self._things() - self.others
        known = 1 + len(self.engine.to_delete)
        for kind in _KINDS:
            names = [name for name in ours if name.startswith(f"{kind}/")]
            assert len(names) <= known, f"more than one of {kind}: {names}"

    def _removed(self) -> None:
        for _ in range(_TRIES):
            if self._try(self.engine.destroy):
                break
            self.world.recover()
            self.world.advance(LATE)
        self.world.advance(LATE)
        left = self._things() - self.others
        said = "\n".join([*self.told, self.world.lines.text])
        unsaid = [name for name in left if name.rpartition("/")[2] not in said]
        assert not unsaid, f"left behind without a word: {unsaid}\n{said}"
        assert self.others <= self._things(), "something of others is gone"

    def _try(self, step: Callable[[], Any]) -> bool:
        try:
            step()
        except (Failed, InitFailed, Refused) as refusal:
            sentence = str(refusal) or "\n".join(getattr(refusal, "reasons", ()))
            assert sentence.strip(), "refused without a word"
            assert "Traceback" not in sentence
            self.told.append(sentence)
            return False
        except Killed:
            self.told.append("killed")
            return False
        return True

    def _things(self) -> set[str]:
        found = self.world.things()
        return {f"{kind}/{name}" for kind in _KINDS for name in found.get(kind, [])}
