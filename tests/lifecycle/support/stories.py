"""What a resource can live through, as the engine would run it: the rows of the fault matrix."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from vertex_custom_weights_provider.call.call import InitFailed

from . import adoption_stories
from .inputs import (
    MACHINE,
    PRIVATE,
    address,
    bare_endpoint,
    deployment,
    endpoint,
    rule,
    shared_endpoint,
    traffic,
)
from .small_engine import SmallEngine
from .world import World

Bag = dict[str, Any]


@dataclass(frozen=True)
class Story:
    """One verb on one resource.

    Attributes:
        name: Resource and verb.
        kind: Resource type.
        given: Brings about what the verb starts from; returns the inputs it ends with, None where
            it ends with nothing.
        verb: `up` (or `destroy`, where it ends with nothing), `refresh`, `import`, or `replace`,
            which is `up` with everything to be replaced.
        from_scratch: What a provider's process has learnt in other stories would save it calls.
    """

    name: str
    kind: str
    given: Callable[[World, SmallEngine], Bag | None]
    verb: str = "up"
    from_scratch: bool = False

    def act(self, engine: SmallEngine, wanted: Bag | None) -> None:
        """Run the verb, or run it again after a fault."""
        if wanted is None:
            engine.destroy()
            return
        if self.verb == "refresh":
            assert engine.refresh() == "unchanged"
        if self.verb == "import" and engine.saved is None:
            engine.import_(engine.forgotten)
        engine.up(wanted, replace=self.verb == "replace")


def _interrupted(world: World, engine: SmallEngine, inputs: Bag) -> None:
    """Begin something, and give up waiting for it."""
    world.wire.interrupt_when = lambda call: call.endswith(("wait",))
    try:
        engine.up(inputs)
    except InitFailed:
        world.recover()
    else:
        raise AssertionError("it was to be interrupted")


def _changed(inputs: Callable[[], Bag], **changes: Any) -> Callable[[World, SmallEngine], Bag]:
    def given(world: World, engine: SmallEngine) -> Bag:
        engine.up(inputs())
        return {**inputs(), **changes}

    return given


def _absent(inputs: Callable[[], Bag], **more: Any) -> Callable[[World, SmallEngine], Bag]:
    return lambda world, engine: {**inputs(), **more}


def _removed(inputs: Callable[[], Bag], **more: Any) -> Callable[[World, SmallEngine], None]:
    def given(world: World, engine: SmallEngine) -> None:
        engine.up({**inputs(), **more})

    return given


def _resumed(inputs: Callable[[], Bag]) -> Callable[[World, SmallEngine], Bag]:
    def given(world: World, engine: SmallEngine) -> Bag:
        _interrupted(world, engine, inputs())
        return {**inputs(), "labels": {"team": "late"}}

    return given


def _removed_early(inputs: Callable[[], Bag]) -> Callable[[World, SmallEngine], None]:
    return lambda world, engine: _interrupted(world, engine, inputs())


def _again(inputs: Callable[[], Bag]) -> Callable[[World, SmallEngine], Bag]:
    """Create what was there and has just been destroyed."""

    def given(world: World, engine: SmallEngine) -> Bag:
        engine.up(inputs())
        engine.destroy()
        return inputs()

    return given


def _lost(inputs: Callable[[], Bag]) -> Callable[[World, SmallEngine], Bag]:
    """Create what is there and was forgotten, with other labels."""

    def given(world: World, engine: SmallEngine) -> Bag:
        engine.up(inputs())
        engine.saved = None
        return {**inputs(), "labels": {"team": "found"}}

    return given


Given = Callable[[World, SmallEngine], Bag]


def _there(given: Given, **changes: Any) -> Given:
    """Make what is asked for, and ask for `changes`."""

    def prepare(world: World, engine: SmallEngine) -> Bag:
        wanted = given(world, engine)
        engine.up(wanted)
        return {**wanted, **changes}

    return prepare


def _gone(given: Given) -> Callable[[World, SmallEngine], None]:
    return lambda world, engine: engine.up(given(world, engine)) and None


def _begun(given: Given) -> Given:
    def prepare(world: World, engine: SmallEngine) -> Bag:
        wanted = given(world, engine)
        _interrupted(world, engine, wanted)
        return {**wanted, "labels": {"team": "late"}}

    return prepare


def _begun_to_go(given: Given) -> Callable[[World, SmallEngine], None]:
    return lambda world, engine: _interrupted(world, engine, given(world, engine))


def _forgotten(given: Given) -> Given:
    """Make what is asked for, and forget all but its id."""

    def prepare(world: World, engine: SmallEngine) -> Bag:
        wanted = given(world, engine)
        engine.up(wanted)
        assert engine.saved is not None
        engine.forgotten, engine.saved = engine.saved.id, None
        return wanted

    return prepare


def _verbs(prefix: str, kind: str, given: Given) -> Iterator[Story]:
    """Yield what every resource goes through besides being made, changed and removed."""
    yield Story(f"{prefix} refresh", kind, _there(given), "refresh")
    yield Story(f"{prefix} import", kind, _forgotten(given), "import")
    if kind != "TrafficSplit":
        yield Story(f"{prefix} force replace", kind, _there(given), "replace")


def _rules() -> Iterator[Story]:
    def given(world: World, engine: SmallEngine) -> Bag:
        return rule(world, labels={"team": "x"}, allowPscGlobalAccess=True)

    def lost(world: World, engine: SmallEngine) -> Bag:
        wanted = given(world, engine)
        engine.up(wanted)
        engine.saved = None
        return {**wanted, "allowPscGlobalAccess": False}

    changes: Bag = {"labels": {"team": "y"}, "allowPscGlobalAccess": False}
    yield Story("rule create", "PscForwardingRule", given)
    yield Story("rule resume", "PscForwardingRule", _begun(given))
    yield Story("rule update", "PscForwardingRule", _there(given, **changes))
    yield Story("rule replace", "PscForwardingRule", _there(given, description="other"))
    yield Story("rule adopt", "PscForwardingRule", lost)
    yield Story("rule delete", "PscForwardingRule", _gone(given))
    yield from _verbs("rule", "PscForwardingRule", given)


def _splits() -> Iterator[Story]:
    def given(world: World, engine: SmallEngine) -> Bag:
        return traffic(shared_endpoint(world), d11=60, d22=40)

    def changed(world: World, engine: SmallEngine) -> Bag:
        name = shared_endpoint(world)
        engine.up(traffic(name, d11=60, d22=40))
        return traffic(name, d22=30, d33=70)

    yield Story("split create", "TrafficSplit", given)
    yield Story("split update", "TrafficSplit", changed)
    yield Story("split delete", "TrafficSplit", _gone(given))
    yield from _verbs("split", "TrafficSplit", given)


def _rollouts() -> Iterator[Story]:
    def given(world: World, engine: SmallEngine) -> Bag:
        return deployment(endpoint=bare_endpoint(world))

    kind = "CustomWeightsDeployment"
    rollout: Bag = {"gcsUri": "gs://weights/other", "trafficSteps": [50]}
    yield Story("onto create", kind, given)
    yield Story("onto resume", kind, _begun(given))
    yield Story("onto roll out", kind, _there(given, **rollout))
    yield Story("onto scale", kind, _there(given, dedicatedResources=_MORE, labels={"a": "b"}))
    yield Story("onto delete", kind, _gone(given))
    yield Story("onto delete early", kind, _begun_to_go(given))
    yield from _verbs("onto", kind, given)


def _named(prefix: str, kind: str, rows: dict[str, Callable[..., Any]]) -> Iterator[Story]:
    for verb, given in rows.items():
        yield Story(f"{prefix} {verb}", kind, given)


_MORE = {"machineSpec": MACHINE, "minReplicaCount": 1, "maxReplicaCount": 3}
_TIMEOUT = {"inferenceTimeout": "1200s"}


_ENDPOINT: dict[str, Callable[..., Any]] = {
    "create": _absent(endpoint, clientConnectionConfig=_TIMEOUT),
    "create again": _again(endpoint),
    "resume": _resumed(endpoint),
    "adopt": _lost(endpoint),
    "update": _changed(
        endpoint, description="x", labels={"a": "b"}, clientConnectionConfig=_TIMEOUT
    ),
    "replace": _changed(endpoint, generation=1),
    "delete": _removed(endpoint),
    "delete early": _removed_early(endpoint),
}
_DEPLOYMENT: dict[str, Callable[..., Any]] = {
    "create": _absent(deployment),
    "create private": _absent(deployment, privateServiceConnectConfig=PRIVATE),
    "create again": _again(deployment),
    "resume": _resumed(deployment),
    "adopt": _lost(deployment),
    "rename": _changed(
        deployment, labels={"a": "b"}, endpointDisplayName="x", modelDisplayName="y"
    ),
    "scale": _changed(deployment, dedicatedResources=_MORE),
    "replace": _changed(deployment, gcsUri="gs://weights/other"),
    "delete": _removed(deployment),
    "delete early": _removed_early(deployment),
}
_ADDRESS: dict[str, Callable[..., Any]] = {
    "create": _absent(address, labels={"team": "x"}),
    "resume": _resumed(address),
    "adopt": _lost(address),
    "update": _changed(address, labels={"team": "y"}),
    "replace": _changed(address, subnetwork="other"),
    "delete": _removed(address),
}


def stories() -> list[Story]:
    """Return all rows."""
    return [
        *_named("endpoint", "Endpoint", _ENDPOINT),
        *_named("deployment", "CustomWeightsDeployment", _DEPLOYMENT),
        Story(
            "deployment create checked",
            "CustomWeightsDeployment",
            _absent(deployment, preflight="enforce"),
            from_scratch=True,
        ),
        *_named("address", "PscAddress", _ADDRESS),
        *_verbs("endpoint", "Endpoint", lambda world, engine: endpoint()),
        *_verbs("deployment", "CustomWeightsDeployment", lambda world, engine: deployment()),
        *_verbs("address", "PscAddress", lambda world, engine: address()),
        *_rules(),
        *_splits(),
        *_rollouts(),
        *(Story(*row) for row in adoption_stories.rows()),
    ]


def without_host(stories: list[Story]) -> list[Story]:
    """Leave out what only a server that saves unfinished resources can do."""
    return [s for s in stories if not s.name.endswith(("resume", "delete early"))]
