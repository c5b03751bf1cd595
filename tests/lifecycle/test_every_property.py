"""Every property of every resource, from the property tables: changed, drifted, and read back."""

from __future__ import annotations

from typing import Any

import pytest

from vertex_custom_weights_provider.lifecycle.diff import compare
from vertex_custom_weights_provider.properties.base import Change, Mutability

from .support.every_property import (
    DEPLOYMENT,
    MODELS,
    NO_ROWS,
    ONTO,
    PRIVATE,
    PSC,
    ROWS,
    Row,
    leaves,
    shown,
    tamper,
    value,
)
from .support.inputs import address, bare_endpoint, deployment, endpoint, rule
from .support.small_engine import SmallEngine
from .support.world import World

TABLE: dict[tuple[str, str], Mutability] = {
    (kind, path): mutability for kind, model in MODELS.items() for path, mutability in leaves(model)
}
DEPLOYED = "CustomWeightsDeployment"
ALIKE = ("containerSpec.healthProbe", "containerSpec.livenessProbe")  # as `startupProbe`
CASES = [(kind, path) for kind, rows in ROWS.items() for path in rows if not path.startswith(ALIKE)]
VISIBLE = [(kind, path) for kind, path in CASES if ROWS[kind][path].at]
REPLACING = (Change.REPLACE, Change.REPLACE_FIRST)


def base(world: World, kind: str) -> dict[str, Any]:
    if kind == "Endpoint":
        return endpoint(displayName="chat")
    if kind == DEPLOYED:
        return deployment(endpointDisplayName="chat", modelDisplayName="chat")
    return address() if kind == "PscAddress" else rule(world)


def kept(row: Row, bag: dict[str, Any], path: str) -> Any:
    """Return what the API keeps of an input."""
    given = value(bag, row.of or path)
    return row.shown[given] if row.shown else given


def same(live: Any, wanted: Any) -> bool:
    """Compare as the API shows: default values are left out, and the service may add."""
    if isinstance(live, list) and isinstance(wanted, list):
        return len(live) == len(wanted) and all(map(same, live, wanted))
    if isinstance(live, dict) and isinstance(wanted, dict):
        return all(same(live.get(key), item) for key, item in wanted.items())
    return (live or None) == (wanted or None)


def named(cases: list[tuple[str, str]]) -> Any:
    ids = [f"{kind}.{path}" for kind, path in cases]
    return pytest.mark.parametrize(("kind", "path"), cases, ids=ids)


def test_every_property_has_a_row() -> None:
    known = {(kind, path) for kind, path in TABLE if path.split(".")[0] not in NO_ROWS}
    rows = {(kind, path) for kind, found in ROWS.items() for path in found}
    rows |= {(DEPLOYED, path) for path in ONTO}
    by_tests_of_their_own = {
        (DEPLOYED, "endpoint"),
        (DEPLOYED, "enableAccessLogging"),
        (DEPLOYED, "family"),
        ("PscForwardingRule", "target"),
    }
    assert known - rows == by_tests_of_their_own
    assert rows <= known


@named(CASES)
def test_a_change_does_what_the_table_says(world: World, kind: str, path: str) -> None:
    row, said, given = ROWS[kind][path], TABLE[kind, path], base(world, kind)
    before, after = ({**given, **bag} for bag in (row.before, row.after))
    engine = SmallEngine(world, kind)
    engine.up(before)
    assert engine.saved is not None
    objects, changes = world.things(), len(world.mutations())
    diff = engine.diff(after)
    assert bool(diff.replaces) is (said.change in REPLACING)
    if said.change in REPLACING:
        assert diff.delete_before_replace is (said.change is Change.REPLACE_FIRST)
        assert engine.up(after) == "replaced"
    else:
        assert engine.up(after) == "updated"
        assert world.things() == objects
        assert len(world.mutations()) == changes + (said.change is Change.UPDATE)
    if row.at:
        assert same(shown(world, engine.saved.outs, row.at), kept(row, row.after, path))
    assert engine.refresh() == "unchanged"
    assert engine.preview(after) == "unchanged"


@named(VISIBLE)
def test_what_somebody_else_changed_is_seen_and_mended(world: World, kind: str, path: str) -> None:
    row, said = ROWS[kind][path], TABLE[kind, path]
    wanted = {**base(world, kind), **row.after}
    engine = SmallEngine(world, kind)
    engine.up(wanted)
    assert engine.saved is not None
    tamper(world, engine.saved.outs, row.at, kept(row, row.before, path))
    assert engine.refresh() == "changed"
    changed = engine.diff(wanted).detailed
    assert any(path.startswith(touched.split("[")[0].rsplit(".team")[0]) for touched in changed)
    assert engine.up(wanted) == ("replaced" if said.change in REPLACING else "updated")
    assert same(shown(world, engine.saved.outs, row.at), kept(row, row.after, path))
    assert engine.refresh() == "unchanged"
    assert engine.preview(wanted) == "unchanged"


@named(VISIBLE)
def test_an_import_learns_what_was_set(world: World, kind: str, path: str) -> None:
    row = ROWS[kind][path]
    wanted = {**base(world, kind), **row.after}
    engine = SmallEngine(world, kind)
    engine.up(wanted)
    assert engine.saved is not None
    learnt = SmallEngine(world, kind, name="other").import_(engine.saved.id)
    if not row.shown:
        assert same(value(learnt, row.of or path), value(wanted, row.of or path))


@named([(DEPLOYED, path) for path in DEPLOYMENT if TABLE[DEPLOYED, path].unless])
def test_on_a_given_endpoint_what_replaces_is_rolled_out(kind: str, path: str) -> None:
    row, onto = ROWS[kind][path], {"endpoint": "projects/p/locations/l/endpoints/e"}
    assert compare(MODELS[kind], row.before, row.after).replacing
    rolled = compare(MODELS[kind], {**onto, **row.before}, {**onto, **row.after})
    assert rolled.rolling_out
    assert not rolled.replacing


@named([(DEPLOYED, path) for path in ONTO])
def test_how_to_roll_out_is_no_reason_to_call_google(world: World, kind: str, path: str) -> None:
    given = deployment(endpoint=bare_endpoint(world))
    engine = SmallEngine(world, kind)
    engine.up({**given, **ONTO[path].before})
    changes = len(world.mutations())
    assert engine.up({**given, **ONTO[path].after}) == "updated"
    assert len(world.mutations()) == changes


@named([case for case in CASES if TABLE[case].change in REPLACING])
def test_a_replacement_says_why(world: World, kind: str, path: str) -> None:
    row = ROWS[kind][path]
    found = compare(MODELS[kind], row.before, row.after).replacing
    assert all(change.mutability.reason for change in found)
    assert TABLE[kind, path].reason in {change.mutability.reason for change in found}


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        ("Endpoint", {PSC: {"enablePrivateServiceConnect": False}}),
        ("Endpoint", {PSC: {**PRIVATE, "enableSecurePrivateServiceConnect": False}}),
        ("Endpoint", {PSC: {**PRIVATE, "pscAutomationConfigs": []}}),
        ("Endpoint", {"dedicatedEndpointEnabled": False, "description": ""}),
        ("Endpoint", {"predictRequestResponseLoggingConfig": {"enabled": False}}),
        (DEPLOYED, {PSC: {"enablePrivateServiceConnect": False}}),
        (DEPLOYED, {PSC: {**PRIVATE, "enableSecurePrivateServiceConnect": False}}),
        (DEPLOYED, {"dedicatedEndpointDisabled": False, "enableContainerLogging": False}),
        (DEPLOYED, {"dedicatedResources": {"minReplicaCount": 1, "spot": False}}),
        (DEPLOYED, {"dedicatedResources": {"minReplicaCount": 1, "autoscalingMetricSpecs": []}}),
        ("PscForwardingRule", {"allowPscGlobalAccess": False, "noAutomateDnsZone": False}),
    ],
)
def test_a_default_that_is_spelt_out_is_no_drift(
    world: World, kind: str, inputs: dict[str, Any]
) -> None:
    wanted = {**base(world, kind), **inputs}
    engine = SmallEngine(world, kind)
    engine.up(wanted)
    assert engine.refresh() == "unchanged"
    assert engine.preview(wanted) == "unchanged"
    engine.up(wanted, replace=True)
    assert engine.refresh() == "unchanged"


@pytest.mark.parametrize("kind", ["Endpoint", DEPLOYED])
def test_a_forced_replacement_of_what_somebody_changed_for_good_makes_another(
    world: World, kind: str
) -> None:
    wanted = {**base(world, kind), PSC: PRIVATE}
    engine = SmallEngine(world, kind)
    engine.up(wanted)
    assert engine.saved is not None
    old = engine.saved.outs["endpointName"]
    tamper(world, engine.saved.outs, f"endpoint:{PSC}.projectAllowlist", ["strangers"])
    engine.up(wanted, replace=True)
    assert engine.saved.outs["endpointName"] == f"{old}-2"
    assert world.things()["endpoints"] == [f"{old}-2".rsplit("/", 1)[-1]]
    assert "was changed outside this program" in world.lines.text
