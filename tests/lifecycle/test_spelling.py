"""One network, subnetwork or address has several names; another name is no change."""

from __future__ import annotations

import pytest

from .support.inputs import SUBNETWORK, address, rule
from .support.small_engine import Refused, SmallEngine
from .support.world import PROJECT, REGION, REGIONAL, World

NETWORK = f"projects/{PROJECT}/global/networks/default"


@pytest.mark.parametrize(("first", "second"), [("default", SUBNETWORK), (SUBNETWORK, "default")])
def test_another_spelling_of_a_subnetwork_changes_nothing(
    world: World, first: str, second: str
) -> None:
    engine = SmallEngine(world, "PscAddress")
    engine.up(address(subnetwork=first))
    assert engine.preview(address(subnetwork=second)) == "unchanged"
    assert engine.preview(address(subnetwork="other")) == "replaced"
    # A bare name is one of the own project.
    shared = f"projects/host/regions/{SUBNETWORK.split('/')[3]}/subnetworks/default"
    assert engine.preview(address(subnetwork=shared)) == "replaced"


def test_writing_down_the_address_that_was_allocated_changes_nothing(world: World) -> None:
    engine = SmallEngine(world, "PscAddress")
    engine.up(address())
    assert engine.saved is not None
    allocated = engine.saved.outs["ipAddress"]
    assert engine.up(address(address=allocated)) == "unchanged"
    assert engine.preview(address()) == "unchanged"
    assert engine.preview(address(address="10.128.0.77")) == "replaced"
    engine.up(address(address=allocated, labels={"team": "search"}))
    assert engine.refresh() == "unchanged"
    assert engine.preview(address(address="10.128.0.77")) == "replaced"


@pytest.mark.parametrize("first", ["by-name", "by-literal"])
def test_another_spelling_of_a_rules_address_and_network_changes_nothing(
    world: World, first: str
) -> None:
    SmallEngine(world, "PscAddress", "ip").up(address(name="ip", address="10.128.0.9"))
    by_name = {"address": f"{REGIONAL}/addresses/ip", "network": "default"}
    by_literal = {"address": "10.128.0.9", "network": NETWORK}
    inputs = rule(world)
    spellings = [by_name, by_literal] if first == "by-name" else [by_literal, by_name]
    engine = SmallEngine(world, "PscForwardingRule")
    engine.up({**inputs, **spellings[0]})
    assert engine.preview({**inputs, **spellings[1]}) == "unchanged"
    assert engine.refresh() == "unchanged"
    assert engine.preview({**inputs, **spellings[1], "address": "10.128.0.10"}) == "replaced"
    assert engine.preview({**inputs, **spellings[1], "network": "other"}) == "replaced"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("network", "nope/x", "is not a network; write its name, projects/PROJECT/global/networks"),
        ("network", SUBNETWORK, "is not a network"),
        ("network", "Default", "is not a network"),
        ("subnetwork", NETWORK, "is not a subnetwork"),
        ("subnetwork", f"projects/{PROJECT}/regions/us-east1/subnetworks/x", "is in us-east1"),
        ("address", "10.128.0.300", "nor an IP address"),
        ("address", f"projects/{PROJECT}/global/addresses/x", "is not a reserved address"),
        ("address", f"projects/{PROJECT}/regions/us-east1/addresses/x", "is in us-east1"),
    ],
)
def test_what_is_no_name_is_refused_in_preview(
    world: World, name: str, value: str, told: str
) -> None:
    with pytest.raises(Refused, match=f"^{name}: .*{told}"):
        SmallEngine(world, "PscForwardingRule").check(rule(world, **{name: value}))
    if name == "subnetwork":
        with pytest.raises(Refused, match=f"^{name}: .*{told}"):
            SmallEngine(world, "PscAddress").check(address(subnetwork=value))


HUB = {"network": "projects/hub/global/networks/main"}
IN_HUB = {"subnetwork": f"projects/hub/regions/{REGION}/subnetworks/main"}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({**HUB, "subnetwork": "main"}, f"subnetwork: is in project {PROJECT}, but network is"),
        ({"network": "main", **IN_HUB}, "subnetwork: is in project hub, but network is"),
        ({**HUB, **IN_HUB}, None),
        ({"network": "projects/12345/global/networks/main", **IN_HUB}, None),  # hub's number?
        (HUB, None),
    ],
)
def test_a_subnetwork_of_another_project_than_the_networks_is_refused_in_preview(
    world: World, given: dict[str, str], told: str | None
) -> None:
    engine = SmallEngine(world, "PscForwardingRule")
    if told is None:
        checked = engine.check(rule(world, **given))
        assert given.items() <= checked.items()
        return
    with pytest.raises(Refused, match=told):
        engine.check(rule(world, **given))


@pytest.mark.parametrize(
    "network",
    [
        "default",
        "global/networks/default",
        NETWORK,
        "projects/12345/global/networks/default",
        "projects/example.com:shop/global/networks/default",
        f"https://www.googleapis.com/compute/v1/{NETWORK}",
        f"https://compute.googleapis.com/compute/v1/{NETWORK}",
    ],
)
def test_all_that_compute_engine_calls_a_network_is_taken(world: World, network: str) -> None:
    checked = SmallEngine(world, "PscForwardingRule").check(rule(world, network=network))
    assert checked["network"] == network
