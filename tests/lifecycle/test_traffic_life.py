"""The life of a `TrafficSplit`."""

from __future__ import annotations

from typing import Any

import pytest

from vertex_custom_weights_provider.adapter.provider import Failed
from vertex_custom_weights_provider.lifecycle import traffic_split as lifecycle
from vertex_custom_weights_provider.lifecycle.explanation import explain

from .support.inputs import shared_endpoint, traffic
from .support.small_engine import Refused, SmallEngine
from .support.world import World

KIND = "TrafficSplit"


def split(world: World, name: str) -> dict[str, int]:
    endpoint = world.get(name)
    assert endpoint is not None
    return {key: int(share) for key, share in endpoint.get("trafficSplit", {}).items() if share}


def direct(world: World, name: str, **shares: int) -> None:
    """Change the traffic as somebody else would."""
    shares = {key.removeprefix("d"): share for key, share in shares.items()}
    world.must("PATCH", name, {"trafficSplit": shares}, updateMask="trafficSplit")


@pytest.fixture
def name(world: World) -> str:
    """An endpoint with deployments 11, 22 and 33; all traffic goes to 11."""
    return shared_endpoint(world)


def test_traffic_is_directed_and_changed_in_place(world: World, name: str) -> None:
    engine = SmallEngine(world, KIND)
    assert engine.up(traffic(name, d11=90, d22=10)) == "created"
    assert engine.saved is not None
    assert engine.saved.id == f"{name}/trafficSplit"
    assert split(world, name) == {"11": 90, "22": 10}
    assert engine.up(traffic(name, d11=90, d22=10)) == "unchanged"
    assert engine.up(traffic(name, d11=50, d22=50)) == "updated"
    assert split(world, name) == {"11": 50, "22": 50}
    assert engine.refresh() == "unchanged"


def test_shares_of_others_are_kept(world: World, name: str) -> None:
    direct(world, name, d11=70, d33=30)
    engine = SmallEngine(world, KIND)
    engine.up(traffic(name, d11=40, d22=30))
    assert split(world, name) == {"11": 40, "22": 30, "33": 30}
    engine.up(traffic(name, d11=0, d22=70))
    assert split(world, name) == {"22": 70, "33": 30}
    assert engine.refresh() == "unchanged"


def test_a_deployment_that_is_no_longer_named_gets_nothing(world: World, name: str) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(traffic(name, d11=50, d22=50))
    assert engine.up(traffic(name, d22=100)) == "updated"
    assert split(world, name) == {"22": 100}


@pytest.mark.parametrize(
    ("shares", "told"),
    [
        ({"d11": 80, "d22": 30}, "traffic: sums to 110"),
        ({"d11": 50, "d22": 40}, "traffic: sums to 90"),
        ({"d22": 100}, r"with what others hold \(11 has 100\)"),
        ({"d11": 90, "d99": 10}, r"traffic\[1\].deployedModelId: 99 is not deployed on"),
        ({"d11": 101}, "101 is not 100 or less"),
    ],
)
def test_shares_that_cannot_be_are_refused_in_preview(
    world: World, name: str, shares: dict[str, int], told: str
) -> None:
    with pytest.raises(Refused, match=told):
        SmallEngine(world, KIND).check(traffic(name, **shares))


def test_a_deployment_named_twice_is_refused(world: World, name: str) -> None:
    twice = traffic(name, d11=50)
    twice["traffic"] *= 2
    with pytest.raises(Refused, match="names deployment 11 twice"):
        SmallEngine(world, KIND).check(twice)


@pytest.mark.parametrize("endpoint", ["chat", "projects/p/locations/l/models/m"])
def test_what_is_no_endpoint_is_refused(world: World, endpoint: str) -> None:
    with pytest.raises(Refused, match="endpoint: .* is not an endpoint"):
        SmallEngine(world, KIND).check(traffic(endpoint, d11=100))


def test_shares_that_others_take_between_preview_and_run_are_not_overwritten(
    world: World, name: str
) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(traffic(name, d11=100))
    checked = engine.check(traffic(name, d11=60, d22=40))
    direct(world, name, d11=70, d33=30)
    with pytest.raises(Failed, match="33 has 30"):
        engine._update(checked)
    assert split(world, name) == {"11": 70, "33": 30}


def test_a_change_under_a_stale_etag_is_made_on_what_is_there_now(world: World, name: str) -> None:
    engine = SmallEngine(world, KIND)
    world.scenario("stale-etag")
    engine.up(traffic(name, d11=90, d22=10))
    assert split(world, name) == {"11": 90, "22": 10}


def test_drift_is_seen_and_mended(world: World, name: str) -> None:
    engine = SmallEngine(world, KIND)
    wanted = traffic(name, d11=90, d22=10)
    engine.up(wanted)
    direct(world, name, d11=100)
    assert engine.refresh() == "changed"
    assert engine.up(wanted) == "updated"
    assert split(world, name) == {"11": 90, "22": 10}


def named(name: str, **shares: int) -> dict[str, Any]:
    """Return inputs whose shares of 11 and 22 are named blue and green."""
    inputs = traffic(name, d11=shares["blue"], d22=shares["green"])
    for target, called in zip(inputs["traffic"], ("blue", "green"), strict=True):
        target["name"] = called
    return inputs


def test_names_of_shares_survive_a_refresh(world: World, name: str) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(named(name, blue=100, green=0))
    assert engine.refresh() == "unchanged"


def test_preview_tells_by_name_how_the_shares_move(name: str) -> None:
    before, after = named(name, blue=100, green=0), named(name, blue=60, green=40)
    (line,) = explain(lifecycle, before, after, lambda _: False).effects
    assert line.text == "traffic moves: blue 100 % → 60 %, green 0 % → 40 %"
    assert explain(lifecycle, before, before, lambda _: False).lines == ()


def test_removing_the_split_leaves_the_traffic(world: World, name: str) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(traffic(name, d11=90, d22=10))
    engine.destroy()
    assert split(world, name) == {"11": 90, "22": 10}
    assert "stays as it is" in world.lines.text


def test_an_endpoint_that_has_gone_takes_its_split_along(world: World, name: str) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(traffic(name, d11=100))
    for deployed in ("22", "33", "11"):
        world.must("POST", f"{name}:undeployModel", {"deployedModelId": deployed})
    world.must("DELETE", name)
    assert engine.refresh() == "gone"


def test_a_split_of_an_endpoint_that_has_gone_can_be_removed(world: World, name: str) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(traffic(name, d11=100))
    for deployed in ("22", "33", "11"):
        world.must("POST", f"{name}:undeployModel", {"deployedModelId": deployed})
    world.must("DELETE", name)
    before = world.mutations()
    engine.destroy()
    assert engine.saved is None
    assert world.mutations() == before


def test_another_endpoint_means_another_split(world: World, name: str) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(traffic(name, d11=100))
    other = shared_endpoint(world, "other")
    assert engine.up(traffic(other, d11=60, d22=40)) == "replaced"
    assert split(world, name) == {"11": 100}
    assert split(world, other) == {"11": 60, "22": 40}


def test_an_imported_split_names_all_shares(world: World, name: str) -> None:
    direct(world, name, d11=70, d33=30)
    engine = SmallEngine(world, KIND)
    inputs = engine.import_(f"{name}/trafficSplit")
    assert engine.preview(traffic(name, d11=70, d33=30)) == "unchanged"
    assert inputs["endpoint"] == name


def test_two_programs_share_an_endpoint_without_losing_each_others_traffic(
    world: World, name: str
) -> None:
    one, two = SmallEngine(world, KIND, "one"), SmallEngine(world, KIND, "two", stack="prod")
    one.up(traffic(name, d11=100))
    direct(world, name, d11=80, d22=20)
    two.up(traffic(name, d22=20))
    one.up(traffic(name, d11=50, d33=30))
    two.up(traffic(name, d22=20))
    assert split(world, name) == {"11": 50, "22": 20, "33": 30}


def test_inputs_without_shares_are_refused(world: World, name: str) -> None:
    empty: dict[str, Any] = {"endpoint": name, "traffic": []}
    with pytest.raises(Refused, match="traffic"):
        SmallEngine(world, KIND).check(empty)
