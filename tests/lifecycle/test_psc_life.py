"""The lives of `PscAddress` and `PscForwardingRule`, up to the point where requests pass."""

from __future__ import annotations

from typing import Any

import pytest

from vertex_custom_weights_provider.adapter.provider import Failed
from vertex_custom_weights_provider.call.call import InitFailed

from .support.inputs import address, private_endpoint, rule
from .support.small_engine import Refused, SmallEngine
from .support.world import LOCATION, REGIONAL, Cut, Killed, World

ADDRESS, RULE = "PscAddress", "PscForwardingRule"
SCENARIO_STATES = {"psc-rejected": "REJECTED", "psc-pending": "PENDING"}


def made(engine: SmallEngine) -> dict[str, Any]:
    assert engine.saved is not None
    found = engine.world.get(engine.saved.id)
    assert found is not None
    return found


def slowly_accepted(world: World) -> None:
    slow = {"method": "compute.forwardingRules.insert", "stage": "connection"}
    rules = [{**slow, "operation": {"seconds": 30}}]
    world.admin("PUT", "scenarios/active", {"rules": rules})


# --- addresses ---------------------------------------------------------------------------------


def test_an_address_is_reserved_labelled_and_given_back(world: World) -> None:
    engine = SmallEngine(world, ADDRESS)
    assert engine.up(address(labels={"team": "x"})) == "created"
    assert engine.saved is not None
    assert made(engine)["address"] == engine.saved.outs["ipAddress"]
    assert made(engine)["labels"]["team"] == "x"
    assert engine.up(address(labels={"team": "x"})) == "unchanged"
    assert engine.refresh() == "unchanged"
    assert engine.preview(address(labels={"team": "x"})) == "unchanged"
    engine.destroy()
    assert world.things() == {}


@pytest.mark.parametrize(
    "change",
    [{"subnetwork": "other"}, {"address": "10.128.0.77"}, {"description": "x"}, {"name": "other"}],
)
def test_an_address_that_must_be_replaced_goes_before_the_new_one_comes(
    world: World, change: dict[str, Any]
) -> None:
    engine = SmallEngine(world, ADDRESS)
    engine.up(address())
    diff = engine.diff(address(**change))
    assert diff.replaces == list(change)
    assert diff.delete_before_replace
    assert engine.up(address(**change)) == "replaced"
    assert len(world.things()["addresses"]) == 1
    assert engine.refresh() == "unchanged"
    assert engine.preview(address(**change)) == "unchanged"


def test_labels_of_an_address_change_in_place_and_strangers_stay(world: World) -> None:
    engine = SmallEngine(world, ADDRESS)
    engine.up(address(labels={"team": "x", "tier": "one"}))
    live = made(engine)
    body = {
        "labels": {**live["labels"], "stranger": "yes"},
        "labelFingerprint": live["labelFingerprint"],
    }
    world.must("POST", f"{REGIONAL}/addresses/{live['name']}/setLabels", body)
    assert engine.refresh() == "unchanged"
    assert engine.up(address(labels={"team": "y"})) == "updated"
    labels = made(engine)["labels"]
    assert (labels["team"], labels["stranger"], "tier" in labels) == ("y", "yes", False)


def test_a_stale_label_fingerprint_is_read_again(world: World) -> None:
    engine = SmallEngine(world, ADDRESS)
    engine.up(address())
    stale = {"http": 412, "reason": "conditionNotMet", "message": "stale"}
    world.fault(method="compute.addresses.setLabels", times=2, error=stale)
    assert engine.up(address(labels={"team": "y"})) == "updated"
    assert made(engine)["labels"]["team"] == "y"
    assert world.unused_faults() == []


def test_a_killed_reservation_is_taken_over(world: World) -> None:
    engine = SmallEngine(world, ADDRESS)
    world.wire.cut = Cut(at=1, after_answer=True, kills=True)
    with pytest.raises(Killed):
        engine.up(address())
    world.wire.heal()
    assert engine.up(address()) == "created"
    assert len(world.mutations("addresses.insert")) == 1
    assert engine.refresh() == "unchanged"


def test_an_interrupted_reservation_is_saved_and_finished(world: World) -> None:
    engine = SmallEngine(world, ADDRESS)
    world.wire.interrupt_when = lambda call: call.startswith("POST")
    with pytest.raises(InitFailed, match="Run `pulumi up` again"):
        engine.up(address())
    world.clock.cancelled = False
    world.wire.heal()
    assert engine.up(address()) == "updated"
    assert len(world.mutations("addresses.insert")) == 1
    engine.destroy()
    assert world.things() == {}


def test_an_interrupted_reservation_can_be_destroyed(world: World) -> None:
    engine = SmallEngine(world, ADDRESS)
    world.wire.interrupt_when = lambda call: call.startswith("POST")
    with pytest.raises(InitFailed):
        engine.up(address())
    world.clock.cancelled = False
    world.wire.heal()
    engine.destroy()
    assert world.things() == {}


def test_an_address_of_another_stack_is_refused(world: World) -> None:
    SmallEngine(world, ADDRESS, stack="prod").up(address(name="shared"))
    with pytest.raises(Failed, match="belongs to shop/prod/chat"):
        SmallEngine(world, ADDRESS).up(address(name="shared"))


def test_an_own_address_in_another_subnetwork_is_not_passed_off_as_the_wanted_one(
    world: World,
) -> None:
    SmallEngine(world, ADDRESS).up(address())
    with pytest.raises(Failed, match="with another subnetwork, which cannot be changed"):
        SmallEngine(world, ADDRESS).up(address(subnetwork="other"))


def test_an_address_gone_by_hand_is_reserved_again(world: World) -> None:
    engine = SmallEngine(world, ADDRESS)
    engine.up(address())
    world.must("DELETE", made(engine)["selfLink"].replace("www.googleapis", "compute.googleapis"))
    assert engine.refresh() == "gone"
    assert engine.up(address()) == "created"


def test_a_quota_refusal_inside_the_operation_is_reported_and_nothing_is_saved(
    world: World,
) -> None:
    world.scenario("compute-quota-exceeded")
    engine = SmallEngine(world, ADDRESS)
    with pytest.raises(Failed, match="INTERNAL_ADDRESSES.*iam-admin/quotas, then run again"):
        engine.up(address())
    assert engine.saved is None
    assert world.things() == {}


def test_an_imported_address_needs_no_change(world: World) -> None:
    body = {
        "name": "by-hand",
        "addressType": "INTERNAL",
        "subnetwork": f"{REGIONAL}/subnetworks/default",
        "labels": {"team": "x"},
        "description": "old",
    }
    world.must("POST", f"{REGIONAL}/addresses", body)
    engine = SmallEngine(world, ADDRESS)
    inputs = engine.import_(f"{REGIONAL}/addresses/by-hand")
    wanted = address(
        name="by-hand",
        subnetwork=inputs["subnetwork"],
        address=inputs["address"],
        labels={"team": "x"},
        description="old",
    )
    assert engine.preview(wanted) == "unchanged"


# --- forwarding rules --------------------------------------------------------------------------


def test_a_rule_is_made_labelled_and_accepted(world: World) -> None:
    engine = SmallEngine(world, RULE)
    wanted = rule(world, labels={"team": "x"}, allowPscGlobalAccess=True)
    assert engine.up(wanted) == "created"
    assert engine.saved is not None
    assert engine.saved.outs["pscConnectionStatus"] == "ACCEPTED"
    assert made(engine)["labels"]["team"] == "x"
    assert made(engine)["allowPscGlobalAccess"] is True
    assert engine.up(wanted) == "unchanged"
    assert engine.refresh() == "unchanged"
    assert engine.preview(wanted) == "unchanged"
    engine.destroy()
    assert "forwardingRules" not in world.things()


def test_global_access_and_labels_change_in_place(world: World) -> None:
    engine = SmallEngine(world, RULE)
    wanted = rule(world)
    engine.up(wanted)
    for more in ({"allowPscGlobalAccess": True, "labels": {"team": "y"}}, {}):
        assert engine.up({**wanted, **more}) == "updated"
        assert made(engine).get("allowPscGlobalAccess", False) is bool(more)
        assert engine.refresh() == "unchanged"
        assert engine.preview({**wanted, **more}) == "unchanged"


def test_drift_of_global_access_is_mended(world: World) -> None:
    engine = SmallEngine(world, RULE)
    wanted = rule(world)
    engine.up(wanted)
    assert engine.saved is not None
    body = {"allowPscGlobalAccess": True, "fingerprint": made(engine)["fingerprint"]}
    world.must("PATCH", engine.saved.id, body)
    assert engine.refresh() == "changed"
    assert engine.up(wanted) == "updated"
    assert not made(engine).get("allowPscGlobalAccess")


@pytest.mark.parametrize("change", [{"description": "x"}, {"address": "10.128.0.10"}])
def test_a_rule_that_must_be_replaced_goes_first_and_keeps_its_name(
    world: World, change: dict[str, Any]
) -> None:
    engine = SmallEngine(world, RULE)
    wanted = rule(world)
    engine.up(wanted)
    before = world.things()
    assert engine.diff({**wanted, **change}).delete_before_replace
    assert engine.up({**wanted, **change}) == "replaced"
    assert world.things() == before
    assert engine.refresh() == "unchanged"


def test_a_rule_follows_another_attachment_by_being_replaced(world: World) -> None:
    engine = SmallEngine(world, RULE)
    wanted = rule(world)
    engine.up(wanted)
    # A list of allowed projects of its own gives the second endpoint an attachment of its own.
    target = private_endpoint(world, "second")
    if target != wanted["target"]:
        assert engine.up({**wanted, "target": target}) == "replaced"
    assert made(engine)["pscConnectionStatus"] == "ACCEPTED"


@pytest.mark.parametrize("scenario", SCENARIO_STATES)
def test_a_connection_that_is_not_let_in_is_saved_with_the_reason(
    world: World, scenario: str
) -> None:
    engine = SmallEngine(world, RULE)
    wanted = rule(world)
    world.scenario(scenario)
    with pytest.raises(InitFailed) as failed:
        engine.up(wanted)
    assert SCENARIO_STATES[scenario] in str(failed.value)
    assert "projectAllowlist" in str(failed.value)
    assert engine.saved is not None
    assert engine.saved.outs["pscConnectionStatus"] == SCENARIO_STATES[scenario]
    engine.destroy()
    assert "forwardingRules" not in world.things()


def test_a_rejected_connection_is_made_anew_by_the_next_up(world: World) -> None:
    engine = SmallEngine(world, RULE)
    wanted = rule(world)
    world.scenario("psc-rejected")
    with pytest.raises(InitFailed):
        engine.up(wanted)
    world.scenario()
    assert engine.up(wanted) == "replaced"
    assert made(engine)["pscConnectionStatus"] == "ACCEPTED"
    assert engine.preview(wanted) == "unchanged"


@pytest.mark.parametrize("status", ["PENDING", "NEEDS_ATTENTION", "STATUS_UNSPECIFIED", ""])
def test_a_connection_that_a_refresh_finds_not_accepted_is_not_unchanged(
    world: World, status: str
) -> None:
    engine = SmallEngine(world, RULE)
    wanted = rule(world)
    engine.up(wanted)
    assert engine.saved is not None
    engine.saved.outs["pscConnectionStatus"] = status  # as a read would have found it
    assert engine.preview(wanted) == "updated"
    assert engine.up(wanted) == "updated"
    assert made(engine)["pscConnectionStatus"] == "ACCEPTED"


def test_a_slow_connection_is_waited_for(world: World) -> None:
    engine = SmallEngine(world, RULE)
    wanted = rule(world)
    slowly_accepted(world)
    assert engine.up(wanted) == "created"
    assert world.clock.slept > 0


def test_an_interrupted_connection_is_saved_and_finished(world: World) -> None:
    engine = SmallEngine(world, RULE)
    wanted = rule(world)
    slowly_accepted(world)
    world.wire.interrupt_when = lambda call: world.clock.slept > 0
    with pytest.raises(InitFailed):
        engine.up(wanted)
    world.clock.cancelled = False
    world.wire.heal()
    assert engine.up(wanted) == "updated"
    assert len(world.mutations("forwardingRules.insert")) == 1
    assert engine.refresh() == "unchanged"


def test_a_closed_connection_is_made_anew_and_the_address_stays(world: World) -> None:
    reserved = SmallEngine(world, ADDRESS)
    reserved.up(address())
    assert reserved.saved is not None
    ip = reserved.saved.outs["ipAddress"]
    engine = SmallEngine(world, RULE)
    wanted = rule(world, address=reserved.saved.id)
    engine.up(wanted)

    # Nothing is deployed any more, so the service lets the attachment go after ten minutes.
    name = f"{LOCATION}/endpoints/private"
    endpoint = world.get(name)
    assert endpoint is not None
    body = {"deployedModelId": endpoint["deployedModels"][0]["id"]}
    world.must("POST", f"{name}:undeployModel", body)
    world.advance(3600)
    engine.refresh()
    assert engine.saved is not None
    assert engine.saved.outs["pscConnectionStatus"] == "CLOSED"
    diff = engine.diff(wanted)
    assert diff.replaces == ["pscConnectionStatus"]
    assert diff.delete_before_replace

    wanted["target"] = private_endpoint(world, "second")
    assert engine.up(wanted) == "replaced"
    assert made(engine)["IPAddress"] == ip
    assert reserved.refresh() == "unchanged"


def test_an_address_in_use_is_not_given_back_before_its_rule_goes(world: World) -> None:
    reserved = SmallEngine(world, ADDRESS)
    reserved.up(address())
    assert reserved.saved is not None
    engine = SmallEngine(world, RULE)
    engine.up(rule(world, address=reserved.saved.id))
    with pytest.raises(Failed, match="in use|being used"):
        reserved.destroy()
    engine.destroy()
    reserved.destroy()
    assert "addresses" not in world.things()


def test_a_killed_rule_without_labels_yet_is_taken_over(world: World) -> None:
    engine = SmallEngine(world, RULE)
    wanted = rule(world)
    world.wire.heal()
    world.wire.cut = Cut(at=1, after_answer=True, kills=True)
    with pytest.raises(Killed):
        engine.up(wanted)
    world.wire.heal()
    assert engine.up(wanted) == "created"
    assert len(world.mutations("forwardingRules.insert")) == 1
    assert engine.refresh() == "unchanged"


def test_a_rule_of_another_stack_is_refused(world: World) -> None:
    wanted = rule(world, name="shared")
    SmallEngine(world, RULE, stack="prod").up(wanted)
    with pytest.raises(Failed, match="belongs to shop/prod/chat"):
        SmallEngine(world, RULE).up(wanted)


def test_an_attachment_that_does_not_exist_is_reported_and_nothing_is_saved(world: World) -> None:
    engine = SmallEngine(world, RULE)
    target = "projects/tp/regions/us-central1/serviceAttachments/gone"
    with pytest.raises(Failed, match="gone"):
        engine.up({**rule(world), "target": target})
    assert engine.saved is None


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("", "is not a service attachment"),
        ("projects/p/regions/europe-west4/serviceAttachments/a", "Both must be in one region"),
    ],
)
def test_a_target_that_cannot_work_is_refused_in_preview(
    world: World, target: str, told: str
) -> None:
    with pytest.raises(Refused, match=told):
        SmallEngine(world, RULE).check({**rule(world), "target": target})


def test_an_imported_rule_needs_no_change(world: World) -> None:
    wanted = rule(world)
    body = {
        "name": "by-hand",
        "target": wanted["target"],
        "IPAddress": wanted["address"],
        "network": "projects/my-proj/global/networks/default",
    }
    world.must("POST", f"{REGIONAL}/forwardingRules", body)
    engine = SmallEngine(world, RULE)
    inputs = engine.import_(f"{REGIONAL}/forwardingRules/by-hand")
    assert inputs["target"] == wanted["target"]
    assert (
        engine.preview({**wanted, "name": "by-hand", "network": inputs["network"]}) == "unchanged"
    )
