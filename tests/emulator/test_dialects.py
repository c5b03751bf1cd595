"""Dialects turn round what the documentation says, one statement each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from vertex_custom_weights_provider.emulator import Settings, assembly, create_app, dialects
from vertex_custom_weights_provider.emulator.behaviour_notes import TOPICS

from .conftest import LOCATION, Cloud, deploy_body, refusal

ENDPOINT = f"{LOCATION}/endpoints/e1"
STATEMENTS = {
    note.text: note.basis
    for notes in (
        *(route.notes for route in assembly.router().routes),
        *(notes for _, notes in TOPICS),
    )
    for note in notes
}


@pytest.mark.parametrize("name", dialects.table())
def test_a_dialect_turns_round_what_is_assumed_or_reported(name: str) -> None:
    assert STATEMENTS[dialects.table()[name].statement] in ("assumed", "reported")


def test_a_dialect_that_does_not_exist_is_refused_with_what_may_be_meant(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Did you mean stale-etag-400"):
        create_app(Settings(tmp_path / "state.db", dialects=("stale-etag-40",)))


def test_labels_may_be_dropped(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(dialects=("labels-dropped-on-deploy",))
    assert cloud.deploy("e1", labels={"a": "b"})["labels"] == {"mg-deploy": "custom-weights"}


def test_an_endpoint_may_be_seen_late(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(dialects=("endpoint-visible-late",))
    cloud.ok("POST", f"{LOCATION}:deploy", deploy_body("e1"))
    cloud.advance(2)
    assert cloud.call("GET", ENDPOINT).status_code == 404
    cloud.advance(5)
    assert cloud.call("GET", ENDPOINT).status_code == 200


def test_an_endpoint_may_be_seen_at_once_and_be_labelled_later(
    make_cloud: Callable[..., Cloud],
) -> None:
    cloud = make_cloud(dialects=("endpoint-visible-at-once-without-labels",))
    cloud.ok("POST", f"{LOCATION}:deploy", deploy_body("e1", labels={"a": "b"}))
    assert "labels" not in cloud.ok("GET", ENDPOINT)
    cloud.advance(10)
    assert cloud.ok("GET", ENDPOINT)["labels"]["a"] == "b"


def test_a_taken_id_may_be_told_by_the_operation(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(dialects=("taken-id-in-operation",))
    cloud.deploy("e1")
    done = cloud.finish(cloud.ok("POST", f"{LOCATION}:deploy", deploy_body("e1", "other")))
    assert done["error"]["code"] == 6


def test_a_deletion_may_be_done_at_once(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(dialects=("delete-answers-done-at-once",))
    created = cloud.ok("POST", f"{LOCATION}/endpoints", {"displayName": "x"}, endpointId="e1")
    cloud.result(created)
    assert cloud.ok("DELETE", ENDPOINT)["done"] is True
    assert cloud.call("GET", ENDPOINT).status_code == 404


@pytest.mark.parametrize(
    ("dialect", "status"), [("stale-etag-400", "FAILED_PRECONDITION"), ("", "ABORTED")]
)
def test_a_stale_etag_is_told_in_one_way_or_another(
    make_cloud: Callable[..., Cloud], dialect: str, status: str
) -> None:
    cloud = make_cloud(dialects=(dialect,) if dialect else ())
    cloud.result(cloud.ok("POST", f"{LOCATION}/endpoints", {"displayName": "x"}, endpointId="e1"))
    body = {"displayName": "y", "etag": "stale"}
    assert refusal(cloud, "PATCH", ENDPOINT, body, updateMask="displayName")[0] == status


def test_a_model_may_count_as_deployed_for_a_while(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(dialects=("model-left-by-undeploy",))
    endpoint = cloud.deploy("e1")
    undeploy = {"deployedModelId": endpoint["deployedModels"][0]["id"]}
    operation = cloud.ok("POST", f"{ENDPOINT}:undeployModel", undeploy)
    cloud.advance(1)
    assert cloud.ok("GET", operation["name"])["done"] is True
    model = f"{LOCATION}/models/model-e1"
    assert refusal(cloud, "DELETE", model)[0] == "FAILED_PRECONDITION"
    cloud.advance(60)
    cloud.result(cloud.ok("DELETE", model))
