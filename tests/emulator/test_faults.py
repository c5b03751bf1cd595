"""Faults: what they do to a call, which calls they meet, and how their uses are accounted for."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from vertex_custom_weights_provider.emulator.trouble.injection import ConnectionLost

LOCATION = "projects/my-proj/locations/us-central1"
ENDPOINTS = f"{LOCATION}/endpoints"
GET = "aiplatform.projects.locations.endpoints.get"
CREATE = "aiplatform.projects.locations.endpoints.create"


@pytest.fixture
def admin(cloud: Any) -> httpx.Client:
    return cloud.client("http://localhost/_emulator/")


def add(admin: httpx.Client, method: str, **fields: Any) -> str:
    response = admin.post("faults", json={"method": method, **fields})
    assert response.status_code == 200, response.text
    return response.json()["id"]


def unused(admin: httpx.Client) -> list[str]:
    return admin.get("faults").json()["unused"]


@pytest.mark.parametrize(
    ("http", "status"),
    [
        (401, "UNAUTHENTICATED"),
        (429, "RESOURCE_EXHAUSTED"),
        (500, "UNKNOWN"),
        (503, "UNAVAILABLE"),
        (504, "DEADLINE_EXCEEDED"),
    ],
)
def test_a_status_is_answered_as_often_as_ordered(
    cloud: Any, admin: httpx.Client, http: int, status: str
) -> None:
    add(admin, GET, error={"http": http}, times=2)

    answers = [cloud.call("GET", f"{ENDPOINTS}/none") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [http, http, 404]
    assert answers[0].json()["error"]["status"] == status


def test_a_compute_error_has_its_own_envelope(cloud: Any, admin: httpx.Client) -> None:
    add(admin, "compute.addresses.get", error={"http": 503, "message": "busy"})

    answer = cloud.compute.get("projects/p/regions/us-central1/addresses/a")

    assert answer.json()["error"]["errors"][0] == {
        "message": "busy",
        "domain": "global",
        "reason": "backendError",
    }


def test_a_fault_meets_only_the_method_and_resource_it_is_about(
    cloud: Any, admin: httpx.Client
) -> None:
    fault = add(admin, "*.endpoints.get", resource="*/endpoints/e2", error={"http": 503})

    assert cloud.call("GET", f"{ENDPOINTS}/e1").status_code == 404
    assert cloud.call("GET", ENDPOINTS).status_code == 200
    assert unused(admin) == [fault]
    assert cloud.call("GET", f"{ENDPOINTS}/e2").status_code == 503
    assert unused(admin) == []


def test_a_fault_may_let_calls_pass_first(cloud: Any, admin: httpx.Client) -> None:
    add(admin, GET, error={"http": 503}, skip=2)

    answers = [cloud.call("GET", f"{ENDPOINTS}/e").status_code for _ in range(4)]

    assert answers == [404, 404, 503, 404]


def test_a_connection_lost_before_the_call_changes_nothing(cloud: Any, admin: httpx.Client) -> None:
    add(admin, CREATE, reset="before")

    with pytest.raises(ConnectionLost):
        cloud.call("POST", ENDPOINTS, {"displayName": "e"}, endpointId="e1")

    assert admin.get("log").json()["entries"] == []


def test_a_connection_lost_after_the_call_loses_only_the_answer(
    cloud: Any, admin: httpx.Client
) -> None:
    add(admin, CREATE, reset="after")

    with pytest.raises(ConnectionLost):
        cloud.call("POST", ENDPOINTS, {"displayName": "e"}, endpointId="e1")

    cloud.advance(1)
    assert cloud.call("GET", f"{ENDPOINTS}/e1").status_code == 200
    assert unused(admin) == []


def test_a_lost_connection_is_a_connection_error_in_process() -> None:
    assert issubclass(ConnectionLost, ConnectionResetError)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_connection_closes_the_socket_of_a_served_emulator(
    served: Callable[..., str], when: str
) -> None:
    url = served()
    httpx.post(f"{url}/_emulator/faults", json={"method": CREATE, "reset": when})

    with pytest.raises(httpx.TransportError):
        httpx.post(f"{url}/v1beta1/{ENDPOINTS}", json={"displayName": "e"})

    log = httpx.get(f"{url}/_emulator/log").json()["entries"]
    assert len(log) == (when == "after")


def test_an_answer_can_be_late(cloud: Any, admin: httpx.Client) -> None:
    add(admin, GET, delaySeconds=0.2)
    began = time.monotonic()

    assert cloud.call("GET", f"{ENDPOINTS}/e").status_code == 404
    assert time.monotonic() - began >= 0.2


def test_a_late_answer_may_also_be_an_error(cloud: Any, admin: httpx.Client) -> None:
    add(admin, GET, delaySeconds=0.05, error={"http": 504})

    assert cloud.call("GET", f"{ENDPOINTS}/e").status_code == 504


def test_a_stuck_operation_never_ends_but_can_be_cancelled(cloud: Any, admin: httpx.Client) -> None:
    add(admin, CREATE, operation={"stuck": True})
    operation = cloud.ok("POST", ENDPOINTS, {"displayName": "e"})["name"]

    cloud.advance(86_400)
    assert "done" not in cloud.ok("GET", operation)
    cloud.ok("POST", f"{operation}:cancel")
    assert cloud.ok("GET", operation)["error"]["code"] == 1


def test_a_stuck_compute_operation_never_ends(cloud: Any, admin: httpx.Client) -> None:
    add(admin, "compute.addresses.insert", operation={"stuck": True})
    region = "projects/p/regions/us-central1"
    name = cloud.compute.post(f"{region}/addresses", json={"name": "ip"}).json()["name"]
    cloud.advance(86_400)

    assert cloud.compute.get(f"{region}/operations/{name}").json()["status"] == "RUNNING"


def test_an_operation_can_end_in_an_error_after_a_while(cloud: Any, admin: httpx.Client) -> None:
    error = {"status": "INTERNAL", "message": "broken"}
    add(admin, CREATE, operation={"error": error, "after": 30})
    operation = cloud.ok("POST", ENDPOINTS, {"displayName": "e"}, endpointId="e1")["name"]

    cloud.advance(29)
    assert "done" not in cloud.ok("GET", operation)
    cloud.advance(2)
    assert cloud.ok("GET", operation)["error"] == {"code": 13, "message": "broken"}
    assert cloud.call("GET", f"{ENDPOINTS}/e1").status_code == 404


def test_an_operation_can_take_longer(cloud: Any, admin: httpx.Client) -> None:
    add(admin, CREATE, operation={"seconds": 100})
    operation = cloud.ok("POST", ENDPOINTS, {"displayName": "e"})["name"]

    cloud.advance(90)
    assert "done" not in cloud.ok("GET", operation)
    cloud.advance(11)
    assert cloud.ok("GET", operation)["done"]


def test_an_error_message_may_speak_of_the_call(cloud: Any, admin: httpx.Client) -> None:
    add(admin, GET, error={"status": "NOT_FOUND", "message": "no {resource} in {location}"})

    answer = cloud.call("GET", f"{ENDPOINTS}/e1").json()

    assert answer["error"]["message"] == f"no {ENDPOINTS}/e1 in us-central1"


def test_faults_are_removed_one_by_one_or_all_together(cloud: Any, admin: httpx.Client) -> None:
    first, _ = (add(admin, GET, error={"http": 503}) for _ in range(2))

    assert admin.delete(f"faults/{first}").status_code == 200
    assert admin.delete(f"faults/{first}").status_code == 404
    assert len(unused(admin)) == 1
    admin.delete("faults")
    assert cloud.call("GET", f"{ENDPOINTS}/e").status_code == 404


def test_the_emulators_own_interface_is_never_hit(admin: httpx.Client) -> None:
    add(admin, "*", error={"http": 503}, times=9)

    assert admin.get("state").status_code == 200


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"error": {"http": 503}}, "needs a method"),
        ({"method": "*"}, "needs error, reset, delaySeconds or operation"),
        ({"method": "*", "reset": "during"}, "neither before nor after"),
        ({"method": "*", "stage": "later", "reset": "before"}, "none of request, operation"),
        ({"method": "*", "eror": {}}, "'eror' is no field of a rule"),
        ({"method": "*", "error": {"code": 3}}, "'code' is no field of a error"),
        ({"method": "*", "operation": {"hang": True}}, "'hang' is no field of a operation"),
        ({"method": "*", "operation": {"leaves": "model"}}, "leaves is a list of endpoint and"),
        ({"method": "*", "operation": {"leaves": ["rule"]}}, "leaves is a list of endpoint and"),
        ({"method": "*", "reset": "before", "times": "two"}, "times of a rule cannot be 'two'"),
    ],
)
def test_a_malformed_fault_is_refused(admin: httpx.Client, body: Any, said: str) -> None:
    answer = admin.post("faults", json=body)

    assert answer.status_code == 400
    assert said in answer.json()["error"]["message"]


def test_faults_survive_a_restart(make_cloud: Callable[..., Any], cloud: Any) -> None:
    add(cloud.client("http://localhost/_emulator/"), GET, error={"http": 503}, times=2)
    cloud.call("GET", f"{ENDPOINTS}/e")

    again = make_cloud()

    assert [again.call("GET", f"{ENDPOINTS}/e").status_code for _ in range(2)] == [503, 404]
