"""The life of an `Endpoint`."""

from __future__ import annotations

from typing import Any

import pytest

from vertex_custom_weights_provider.adapter.provider import Failed
from vertex_custom_weights_provider.call.call import InitFailed

from .support.inputs import PRIVATE, endpoint
from .support.small_engine import SmallEngine
from .support.world import LOCATION, Cut, Killed, World

KIND = "Endpoint"
LOGGING = {
    "enabled": True,
    "samplingRate": 0.5,
    "bigqueryDestination": {"outputUri": "bq://my-proj.logs.calls"},
}
IN_PLACE: dict[str, dict[str, Any]] = {
    "displayName": {"displayName": "other"},
    "description": {"description": "for the search team"},
    "labels": {"labels": {"team": "search"}},
    "clientConnectionConfig": {"clientConnectionConfig": {"inferenceTimeout": "20m"}},
    "predictRequestResponseLoggingConfig": {"predictRequestResponseLoggingConfig": LOGGING},
    "timeouts": {"timeouts": {"delete": "2h"}},
}
REPLACING: dict[str, dict[str, Any]] = {
    "privateServiceConnectConfig": {"privateServiceConnectConfig": PRIVATE},
    "dedicatedEndpointEnabled": {"dedicatedEndpointEnabled": True},
    "network": {"network": "projects/1/global/networks/default"},
    "encryptionSpec": {"encryptionSpec": {"kmsKeyName": "projects/p/locations/l/keyRings/r"}},
    "generation": {"generation": 2},
    "location": {"location": "europe-west4"},
    "endpointId": {"endpointId": "other"},
}


def made(engine: SmallEngine) -> dict[str, Any]:
    assert engine.saved is not None
    found = engine.world.get(engine.saved.outs["endpointName"])
    assert found is not None
    return found


def interrupt_creation(engine: SmallEngine) -> None:
    world = engine.world
    world.wire.interrupt_when = lambda call: call.endswith(":wait")
    with pytest.raises(InitFailed, match="Run `pulumi up` again"):
        engine.up(endpoint())
    world.clock.cancelled = False
    world.wire.heal()


@pytest.mark.parametrize("path", IN_PLACE)
def test_a_change_in_place_keeps_the_endpoint_and_is_seen_by_a_refresh(
    world: World, path: str
) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(endpoint(displayName="chat"))
    before = world.things()
    wanted = endpoint(**{"displayName": "chat", **IN_PLACE[path]})
    assert engine.up(wanted) == "updated"
    for _ in range(2):
        assert engine.preview(wanted) == "unchanged"
        assert engine.refresh() == "unchanged"
    assert engine.up(endpoint(displayName="chat")) == "updated"
    assert engine.refresh() == "unchanged"
    assert world.things() == before


@pytest.mark.parametrize("path", REPLACING)
def test_a_replacing_change_makes_a_new_endpoint_first(world: World, path: str) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(endpoint())
    before = world.things()
    wanted = endpoint(**REPLACING[path])
    assert any(changed.startswith(path) for changed in engine.diff(wanted).replaces)
    assert engine.up(wanted) == "replaced"
    assert world.things() != before
    assert len(world.things()["endpoints"]) == 1
    assert engine.refresh() == "unchanged"
    assert engine.preview(wanted) == "unchanged"
    engine.destroy()
    assert world.things() == {}


@pytest.mark.parametrize(
    ("path", "body", "mask"),
    [
        ("displayName", {"displayName": "by hand"}, "displayName"),
        ("description", {"description": "by hand"}, "description"),
        ("labels", {"labels": {"team": "ads"}}, "labels"),
        (
            "predictRequestResponseLoggingConfig",
            {"predictRequestResponseLoggingConfig": {**LOGGING, "samplingRate": 1}},
            "predictRequestResponseLoggingConfig",
        ),
    ],
)
def test_drift_is_seen_by_a_refresh_and_mended(
    world: World, path: str, body: dict[str, Any], mask: str
) -> None:
    wanted = endpoint(
        displayName="chat", labels={"team": "x"}, predictRequestResponseLoggingConfig=LOGGING
    )
    engine = SmallEngine(world, KIND)
    engine.up(wanted)
    world.must("PATCH", made(engine)["name"], body, updateMask=mask)
    assert engine.refresh() == "changed"
    assert any(changed.startswith(path) for changed in engine.diff(wanted).detailed)
    assert engine.up(wanted) == "updated"
    assert engine.refresh() == "unchanged"
    assert engine.preview(wanted) == "unchanged"


def test_drift_of_the_inference_timeout_is_mended(world: World) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(endpoint())
    body = {"endpoint": {"clientConnectionConfig": {"inferenceTimeout": "1200s"}}}
    world.must("POST", f"{made(engine)['name']}:update", body)
    assert engine.refresh() == "changed"
    assert engine.up(endpoint()) == "updated"
    assert made(engine).get("clientConnectionConfig") in (None, {"inferenceTimeout": "600s"})
    assert engine.refresh() == "unchanged"


def test_an_interrupted_creation_is_saved_and_finished(world: World) -> None:
    engine = SmallEngine(world, KIND)
    interrupt_creation(engine)
    assert engine.up(endpoint()) == "updated"
    assert len(world.things()["endpoints"]) == 1
    assert len(world.mutations("endpoints.create")) == 1
    assert engine.refresh() == "unchanged"


def test_an_interrupted_creation_survives_a_refresh(world: World) -> None:
    engine = SmallEngine(world, KIND)
    interrupt_creation(engine)
    engine.refresh()
    assert engine.saved is not None
    engine.destroy()
    world.advance(60)
    assert world.things() == {}


def test_an_interrupted_creation_can_be_destroyed(world: World) -> None:
    engine = SmallEngine(world, KIND)
    interrupt_creation(engine)
    engine.destroy()
    world.advance(60)
    assert world.things() == {}
    assert world.running() == []


def test_a_creation_whose_process_died_is_found_although_it_cannot_be_seen_yet(
    world: World,
) -> None:
    engine = SmallEngine(world, KIND)
    world.wire.cut = Cut(at=3, kills=True)
    with pytest.raises(Killed):
        engine.up(endpoint())
    world.wire.heal()
    engine.up(endpoint())
    assert len(world.mutations("endpoints.create")) == 1
    assert len(world.things()["endpoints"]) == 1


def test_destroyed_three_times_it_steps_past_the_reserved_ids(world: World) -> None:
    engine = SmallEngine(world, KIND)
    for expected in ("chat", "chat-2", "chat-3"):
        engine.up(endpoint(endpointId="chat"))
        assert world.things() == {"endpoints": [expected]}
        assert engine.refresh() == "unchanged"
        engine.destroy()
    assert world.things() == {}


def test_a_forced_replacement_does_not_delete_what_it_took_over(world: World) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(endpoint())
    before = world.things()
    engine.up(endpoint(), replace=True)
    assert world.things() == before
    engine.destroy()
    assert world.things() == {}


def test_a_given_id_is_not_taken_for_its_own_replacement(world: World) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(endpoint(endpointId="chat"))
    assert engine.up(endpoint(endpointId="chat", dedicatedEndpointEnabled=True)) == "replaced"
    assert world.things() == {"endpoints": ["chat-2"]}
    assert made(engine)["dedicatedEndpointEnabled"] is True


def test_a_taken_over_endpoint_gets_what_the_program_says_now(world: World) -> None:
    SmallEngine(world, KIND).up(endpoint(endpointId="chat"))
    engine = SmallEngine(world, KIND)
    wanted = endpoint(
        endpointId="chat",
        description="new",
        clientConnectionConfig={"inferenceTimeout": "1200s"},
    )
    assert engine.up(wanted) == "created"
    assert engine.refresh() == "unchanged"
    assert engine.preview(wanted) == "unchanged"


def test_another_owner_is_refused_by_name(world: World) -> None:
    SmallEngine(world, KIND, stack="prod").up(endpoint(endpointId="chat"))
    with pytest.raises(Failed, match="shop/prod/chat"):
        SmallEngine(world, KIND).up(endpoint(endpointId="chat"))


def test_strangers_labels_and_traffic_survive_an_update(world: World) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(endpoint(labels={"team": "x"}))
    labels = {**made(engine)["labels"], "stranger": "yes"}
    world.must("PATCH", made(engine)["name"], {"labels": labels}, updateMask="labels")
    assert engine.refresh() == "unchanged"
    engine.up(endpoint(labels={"team": "y"}))
    assert made(engine)["labels"]["stranger"] == "yes"
    assert made(engine)["labels"]["team"] == "y"


def test_an_imported_endpoint_is_described_completely(world: World) -> None:
    body = {
        "displayName": "by hand",
        "description": "old",
        "labels": {"team": "search"},
        "privateServiceConnectConfig": {"enablePrivateServiceConnect": True, **PRIVATE},
        "predictRequestResponseLoggingConfig": LOGGING,
    }
    world.must("POST", f"{LOCATION}/endpoints", body, endpointId="by-hand")
    engine = SmallEngine(world, KIND)
    inputs = engine.import_(f"{LOCATION}/endpoints/by-hand")
    wanted = endpoint(endpointId="by-hand", **body)
    assert engine.preview(wanted) == "unchanged"
    assert inputs["owner"] == engine.urn
    engine.destroy()
    assert world.things() == {}


def test_a_renamed_resource_keeps_its_endpoint_and_takes_it_along(world: World) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(endpoint(displayName="chat"))
    before = world.things()
    engine.urn = engine.urn.replace("::chat", "::talk")
    assert engine.up(endpoint(displayName="chat")) == "updated"
    assert world.things() == before
    assert made(engine)["labels"]["vcw-resource"] == "talk"
    assert engine.preview(endpoint(displayName="chat")) == "unchanged"
