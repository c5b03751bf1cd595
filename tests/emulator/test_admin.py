"""The emulator's own interface: state, log, clock, reset."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest

LOCATION = "projects/my-proj/locations/us-central1"
REGION = "projects/my-proj/regions/us-central1"


@pytest.fixture
def admin(cloud: Any) -> httpx.Client:
    return cloud.client("http://localhost/_emulator/")


def test_the_state_names_what_exists_and_what_still_runs(cloud: Any, admin: httpx.Client) -> None:
    cloud.deploy("e1")
    cloud.compute.post(f"{REGION}/addresses", json={"name": "ip", "addressType": "INTERNAL"})

    state = admin.get("state").json()

    assert state["counts"]["endpoints"] == 1
    assert [name.rsplit("/", 1)[1] for name in state["resources"]["endpoints"]] == ["e1"]
    assert [name.rsplit("/", 1)[1] for name in state["resources"]["addresses"]] == ["ip"]
    assert len(state["running"]) == 1


def test_the_log_holds_accepted_changes_in_order(cloud: Any, admin: httpx.Client) -> None:
    endpoint = cloud.deploy("e1")["name"]
    cloud.ok("PATCH", endpoint, {"displayName": "new"}, updateMask="displayName")
    cloud.call("DELETE", endpoint)

    entries = admin.get("log").json()["entries"]

    assert [entry["method"].rsplit(".", 1)[1] for entry in entries] == ["deploy", "patch"]
    assert entries[0]["target"] == endpoint
    assert entries[1]["resource"] == endpoint


def test_the_log_is_read_from_a_position_and_by_method(cloud: Any, admin: httpx.Client) -> None:
    endpoint = cloud.deploy("e1")["name"]
    position = admin.get("log").json()["entries"][-1]["position"]
    cloud.ok("PATCH", endpoint, {"displayName": "new"}, updateMask="displayName")

    later = admin.get("log", params={"after": position}).json()["entries"]
    deploys = admin.get("log", params={"method": "*.deploy"}).json()["entries"]

    assert [entry["method"].rsplit(".", 1)[1] for entry in later] == ["patch"]
    assert len(deploys) == 1


def test_the_log_keeps_the_newest_changes_and_their_positions(
    cloud: Any, admin: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vertex_custom_weights_provider.emulator.admin.KEPT", 3)
    monkeypatch.setattr("vertex_custom_weights_provider.emulator.admin.SLACK", 1)
    names = [f"a{number}" for number in range(5)]
    for name in names:
        cloud.compute.post(f"{REGION}/addresses", json={"name": name}).raise_for_status()

    entries = admin.get("log").json()["entries"]
    later = admin.get("log", params={"after": entries[0]["position"]}).json()["entries"]

    assert [entry["target"].rsplit("/", 1)[1] for entry in entries] == names[2:]
    assert later == entries[1:]


def test_a_replayed_request_is_marked_in_the_log(cloud: Any, admin: httpx.Client) -> None:
    query = {"requestId": "7a1f9f5e-51d5-4a5f-b2b6-1d9ad35b8ba5"}
    for _ in range(2):
        cloud.compute.post(f"{REGION}/addresses", json={"name": "ip"}, params=query)

    entries = admin.get("log", params={"method": "compute.*"}).json()["entries"]

    assert [entry.get("replayed", False) for entry in entries] == [False, True]
    assert entries[0]["target"] == f"{REGION}/addresses/ip"


def test_reading_changes_nothing_in_the_log(cloud: Any, admin: httpx.Client) -> None:
    cloud.call("GET", f"{LOCATION}/endpoints")
    admin.get("state")

    assert admin.get("log").json()["entries"] == []


def test_a_reset_forgets_everything(cloud: Any, admin: httpx.Client) -> None:
    cloud.deploy("e1")
    admin.post("faults", json={"method": "*", "error": {"http": 503}})

    admin.post("reset")

    assert set(admin.get("state").json()["counts"].values()) == {0}
    assert admin.get("log").json()["entries"] == []
    assert admin.get("faults").json()["faults"] == []


@pytest.mark.parametrize("amount", ["90", 90, "90s", "1.5m"])
def test_the_clock_moves_forward_on_demand(admin: httpx.Client, amount: object) -> None:
    admin.post("clock", json={"factor": 0})
    before = admin.get("clock").json()["now"]

    after = admin.post("clock", json={"advance": amount}).json()["now"]

    assert _seconds(after) - _seconds(before) == pytest.approx(90, abs=0.01)


@pytest.mark.parametrize(
    "wrong", [{"factor": "nan"}, {"factor": 1e30}, {"factor": -1}, {"advance": "9999999d"}]
)
def test_a_clock_that_could_not_be_shown_is_refused(
    admin: httpx.Client, wrong: dict[str, Any]
) -> None:
    assert admin.post("clock", json=wrong).status_code == 400
    assert admin.get("clock").json()["factor"] == 1


def _seconds(stamp: str) -> float:
    hours, minutes, seconds = stamp[11:-1].split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def test_a_clock_that_runs_fast_finishes_operations_early(cloud: Any, admin: httpx.Client) -> None:
    admin.post("clock", json={"factor": 1000})
    operation = cloud.ok("POST", f"{LOCATION}/endpoints", {"displayName": "e"})

    assert cloud.ok("POST", f"{operation['name']}:wait", timeout="1s")["done"]


@pytest.mark.parametrize(
    "body", [{}, {"advance": "-5s"}, {"advance": "soon"}, {"factor": -1}, {"back": 1}]
)
def test_a_senseless_change_of_the_clock_is_refused(admin: httpx.Client, body: Any) -> None:
    assert admin.post("clock", json=body).status_code == 400


def test_every_accepted_change_is_logged_once_under_concurrency(
    served: Callable[..., str],
) -> None:
    url = served()

    def create(number: int) -> None:
        body = {"name": f"ip{number}", "addressType": "INTERNAL"}
        httpx.post(f"{url}/compute/v1/{REGION}/addresses", json=body).raise_for_status()

    threads = [threading.Thread(target=create, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    entries = httpx.get(f"{url}/_emulator/log").json()["entries"]
    assert len({entry["target"] for entry in entries}) == len(entries) == 12
