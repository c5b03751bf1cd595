"""Addresses and the operations that make, label and release them."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

REGION = "projects/my-proj/regions/us-central1"
SUBNET = f"{REGION}/subnetworks/serving"


def body(name: str = "ip", **fields: Any) -> dict[str, Any]:
    return {"name": name, "addressType": "INTERNAL", "subnetwork": SUBNET, **fields}


def insert(cloud: Any, name: str = "ip", **fields: Any) -> dict[str, Any]:
    response = cloud.compute.post(f"{REGION}/addresses", json=body(name, **fields))
    assert response.status_code == 200, response.text
    cloud.advance(1)
    return get(cloud, name)


def get(cloud: Any, name: str = "ip") -> dict[str, Any]:
    return cloud.compute.get(f"{REGION}/addresses/{name}").json()


def error(response: Any) -> tuple[int, str, str]:
    found = response.json()["error"]
    return response.status_code, found["errors"][0]["reason"], found["message"]


def test_an_internal_address_is_reserved_with_the_services_defaults(cloud: Any) -> None:
    address = insert(cloud, labels={"team": "x"})

    assert address["status"] == "RESERVED"
    assert address["purpose"] == "GCE_ENDPOINT"
    assert address["networkTier"] == "PREMIUM"
    assert address["address"].startswith("10.")
    assert address["labels"] == {"team": "x"}
    assert address["subnetwork"] == f"https://www.googleapis.com/compute/v1/{SUBNET}"


def test_an_operation_runs_until_its_time_and_is_then_done(cloud: Any) -> None:
    started = cloud.compute.post(f"{REGION}/addresses", json=body()).json()
    url = f"{REGION}/operations/{started['name']}"

    assert cloud.compute.get(url).json()["status"] == "RUNNING"
    assert get(cloud)["status"] == "RESERVING"
    cloud.advance(1)
    assert cloud.compute.get(url).json()["status"] == "DONE"
    assert cloud.compute.get(url).json()["progress"] == 100


def test_waiting_for_an_operation_answers_when_it_is_done(cloud: Any) -> None:
    started = cloud.compute.post(f"{REGION}/addresses", json=body()).json()

    done = cloud.compute.post(f"{REGION}/operations/{started['name']}/wait").json()

    assert done["status"] == "DONE"
    assert "error" not in done


def test_addresses_of_a_subnetwork_differ(cloud: Any) -> None:
    addresses = {insert(cloud, f"ip{number}")["address"] for number in range(5)}

    assert len(addresses) == 5


def test_addresses_of_two_subnetworks_differ(cloud: Any) -> None:
    other = f"{REGION}/subnetworks/other"

    assert insert(cloud, "a")["address"] != insert(cloud, "b", subnetwork=other)["address"]


def test_a_released_address_can_be_reserved_again(cloud: Any) -> None:
    first = insert(cloud)["address"]
    cloud.compute.delete(f"{REGION}/addresses/ip")
    cloud.advance(1)

    assert insert(cloud, "other", address=first)["address"] == first


def test_a_literal_that_is_taken_fails_the_operation_and_leaves_nothing(cloud: Any) -> None:
    taken = insert(cloud)["address"]
    started = cloud.compute.post(f"{REGION}/addresses", json=body("two", address=taken)).json()
    cloud.advance(1)

    done = cloud.compute.get(f"{REGION}/operations/{started['name']}").json()

    assert done["status"] == "DONE"
    assert done["error"]["errors"][0]["code"] == "IP_IN_USE_BY_ANOTHER_RESOURCE"
    assert done["httpErrorStatusCode"] == 400
    assert get(cloud, "two")["error"]["code"] == 404


def test_a_name_that_is_taken_is_refused(cloud: Any) -> None:
    insert(cloud)

    refused = cloud.compute.post(f"{REGION}/addresses", json=body())

    assert error(refused)[:2] == (409, "alreadyExists")


def test_a_repeated_request_id_answers_the_same_operation(cloud: Any) -> None:
    query = {"requestId": str(uuid.uuid4())}
    first = cloud.compute.post(f"{REGION}/addresses", json=body(), params=query).json()
    cloud.advance(1)

    again = cloud.compute.post(f"{REGION}/addresses", json=body(), params=query).json()

    assert again["name"] == first["name"]
    assert again["status"] == "DONE"


def test_a_repeated_delete_is_answered_after_the_resource_is_gone(cloud: Any) -> None:
    insert(cloud)
    query = {"requestId": str(uuid.uuid4())}
    first = cloud.compute.delete(f"{REGION}/addresses/ip", params=query).json()
    cloud.advance(1)

    again = cloud.compute.delete(f"{REGION}/addresses/ip", params=query)

    assert again.status_code == 200
    assert again.json()["name"] == first["name"]


@pytest.mark.parametrize("request_id", ["x", "00000000-0000-0000-0000-000000000000"])
def test_a_malformed_request_id_is_refused(cloud: Any, request_id: str) -> None:
    query = {"requestId": request_id}

    refused = cloud.compute.post(f"{REGION}/addresses", json=body(), params=query)

    assert error(refused)[:2] == (400, "invalid")


def test_project_id_and_number_name_the_same_address(cloud: Any) -> None:
    insert(cloud)
    endpoint = cloud.deploy("e1")["name"]
    number = endpoint.split("/")[1]

    found = cloud.compute.get(f"projects/{number}/regions/us-central1/addresses/ip")

    assert found.status_code == 200


def test_labels_are_replaced_with_the_current_fingerprint(cloud: Any) -> None:
    fingerprint = insert(cloud, labels={"a": "1"})["labelFingerprint"]
    sent = {"labels": {"b": "2"}, "labelFingerprint": fingerprint}

    accepted = cloud.compute.post(f"{REGION}/addresses/ip/setLabels", json=sent)

    assert accepted.status_code == 200
    assert get(cloud)["labels"] == {"b": "2"}
    assert get(cloud)["labelFingerprint"] != fingerprint


@pytest.mark.parametrize("stale", [{}, {"labelFingerprint": "42WmSpB8rSM="}])
def test_labels_are_not_replaced_with_a_stale_fingerprint(cloud: Any, stale: Any) -> None:
    insert(cloud, labels={"a": "1"})

    refused = cloud.compute.post(
        f"{REGION}/addresses/ip/setLabels", json={"labels": {"b": "2"}, **stale}
    )

    assert error(refused)[:2] == (412, "conditionNotMet")


def test_an_address_without_labels_has_the_constant_fingerprint(cloud: Any) -> None:
    assert insert(cloud)["labelFingerprint"] == "42WmSpB8rSM="


def test_an_address_that_is_being_reserved_cannot_be_released(cloud: Any) -> None:
    cloud.compute.post(f"{REGION}/addresses", json=body())

    refused = cloud.compute.delete(f"{REGION}/addresses/ip")

    assert error(refused)[:2] == (400, "resourceNotReady")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "Bad_Name"}, "resource.name"),
        ({"purpose": "PRIVATE_SERVICE_CONNECT"}, "global addresses only"),
        ({"subnetwork": "projects/p/regions/europe-west4/subnetworks/s"}, "must be in region"),
        ({"address": "not-an-ip"}, "valid IP address"),
        ({"labels": {"Team": "x"}}, "resource.labels"),
    ],
)
def test_a_malformed_address_is_refused(cloud: Any, fields: dict[str, Any], said: str) -> None:
    refused = cloud.compute.post(f"{REGION}/addresses", json={**body(), **fields})

    status, reason, message = error(refused)
    assert (status, reason) == (400, "invalid")
    assert said in message


def test_an_unknown_region_is_refused(cloud: Any) -> None:
    refused = cloud.compute.get("projects/p/regions/nowhere/addresses")

    assert error(refused)[:2] == (400, "invalid")


def test_lists_are_paged_by_name_and_filtered(cloud: Any) -> None:
    for name in ("c", "a", "b"):
        insert(cloud, name, labels={"team": "x" if name != "b" else "y"})
    first = cloud.compute.get(f"{REGION}/addresses", params={"maxResults": "2"}).json()
    token = {"maxResults": "2", "pageToken": first["nextPageToken"]}
    second = cloud.compute.get(f"{REGION}/addresses", params=token).json()
    query = {"filter": '(labels.team = "x") (status = RESERVED)'}
    filtered = cloud.compute.get(f"{REGION}/addresses", params=query).json()

    assert [item["name"] for item in first["items"]] == ["a", "b"]
    assert [item["name"] for item in second["items"]] == ["c"]
    assert "nextPageToken" not in second
    assert [item["name"] for item in filtered["items"]] == ["a", "c"]


def test_the_addresses_of_all_regions_are_listed_region_by_region(cloud: Any) -> None:
    for region, name in (("us-central1", "a"), ("europe-west4", "b"), ("us-central1", "c")):
        body = {"name": name, "addressType": "INTERNAL"}
        cloud.compute.post(f"projects/my-proj/regions/{region}/addresses", json=body)
    cloud.compute.post("projects/other/regions/us-central1/addresses", json={"name": "theirs"})
    found: dict[str, list[str]] = {}
    query = {"maxResults": "2"}
    for _ in range(2):
        page = cloud.compute.get("projects/my-proj/aggregated/addresses", params=query).json()
        query["pageToken"] = page.get("nextPageToken", "")
        for scope, inside in page["items"].items():
            found.setdefault(scope, []).extend(item["name"] for item in inside["addresses"])

    assert query["pageToken"] == ""
    assert found == {"regions/europe-west4": ["b"], "regions/us-central1": ["a", "c"]}


def test_an_empty_list_has_no_items(cloud: Any) -> None:
    assert "items" not in cloud.compute.get(f"{REGION}/addresses").json()


def test_the_newest_operation_comes_first_on_demand(cloud: Any) -> None:
    for name in ("a", "b"):
        insert(cloud, name)
    query = {"orderBy": "creationTimestamp desc"}

    listed = cloud.compute.get(f"{REGION}/operations", params=query).json()["items"]

    assert [item["targetLink"].rsplit("/", 1)[1] for item in listed] == ["b", "a"]


@pytest.mark.parametrize(
    "query",
    [{"filter": "name ="}, {"maxResults": "9999"}, {"pageToken": "!"}, {"orderBy": "status"}],
)
def test_a_malformed_list_request_is_refused(cloud: Any, query: dict[str, str]) -> None:
    refused = cloud.compute.get(f"{REGION}/addresses", params=query)

    assert error(refused)[:2] == (400, "invalid")
