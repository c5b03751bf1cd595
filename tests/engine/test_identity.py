"""One thing stays one thing, whatever is done to its name, its place and its state."""

from __future__ import annotations

import json
from typing import Any

from vertex_custom_weights_provider.tokens import import_token

from .support.cloud import LOCATION, REGION, EmulatedCloud
from .support.groups import INPUTS, KINDS, RESOURCES, Changes, Group, declare, prepare
from .support.harness import Engine

COLLECTIONS = ("endpoints", "models", "addresses", "forwardingRules")
RELABELLING = {
    "endpoints.patch",
    "models.patch",
    "addresses.setLabels",
    "forwardingRules.setLabels",
}
CONTAINER = {"imageUri": "us-docker.pkg.dev/p/r/image"}
MACHINE = {"machineType": "g2-standard-12", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 1}
ONE_REPLICA = {"machineSpec": MACHINE, "minReplicaCount": 1}


def things(cloud: EmulatedCloud) -> list[str]:
    """Return the id of everything that is there, with its collection."""
    return sorted(
        f"{collection}/{name}" for collection in COLLECTIONS for name in cloud.names(collection)
    )


def of(group: str, found: list[str]) -> list[str]:
    """Keep a group's: two endpoints, two models, an address and a rule."""
    return [name for name in found if name.split("/")[1].startswith(f"{group}-")]


def verbs(changes: list[str]) -> set[str]:
    return {change.split()[0] for change in changes}


def replacing(group: Group, stack: str, *but: str) -> list[str]:
    """Return the options that force the replacement of a group, without these kinds."""
    urns = group.urns(stack)
    return [f"--replace={urn}" for urn in urns if urn.rsplit("-", 1)[-1] not in but]


def test_names_parents_stacks_and_forced_replacements_move_nothing(engine: Engine) -> None:
    cloud = prepare(engine)
    changed = Changes(cloud)
    renamed, shelved = Group("x", renamed_from="a"), Group("b", shelf="shelf")
    tainted, forced = Group("c"), Group("d")
    declare(engine, Group("a"), Group("b"), tainted, forced)
    engine.up()
    made = things(cloud)
    assert [len(of(group, made)) for group in "abcd"] == [6, 6, 6, 6]
    changed()

    engine.run("state", "taint", *tainted.urns("dev"))
    declare(engine, renamed, shelved, tainted, forced)
    run = engine.up(*replacing(forced, "dev"))
    assert (run.changes["update"], run.changes["replace"]) == (12, 10)
    assert "to deploy anew instead, raise `generation`" in run.text
    assert verbs(changed()) == RELABELLING
    assert things(cloud) == made

    run = engine.up(*(f"--target-replace={urn}" for urn in forced.urns("dev")))
    assert run.changes["replace"] == 5
    relabelled = changed()
    assert verbs(relabelled) == RELABELLING
    assert {change.split()[1][:2] for change in relabelled} == {"d-"}
    assert things(cloud) == made

    engine.run("stack", "rename", "prod")
    engine.stack = "prod"
    run = engine.up()
    assert run.changes["update"] == 24
    assert verbs(changed()) == RELABELLING
    assert things(cloud) == made

    # What has another name than it was made under is really replaced when that is asked for: the
    # deployment onto an endpoint that stays, too.
    first_deleted = Group("b", shelf="shelf", options={"delete_before_replace": True})
    declare(engine, renamed, first_deleted, tainted, forced)
    engine.up(*replacing(renamed, "prod", "host"), *replacing(first_deleted, "prod"))
    done = changed()
    left = things(cloud)
    assert [len(of(group, left)) for group in "axbcd"] == [1, 5, 6, 6, 6]
    assert not set(of("b", left)) & set(of("b", made))
    deployed = done.index(next(each for each in done if "locations.deploy b-" in each))
    assert deployed > done.index(next(each for each in done if "endpoints.delete b-solo" in each))
    assert engine.preview().unchanged

    engine.destroy()
    assert cloud.empty


def test_destroyed_and_retained_things_come_back_without_a_double(engine: Engine) -> None:
    cloud = prepare(engine)
    changed = Changes(cloud)
    declare(engine, Group("r", options={"retain_on_delete": True}), Group("b"))
    engine.up()
    first = things(cloud)

    declare(engine)
    engine.up()
    assert things(cloud) == of("r", first)
    changed()

    declare(engine, Group("r"), Group("b"))
    engine.up()
    assert of("r", things(cloud)) == of("r", first)
    assert verbs([each for each in changed() if " r-" in each]) == RELABELLING
    engine.destroy()
    assert cloud.empty

    engine.up()
    third = things(cloud)
    ids = {name.rsplit("/", 1)[-1] for name in third}
    for name in (name for name in first if "endpoints/" in name):
        made = name.rsplit("/", 1)[-1]
        assert f"{made}-{2 if made.startswith('r-') else 3}" in ids
    assert len(third) == len(first)
    assert engine.preview().unchanged
    engine.destroy()
    assert cloud.empty


def test_what_is_removed_from_the_program_unfinished_leaves_nothing(engine: Engine) -> None:
    cloud = prepare(engine, deploy_seconds=600)
    cloud.make(":deploy", deploy_request("closed"))
    cloud.admin("PUT", "scenarios/active", {"names": ["psc-rejected"]})
    by_hand = things(cloud)
    (closed,) = cloud.endpoint("closed")["deployedModels"]
    target = {"target": closed["privateEndpoints"]["serviceAttachment"]}
    soon = {"timeouts": {"create": "1s"}}
    more = {"onto": soon, "solo": soon, "rule": target}
    late = {k: {**v, **more.get(k, {})} for k, v in INPUTS.items() if k != "split"}
    declare(engine, Group("late", inputs=late))
    run = engine.up("--continue-on-error", ok=False)
    assert "still running" in run.text
    unfinished = {name for name, saved in engine.resources().items() if saved.get("initErrors")}
    assert unfinished == {"late-onto", "late-solo", "late-rule"}

    changed, under_way = Changes(cloud), list[str]()
    changed()

    def deploying() -> bool:
        under_way.extend(verbs(changed()) & {"locations.deploy", "endpoints.deployModel"})
        return len(under_way) == 2

    declare(engine, Group("cut", inputs={kind: INPUTS[kind] for kind in ("host", "onto", "solo")}))
    with engine.start("up") as update:
        update.wait_until(deploying)
        update.interrupt()
        update.finish(ok=False)

    declare(engine)
    with engine.start("up") as removal:
        removal.wait_for("waiting for the end of what runs on")
        cloud.admin("POST", "clock", {"advance": "600s"})
        removal.finish()
    assert things(cloud) == by_hand
    assert cloud.admin("GET", "state")["running"] == []
    assert engine.resources() == {}


def deploy_request(id: str) -> dict[str, Any]:
    """Return what makes a private endpoint by hand."""
    private = {"enablePrivateServiceConnect": True, "projectAllowlist": ["local-project"]}
    return {
        "customModel": {"gcsUri": "gs://weights/llama"},
        "modelConfig": {"modelUserId": id},
        "endpointConfig": {"endpointUserId": id, "privateServiceConnectConfig": private},
        "deployConfig": {"dedicatedResources": ONE_REPLICA},
    }


def made_by_hand(cloud: EmulatedCloud) -> list[dict[str, str]]:
    """Make one of everything as somebody would without a program; return what to import."""
    model = {"displayName": "onto", "artifactUri": "gs://weights/llama", "containerSpec": CONTAINER}
    onto = {"id": "11", "model": f"{LOCATION}/models/onto", "dedicatedResources": ONE_REPLICA}
    subnetwork = f"{REGION}/subnetworks/default"
    cloud.make("endpoints", {"displayName": "host"}, endpointId="host")
    cloud.make("models:upload", {"modelId": "onto", "model": model})
    body = {"deployedModel": onto, "trafficSplit": {"0": 100}}
    cloud.make("endpoints/host:deployModel", body)
    cloud.make(":deploy", deploy_request("solo"))
    cloud.make(
        "addresses", {"name": "address", "addressType": "INTERNAL", "subnetwork": subnetwork}
    )
    (deployed,) = cloud.endpoint("solo")["deployedModels"]
    rule = {
        "name": "rule",
        "target": deployed["privateEndpoints"]["serviceAttachment"],
        "IPAddress": f"{REGION}/addresses/address",
        "network": "projects/local-project/global/networks/default",
        "loadBalancingScheme": "",
    }
    cloud.make("forwardingRules", rule)
    ids = {
        "host": f"{LOCATION}/endpoints/host",
        "onto": f"{LOCATION}/endpoints/host/deployedModels/11",
        "split": f"{LOCATION}/endpoints/host/trafficSplit",
        "solo": f"{LOCATION}/endpoints/solo",
        "address": f"{REGION}/addresses/address",
        "rule": f"{REGION}/forwardingRules/rule",
    }
    return [
        {"type": import_token(KINDS[kind]), "name": f"i-{kind}", "id": id}
        for kind, id in ids.items()
    ]


def edited(**changes: dict[str, Any]) -> Group:
    """Return the imported group with more inputs, by kind."""
    return Group("i", inputs={kind: {**INPUTS[kind], **changes.get(kind, {})} for kind in INPUTS})


def test_what_was_imported_is_changed_in_place_and_replaced_like_anything_else(
    engine: Engine,
) -> None:
    cloud = prepare(engine)
    resources = made_by_hand(cloud)
    by_hand = things(cloud)
    changed = Changes(cloud)
    changed()
    (engine.folder / "import.json").write_text(json.dumps({"resources": resources}))
    engine.run("import", "--file=import.json", "--generate-code=false", "--protect=false", "--yes")

    # The import has learnt full names and a literal address; the program abbreviates.
    declare(engine, Group("i"))
    preview = engine.preview()
    assert set(preview.changes) == {"same", "update"}
    assert {step.name for step in preview.steps if step.op == "update"} == {"i-onto", "i-solo"}
    assert set(preview.step("i-solo").detailed) == {"preflight"}

    labels = {"labels": {"team": "search"}}
    two = {"dedicated_resources": {**RESOURCES, "max_replica_count": 2}}
    in_place = {
        "host": {**labels, "description": "imported"},
        "onto": {**labels, **two},
        "solo": {**labels, **two},
        "address": labels,
        "rule": {**labels, "allow_psc_global_access": True},
    }
    declare(engine, edited(**in_place))
    run = engine.up()
    assert run.changes["update"] == 5
    assert verbs(changed()) == {
        *RELABELLING,
        "endpoints.mutateDeployedModel",
        "forwardingRules.patch",
    }
    assert things(cloud) == by_hand

    in_place["host"]["dedicated_endpoint_enabled"] = False
    in_place["solo"]["gcs_uri"] = "gs://weights/other"
    in_place["address"]["subnetwork"] = "other"
    declare(engine, edited(**in_place))
    run = engine.up()
    assert run.changes["replace"] == 6
    replaced = things(cloud)
    assert (len(replaced), set(replaced) & set(by_hand)) == (6, set())
    assert len(of("i", replaced)) == 6
    assert engine.preview().unchanged
    engine.destroy()
    assert cloud.empty


def test_what_a_killed_replacement_has_marked_is_taken_back_after_a_refresh(engine: Engine) -> None:
    cloud = prepare(engine, deploy_seconds=0.1)
    declare(engine, Group("a"))
    engine.up()
    changed = Changes(cloud)
    changed()
    for name in cloud.names("endpoints"):  # as a run does that ends before its engine hears of it
        labels = cloud.endpoint(name)["labels"]
        cloud.patch(name, {"labels": {**labels, "vcw-incarnation": "0123456789ab"}})
    assert len(changed()) == 2

    preview = engine.preview("--refresh")
    told = [line.resource for line in preview.diagnostics if "has taken it over" in line.message]
    assert sorted(set(told)) == ["a-host", "a-solo"]
    assert preview.changes == {"update": 2, "same": 5}
    engine.up("--refresh")
    assert verbs(changed()) == {"endpoints.patch"}
    assert engine.refresh("--expect-no-changes").unchanged
    engine.destroy()
    assert cloud.empty
