"""What the emulator itself fails at ends one operation and is told; nothing else is the worse."""

from __future__ import annotations

import logging
import os
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from vertex_custom_weights_provider.emulator import Settings, create_app
from vertex_custom_weights_provider.emulator.http import patterns
from vertex_custom_weights_provider.emulator.state import timers

from .conftest import COMPUTE, LOCATION, PRIVATE, Cloud, deploy_body, refusal

_REGION = "projects/my-proj/regions/us-central1"


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Make an effect fail from now on."""

    def fail(moment: Any, payload: Any) -> None:
        moment.tx.put("half", "done", {})
        raise KeyError("planted")

    def plant(effect: str) -> None:
        monkeypatch.setitem(timers._EFFECTS, effect, fail)

    return plant


def test_a_deployment_whose_effect_fails_ends_with_code_13_and_is_logged(
    cloud: Cloud, broken: Callable[[str], None], caplog: pytest.LogCaptureFixture
) -> None:
    started = cloud.ok("POST", f"{LOCATION}:deploy", deploy_body("e1"))
    broken("deploy.finish")
    with caplog.at_level(logging.ERROR):
        done = cloud.finish(started)
    assert done["done"] is True
    assert done["error"]["code"] == 13
    reference = done["error"]["message"].rpartition(" ")[2]
    (told,) = [record for record in caplog.records if reference in record.getMessage()]
    assert "planted" in str(told.exc_info)


def test_nothing_of_an_effect_that_fails_is_kept(
    cloud: Cloud, broken: Callable[[str], None]
) -> None:
    started = cloud.ok("POST", f"{LOCATION}:deploy", deploy_body("e1"))
    broken("deploy.finish")
    cloud.finish(started)
    with cloud.app.store.read() as tx:
        assert tx.get("half", "done") is None


def test_others_go_on_while_an_effect_fails(cloud: Cloud, broken: Callable[[str], None]) -> None:
    cloud.ok("POST", f"{LOCATION}:deploy", deploy_body("e1"))
    other = cloud.ok("POST", f"{LOCATION}/endpoints", {"displayName": "x"}, endpointId="e2")
    broken("deploy.finish")
    assert cloud.result(other)["displayName"] == "x"


def test_a_compute_operation_whose_change_fails_ends_with_an_error(
    cloud: Cloud, broken: Callable[[str], None]
) -> None:
    address = {"name": "a", "addressType": "INTERNAL"}
    operation = cloud.compute.post(f"{_REGION}/addresses", json=address).json()
    broken("compute.ready")
    cloud.advance(5)
    done = cloud.compute.get(f"{_REGION}/operations/{operation['name']}").json()
    assert done["status"] == "DONE"
    assert done["httpErrorStatusCode"] == 500


def test_an_effect_that_nobody_knows_stops_nothing(cloud: Cloud) -> None:
    with cloud.app.store.write() as tx:
        tx.schedule(0, "of.a.newer.version", {})
    assert cloud.call("GET", f"{LOCATION}/endpoints").status_code == 200


def test_the_emulators_own_interface_lets_nothing_happen(
    cloud: Cloud, broken: Callable[[str], None], caplog: pytest.LogCaptureFixture
) -> None:
    cloud.ok("POST", f"{LOCATION}:deploy", deploy_body("e1"))
    cloud.advance(60)
    broken("deploy.finish")
    admin = cloud.client("http://localhost/_emulator/")
    for verb, path in (("GET", "log"), ("GET", "faults"), ("DELETE", "faults"), ("POST", "reset")):
        assert admin.request(verb, path).status_code == 200
    assert not caplog.records


def test_a_handler_that_fails_is_an_error_of_google_with_a_reference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from vertex_custom_weights_provider.emulator.aiplatform import endpoint_record

    def fail(*_: Any) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(endpoint_record, "view", fail)
    cloud = Cloud(create_app(Settings(state=tmp_path / "state.db")))
    cloud.ok("POST", f"{LOCATION}:deploy", deploy_body("e1"))
    cloud.advance(60)
    status, message = refusal(cloud, "GET", f"{LOCATION}/endpoints/e1")
    assert status == "INTERNAL"
    assert message.rpartition(" ")[2] in caplog.text
    cloud.app.close()


@pytest.mark.parametrize("project", ["projects/p", "p", "123456789012"])
def test_every_spelling_of_a_project_is_connected_and_cleared_away(
    cloud: Cloud, project: str
) -> None:
    private = {
        **PRIVATE,
        "projectAllowlist": [project],
        "pscAutomationConfigs": [{"projectId": project, "network": "projects/p/global/networks/n"}],
    }
    endpoint = cloud.deploy("e1", privateServiceConnectConfig=private)
    (made,) = endpoint["privateServiceConnectConfig"]["pscAutomationConfigs"]
    assert made["state"] == "PSC_AUTOMATION_STATE_SUCCESSFUL"
    deployed = endpoint["deployedModels"][0]["id"]
    undeploy = {"deployedModelId": deployed}
    cloud.result(cloud.ok("POST", f"{endpoint['name']}:undeployModel", undeploy))
    assert cloud.client(COMPUTE).get(made["forwardingRule"]).status_code == 404


@pytest.mark.parametrize("project", ["a/b", "projects/a/b", "", "pröjekt"])
def test_a_project_that_is_none_is_refused(cloud: Cloud, project: str) -> None:
    private = {**PRIVATE, "projectAllowlist": [project]}
    body = deploy_body("e1", privateServiceConnectConfig=private)
    assert refusal(cloud, "POST", f"{LOCATION}:deploy", body)[0] == "INVALID_ARGUMENT"


def test_only_the_owner_may_read_the_state(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    state.touch(mode=0o644)
    before = os.umask(0o022)
    try:
        cloud = Cloud(create_app(Settings(state=state)))
        cloud.ok("POST", f"{LOCATION}:deploy", deploy_body("e1"))
        modes = {f.name: stat.S_IMODE(f.stat().st_mode) for f in tmp_path.glob("state.db*")}
        assert set(modes.values()) == {0o600}, modes
        cloud.app.close()
    finally:
        os.umask(before)


def test_a_machine_clock_that_is_set_back_holds_nothing_up(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = cloud.ok("POST", f"{LOCATION}:deploy", deploy_body("e1"))
    true_time = time.time
    monkeypatch.setattr(time, "time", lambda: true_time() - 7200)
    assert "done" not in cloud.ok("GET", started["name"])
    monkeypatch.setattr(time, "time", lambda: true_time() - 7200 + 60)
    assert cloud.ok("GET", started["name"])["done"] is True


@pytest.mark.parametrize(
    ("expression", "text", "matches"),
    [
        ("a.*b", "a--b", True),
        ("a.*b", "a--bc", False),
        ("(ab|c)+", "abcab", True),
        ("[a-c]+[^x]?", "abcz", True),
        ("x?y", "y", True),
        (r"\d+\.", "12.", True),
        ("(a*)*" * 30 + "b", "a" * 200, False),
        ("(a|a)+$", "a" * 200 + "!", False),
    ],
)
def test_a_regular_expression_of_a_client_takes_no_time(
    expression: str, text: str, *, matches: bool
) -> None:
    answers: list[bool] = []
    work = threading.Thread(
        target=lambda: answers.append(patterns.regular(expression).fullmatch(text)), daemon=True
    )
    work.start()
    work.join(5)
    assert answers == [matches]


@pytest.mark.parametrize("expression", ["(", "a)", "*", "[a", "a{2}", "(" * 200, "\\"])
def test_what_is_no_regular_expression_is_refused(cloud: Cloud, expression: str) -> None:
    query = {"filter": f'name eq "{expression}"'}
    answer: httpx.Response = cloud.compute.get(f"{_REGION}/addresses", params=query)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("name = a*", ["a1", "a2"]),
        ("name != a*", ["b1"]),
        ('name eq "[ab]1"', ["a1", "b1"]),
        ("name ne .*1", ["a2"]),
        ("name = a1 OR name = b1", ["a1", "b1"]),
        ("(name eq a.*) (name ne .*2)", ["a1"]),
        ("NOT (name = a1 OR name = a2)", ["b1"]),
        ("labels.team:*", ["b1"]),
    ],
)
def test_lists_are_filtered_with_wildcards_expressions_and_or(
    cloud: Cloud, expression: str, found: list[str]
) -> None:
    for name in ("a1", "a2", "b1"):
        labels = {"labels": {"team": "x"}} if name == "b1" else {}
        body = {"name": name, "addressType": "INTERNAL", **labels}
        assert cloud.compute.post(f"{_REGION}/addresses", json=body).status_code == 200
    answer = cloud.compute.get(f"{_REGION}/addresses", params={"filter": expression}).json()
    assert [item["name"] for item in answer.get("items", [])] == found
