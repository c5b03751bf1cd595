"""`adopt`: taking over what somebody else has made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vertex_custom_weights_provider.adapter.provider import Failed

from .support.by_hand import deployed_onto, one_shot, reserved, ruled
from .support.given_endpoint import seen
from .support.inputs import MACHINE, PRIVATE, SUBNETWORK, deployment, shared_endpoint, traffic
from .support.small_engine import Refused, SmallEngine
from .support.world import LOCATION, PROJECT, REGION, REGIONAL, World, opened

Bag = dict[str, Any]
ENDPOINT = f"{LOCATION}/endpoints/by-hand"
ADDRESS = f"{REGIONAL}/addresses/by-hand"
RULE = f"{REGIONAL}/forwardingRules/by-hand"
HERE = {"project": PROJECT, "region": REGION}


def bare(world: World) -> None:
    body = {"displayName": "made by hand", "description": "old", "labels": {"team": "search"}}
    world.must("POST", f"{LOCATION}/endpoints", body, endpointId="by-hand")


def endpoint(**more: Any) -> Bag:
    return {"project": PROJECT, "location": REGION, "adopt": ENDPOINT, **more}


def test_an_endpoint_is_taken_over_as_it_is(world: World) -> None:
    bare(world)
    engine = SmallEngine(world, "Endpoint")
    wanted = endpoint(description="old")
    assert engine.up(wanted) == "created"
    assert engine.saved is not None
    assert engine.saved.id == ENDPOINT
    assert engine.saved.outs["displayName"] == "made by hand"
    assert world.things() == {"endpoints": ["by-hand"]}
    labels = seen(world, ENDPOINT)["labels"]
    assert labels["team"] == "search"
    assert labels["vcw-resource"] == "chat"
    assert labels["vcw-incarnation"] == engine.saved.outs["incarnation"]


def test_adopt_has_no_effect_after_the_adoption(world: World) -> None:
    bare(world)
    engine = SmallEngine(world, "Endpoint")
    wanted = endpoint(description="old")
    engine.up(wanted)
    assert engine.preview(wanted) == "unchanged"
    assert engine.preview({**wanted, "adopt": f"{LOCATION}/endpoints/another"}) == "unchanged"
    assert engine.preview({**wanted, "adopt": None}) == "unchanged"
    assert engine.refresh() == "unchanged"
    assert engine.preview(wanted) == "unchanged"
    engine.destroy()
    assert world.things() == {}


def test_what_can_be_changed_in_place_is_changed_with_the_adoption(world: World) -> None:
    bare(world)
    engine = SmallEngine(world, "Endpoint")
    engine.up(endpoint(displayName="new", labels={"team": "chat"}))
    live = seen(world, ENDPOINT)
    assert live["displayName"] == "new"
    assert "description" not in live
    assert live["labels"]["team"] == "chat"


def test_what_cannot_be_changed_in_place_is_refused_with_both_values(world: World) -> None:
    bare(world)
    engine = SmallEngine(world, "Endpoint")
    wanted = endpoint(description="old", privateServiceConnectConfig=PRIVATE, network="a")
    with pytest.raises(Refused) as refused:
        engine.up(wanted)
    told = str(refused.value).splitlines()
    assert [line.split(":")[0] for line in told] == ["privateServiceConnectConfig", "network"]
    assert '"my-proj"' in told[0]
    assert "not set on" in told[0]
    assert ENDPOINT in told[0]
    assert world.get(ENDPOINT) is not None
    assert "vcw-owner" not in seen(world, ENDPOINT)["labels"]


def test_an_object_of_another_program_is_refused_by_name(world: World) -> None:
    bare(world)
    SmallEngine(world, "Endpoint", name="first").up(endpoint(description="old"))
    with pytest.raises(Refused, match="belongs to shop/dev/first") as refused:
        SmallEngine(world, "Endpoint", name="second").up(endpoint(description="old"))
    assert "pulumi state delete" in str(refused.value)


def test_what_does_not_exist_is_refused(world: World) -> None:
    with pytest.raises(Refused, match=r"adopt: .*by-hand does not exist\. Mend the name"):
        SmallEngine(world, "Endpoint").up(endpoint())
    assert world.things() == {}


def test_a_name_of_another_kind_is_refused(world: World) -> None:
    with pytest.raises(Refused, match="is not a full name; write projects/PROJECT/locations"):
        SmallEngine(world, "Endpoint").up(endpoint(adopt="by-hand"))
    elsewhere = ENDPOINT.replace(REGION, "europe-west4")
    with pytest.raises(Refused, match="is in europe-west4, but location is us-central1"):
        SmallEngine(world, "Endpoint").up(endpoint(adopt=elsewhere))


def test_the_name_may_spell_the_project_as_its_number(world: World) -> None:
    bare(world)
    engine = SmallEngine(world, "Endpoint")
    engine.up(endpoint(adopt=seen(world, ENDPOINT)["name"], description="old"))
    assert engine.saved is not None
    assert engine.saved.id == ENDPOINT
    with pytest.raises(Refused, match="another object"):
        SmallEngine(world, "Endpoint").up(endpoint(adopt=ENDPOINT.replace(PROJECT, "123")))


def test_somebody_who_is_faster_keeps_the_object(world: World) -> None:
    bare(world)
    first, second = (SmallEngine(world, "Endpoint", name=name) for name in ("first", "second"))
    checked = second.check(endpoint(description="old"))
    first.up(endpoint(description="old"))
    with (
        world.serving("Endpoint", second.urn, bundled=False) as provider,
        pytest.raises(Failed, match="belongs to shop/dev/first"),
    ):
        provider.create(checked)


def test_a_one_shot_deployment_is_taken_over_and_removed_with_its_model(world: World) -> None:
    one_shot(world)
    engine = SmallEngine(world, "CustomWeightsDeployment")
    wanted = deployment(adopt=ENDPOINT, privateServiceConnectConfig=PRIVATE)
    assert engine.up(wanted) == "created"
    assert engine.saved is not None
    outs = engine.saved.outs
    assert outs["endpointName"] == ENDPOINT
    assert outs["modelName"] == f"{LOCATION}/models/by-hand-model"
    assert outs["serviceAttachment"]
    assert engine.preview(wanted) == "unchanged"
    assert engine.refresh() == "unchanged"
    engine.destroy()
    assert world.things() == {}


def test_a_deployment_is_scaled_with_the_adoption(world: World) -> None:
    one_shot(world)
    more = {"machineSpec": MACHINE, "minReplicaCount": 1, "maxReplicaCount": 3}
    wanted = deployment(
        adopt=ENDPOINT, privateServiceConnectConfig=PRIVATE, dedicatedResources=more
    )
    engine = SmallEngine(world, "CustomWeightsDeployment")
    engine.up(wanted)
    (live,) = seen(world, ENDPOINT)["deployedModels"]
    assert live["dedicatedResources"]["maxReplicaCount"] == 3
    assert engine.refresh() == "unchanged"
    assert engine.preview(wanted) == "unchanged"


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"gcsUri": "gs://weights/other"}, "gcsUri"),
        ({"serviceAccount": "a@b.iam.gserviceaccount.com"}, "serviceAccount"),
        ({"containerSpec": {"imageUri": "mine"}}, "containerSpec.imageUri"),
        ({"modelUserId": "other"}, "modelUserId"),
        (
            {"dedicatedResources": {"machineSpec": {**MACHINE, "machineType": "g2-standard-16"}}},
            "dedicatedResources.machineSpec.machineType",
        ),
        ({"privateServiceConnectConfig": None}, "privateServiceConnectConfig"),
    ],
)
def test_an_adoption_never_deploys(world: World, changes: Bag, path: str) -> None:
    one_shot(world)
    wanted = deployment(adopt=ENDPOINT, privateServiceConnectConfig=PRIVATE)
    with pytest.raises(Refused) as refused:
        SmallEngine(world, "CustomWeightsDeployment").up({**wanted, **changes})
    assert [line.split(": ")[0] for line in str(refused.value).splitlines()] == [path]


@pytest.mark.parametrize("shared", [True, False])
def test_the_host_that_serves_an_adopted_endpoint_is_no_choice(world: World, shared: bool) -> None:
    one_shot(world, dedicatedEndpointDisabled=shared)
    with pytest.raises(Refused, match="dedicatedEndpointDisabled: is"):
        SmallEngine(world, "CustomWeightsDeployment").up(
            deployment(adopt=ENDPOINT, dedicatedEndpointDisabled=not shared)
        )
    engine = SmallEngine(world, "CustomWeightsDeployment")
    wanted = deployment(adopt=ENDPOINT, dedicatedEndpointDisabled=shared)
    assert engine.up(wanted) == "created"
    assert engine.refresh() == "unchanged"
    assert engine.preview(wanted) == "unchanged"


def test_what_is_deployed_on_a_given_endpoint_is_taken_over(world: World) -> None:
    name = deployed_onto(world)
    engine = SmallEngine(world, "CustomWeightsDeployment")
    wanted = deployment(endpoint=name, adopt=f"{name}/deployedModels/77", labels={"team": "x"})
    assert engine.up(wanted) == "created"
    assert engine.saved is not None
    assert engine.saved.id == f"{name}/deployedModels/77"
    assert engine.saved.outs["deployedModelId"] == "77"
    assert engine.preview(wanted) == "unchanged"
    assert engine.refresh() == "unchanged"
    assert world.things()["models"] == ["by-hand"]
    engine.destroy()
    assert world.things() == {"endpoints": ["shared"]}


def test_a_deployment_that_was_adopted_rolls_out_in_place(world: World) -> None:
    name = deployed_onto(world)
    engine = SmallEngine(world, "CustomWeightsDeployment")
    wanted = deployment(endpoint=name, adopt=f"{name}/deployedModels/77")
    with pytest.raises(Refused, match="gcsUri"):
        engine.up({**wanted, "gcsUri": "gs://weights/b"})
    engine.up(wanted)
    assert engine.up({**wanted, "gcsUri": "gs://weights/b"}) == "updated"
    (live,) = seen(world, name)["deployedModels"]
    assert live["id"] != "77"
    assert "by-hand" not in world.things()["models"]


def test_a_replacement_of_what_was_adopted_is_made_anew(world: World) -> None:
    one_shot(world)
    engine = SmallEngine(world, "CustomWeightsDeployment")
    wanted = deployment(adopt=ENDPOINT, privateServiceConnectConfig=PRIVATE)
    engine.up(wanted)
    assert engine.up({**wanted, "gcsUri": "gs://weights/b"}) == "replaced"
    assert "by-hand" not in world.things()["endpoints"]
    assert len(world.things()["endpoints"]) == 1
    assert len(world.things()["models"]) == 1
    engine.destroy()
    assert world.things() == {}


def test_a_forced_replacement_of_what_was_adopted_takes_it_over_again(world: World) -> None:
    one_shot(world)
    engine = SmallEngine(world, "CustomWeightsDeployment")
    wanted = deployment(adopt=ENDPOINT, privateServiceConnectConfig=PRIVATE)
    engine.up(wanted)
    assert engine.up(wanted, replace=True) == "replaced"
    assert world.things()["endpoints"] == ["by-hand"]
    assert engine.refresh() == "unchanged"


def test_adopt_and_endpoint_have_to_agree(world: World) -> None:
    name = deployed_onto(world)
    engine = SmallEngine(world, "CustomWeightsDeployment")
    with pytest.raises(Refused, match="Set `endpoint` to"):
        engine.up(deployment(adopt=f"{name}/deployedModels/77"))
    with pytest.raises(Refused, match="deployedModels/ID"):
        engine.up(deployment(endpoint=name, adopt=name))


def test_a_model_that_is_deployed_twice_is_refused(world: World) -> None:
    name = shared_endpoint(world)
    with pytest.raises(Refused, match="is deployed 3 times"):
        SmallEngine(world, "CustomWeightsDeployment").up(
            deployment(endpoint=name, adopt=f"{name}/deployedModels/22")
        )


def test_address_and_rule_are_taken_over(world: World) -> None:
    one_shot(world)
    reserved(world)
    ruled(world)
    first = SmallEngine(world, "PscAddress", name="address")
    first_wanted = {**HERE, "adopt": ADDRESS, "subnetwork": SUBNETWORK, "labels": {"a": "b"}}
    assert first.up(first_wanted) == "created"
    second = SmallEngine(world, "PscForwardingRule", name="rule")
    attachment = seen(world, ENDPOINT)["deployedModels"][0]["privateEndpoints"]["serviceAttachment"]
    second_wanted = {
        **HERE,
        "adopt": RULE,
        "target": attachment,
        "network": "default",
        "address": ADDRESS,
        "allowPscGlobalAccess": True,
    }
    assert second.up(second_wanted) == "created"
    assert second.saved is not None
    assert second.saved.outs["pscConnectionStatus"] == "ACCEPTED"
    for engine, wanted in ((first, first_wanted), (second, second_wanted)):
        assert engine.preview(wanted) == "unchanged"
        assert engine.refresh() == "unchanged"
    live = world.get(RULE)
    assert live is not None
    assert live["allowPscGlobalAccess"] is True
    assert live["labels"]["vcw-resource"] == "rule"
    second.destroy()
    first.destroy()
    assert set(world.things()) == {"endpoints", "models"}


def test_a_rule_with_another_address_is_refused(world: World) -> None:
    one_shot(world)
    reserved(world)
    ruled(world)
    attachment = seen(world, ENDPOINT)["deployedModels"][0]["privateEndpoints"]["serviceAttachment"]
    wanted = {**HERE, "target": attachment, "network": "default", "address": "10.128.0.99"}
    with pytest.raises(Refused, match=r"address: is .10\.128\.0\.99. here, but"):
        SmallEngine(world, "PscForwardingRule").up({**wanted, "adopt": RULE})


def test_a_split_is_taken_over_and_its_shares_of_others_kept(world: World) -> None:
    name = shared_endpoint(world)
    world.must("PATCH", name, {"trafficSplit": {"11": 60, "22": 40}}, updateMask="trafficSplit")
    engine = SmallEngine(world, "TrafficSplit")
    wanted = {**traffic(name, d11=50, d33=10), "adopt": f"{name}/trafficSplit"}
    assert engine.up(wanted) == "created"
    assert seen(world, name)["trafficSplit"] == {"11": 50, "22": 40, "33": 10}
    assert engine.preview(wanted) == "unchanged"


def test_findings_about_the_weights_stop_no_adoption(world: World) -> None:
    one_shot(world)
    wanted = deployment(adopt=ENDPOINT, privateServiceConnectConfig=PRIVATE)
    del wanted["preflight"]  # the folder is empty
    assert SmallEngine(world, "CustomWeightsDeployment").up(wanted) == "created"


def test_an_import_says_that_a_model_without_its_folder_cannot_be_learnt(tmp_path: Path) -> None:
    with opened(tmp_path, dialects=("artifact-uri-absent",)) as world:
        made = SmallEngine(world, "CustomWeightsDeployment")
        made.up(deployment())
        assert made.saved is not None
        stranger = SmallEngine(world, "CustomWeightsDeployment")
        with pytest.raises(Failed, match="does not say which weights .* name what is there in `ad"):
            stranger.import_(made.saved.id)


def test_an_adoption_takes_the_programs_word_where_the_model_has_none(tmp_path: Path) -> None:
    with opened(tmp_path, dialects=("artifact-uri-absent",)) as world:
        made = SmallEngine(world, "CustomWeightsDeployment")
        made.up(deployment())
        assert made.saved is not None
        again = SmallEngine(world, "CustomWeightsDeployment")
        again.up(deployment(adopt=made.saved.id))
        assert again.saved is not None
        assert again.saved.outs["gcsUri"] == "gs://weights/llama"
        assert again.saved.outs["endpointName"] == made.saved.outs["endpointName"]
        assert "gcsUri is taken from the program" in world.lines.text
        assert again.refresh() == "unchanged"
