"""The contract as clients meet it: parameters, prefixes, number encodings, unknown methods."""

from __future__ import annotations

from typing import Any

import pytest

LOCATION = "projects/my-proj/locations/us-central1"


def test_a_query_parameter_may_be_spelled_in_snake_case(cloud: Any) -> None:
    for name in ("one", "two"):
        cloud.result(cloud.ok("POST", f"{LOCATION}/endpoints", {"displayName": name}))

    page = cloud.ok("GET", f"{LOCATION}/endpoints", page_size="1")

    assert len(page["endpoints"]) == 1


def test_an_unknown_query_parameter_is_refused(cloud: Any) -> None:
    response = cloud.call("GET", f"{LOCATION}/endpoints", limit="1")

    assert response.status_code == 400
    message = response.json()["error"]["message"]
    assert 'Unknown name "limit": Cannot bind query parameter.' in message


def test_enums_are_numbers_when_the_client_asks_for_them(cloud: Any) -> None:
    endpoint = cloud.deploy("e1")["name"]

    read = cloud.ok("GET", endpoint, **{"$alt": "json;enum-encoding=int"})

    machine = read["deployedModels"][0]["dedicatedResources"]["machineSpec"]
    assert machine["acceleratorType"] == 11


def test_trailing_commas_are_taken(cloud: Any) -> None:
    body = '{"displayName": "a, }b", "labels": {"k": "v",},}'

    response = cloud.api.post(f"{LOCATION}/endpoints", content=body)

    assert response.status_code == 200


@pytest.mark.parametrize(
    ("url", "method"),
    [
        (
            "https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/l/endpoints/1:explain",
            "aiplatform.projects.locations.endpoints.explain",
        ),
        (
            "https://compute.googleapis.com/compute/v1/projects/p/global/forwardingRules",
            "compute.globalForwardingRules.insert",
        ),
    ],
)
def test_a_published_method_that_is_not_served_answers_501_by_name(
    cloud: Any, url: str, method: str
) -> None:
    response = cloud.api.post(url)

    assert response.status_code == 501
    assert method in response.json()["error"]["message"]


def test_compute_errors_have_the_older_envelope(cloud: Any) -> None:
    error = cloud.compute.get("projects/p/regions/us-central1/addresses/none").json()["error"]

    assert error == {
        "code": 404,
        "message": "The resource 'projects/p/regions/us-central1/addresses/none' was not found",
        "errors": [{"message": error["message"], "domain": "global", "reason": "notFound"}],
    }


@pytest.mark.parametrize("body", ["{", "[1]", "null", '"x"', "\xff", '{"a":' * 100_000])
def test_a_body_that_is_no_object_is_refused(cloud: Any, body: str) -> None:
    response = cloud.api.post(f"{LOCATION}/endpoints", content=body.encode("latin-1"))

    assert response.status_code == 400
    assert response.json()["error"]["status"] == "INVALID_ARGUMENT"


def test_a_deeply_nested_value_is_refused_or_taken(cloud: Any) -> None:
    nested = '{"a":' * 5_000 + "1" + "}" * 5_000
    body = f'{{"displayName": "e", "labels": {nested}}}'

    assert cloud.api.post(f"{LOCATION}/endpoints", content=body).status_code == 400
