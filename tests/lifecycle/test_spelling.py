"""One network, subnetwork or address has several names; another name is no change."""

from __future__ import annotations

import pytest

from .inputs import SUBNETWORK, address, rule
from .small_engine import SmallEngine
from .world import PROJECT, REGIONAL, World

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
