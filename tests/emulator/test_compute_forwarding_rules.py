"""Forwarding rules to service attachments, and what becomes of their connections."""

from __future__ import annotations

from typing import Any

import pytest

REGION = "projects/my-proj/regions/us-central1"
LOCATION = "projects/my-proj/locations/us-central1"
NETWORK = "projects/my-proj/global/networks/vpc"
BASE = "https://www.googleapis.com/compute/v1/"


@pytest.fixture
def attachment(cloud: Any) -> str:
    return attach(cloud, "my-proj")


def attach(cloud: Any, *allowed: str, endpoint: str = "e1") -> str:
    psc = {"enablePrivateServiceConnect": True, "projectAllowlist": list(allowed)}
    deployed = cloud.deploy(endpoint, privateServiceConnectConfig=psc)["deployedModels"][0]
    return deployed["privateEndpoints"]["serviceAttachment"]


@pytest.fixture
def address(cloud: Any) -> str:
    subnet = f"{REGION}/subnetworks/serving"
    body = {"name": "ip", "addressType": "INTERNAL", "subnetwork": subnet}
    cloud.compute.post(f"{REGION}/addresses", json=body)
    cloud.advance(1)
    return cloud.compute.get(f"{REGION}/addresses/ip").json()["address"]


def post(cloud: Any, target: str, name: str = "rule", **fields: Any) -> Any:
    body = {"name": name, "network": NETWORK, "target": target, **fields}
    return cloud.compute.post(f"{REGION}/forwardingRules", json=body)


def insert(cloud: Any, target: str, name: str = "rule", **fields: Any) -> dict[str, Any]:
    response = post(cloud, target, name, **fields)
    assert response.status_code == 200, response.text
    cloud.advance(1)
    return get(cloud, name)


def get(cloud: Any, name: str = "rule") -> dict[str, Any]:
    return cloud.compute.get(f"{REGION}/forwardingRules/{name}").json()


def error(response: Any) -> tuple[int, str, str]:
    found = response.json()["error"]
    return response.status_code, found["errors"][0]["reason"], found["message"]


def test_a_rule_of_an_allowed_project_is_accepted(
    cloud: Any, attachment: str, address: str
) -> None:
    rule = insert(cloud, attachment, IPAddress=f"{REGION}/addresses/ip", loadBalancingScheme="")

    assert rule["pscConnectionStatus"] == "ACCEPTED"
    assert rule["pscConnectionId"].isdigit()
    assert rule["IPAddress"] == address
    assert rule["target"] == BASE + attachment
    assert "loadBalancingScheme" not in rule


@pytest.mark.parametrize(
    "reference",
    [
        "ip",
        "regions/us-central1/addresses/ip",
        f"{REGION}/addresses/ip",
        f"{BASE}{REGION}/addresses/ip",
        f"http://127.0.0.1:8080/compute/v1/{REGION}/addresses/ip",
        "literal",
    ],
)
def test_an_address_may_be_given_in_every_form(
    cloud: Any, attachment: str, address: str, reference: str
) -> None:
    given = address if reference == "literal" else reference

    assert insert(cloud, attachment, IPAddress=given)["IPAddress"] == address


def test_an_address_shows_who_uses_it(cloud: Any, attachment: str, address: str) -> None:
    rule = insert(cloud, attachment, IPAddress=address)

    used = cloud.compute.get(f"{REGION}/addresses/ip").json()

    assert used["status"] == "IN_USE"
    assert used["users"] == [rule["selfLink"]]


def test_an_address_in_use_is_not_released(cloud: Any, attachment: str, address: str) -> None:
    insert(cloud, attachment, IPAddress=address)

    status, reason, message = error(cloud.compute.delete(f"{REGION}/addresses/ip"))

    assert (status, reason) == (400, "resourceInUseByAnotherResource")
    assert f"is already being used by '{REGION}/forwardingRules/rule'" in message


def test_an_address_is_reserved_again_after_its_rule_is_gone(
    cloud: Any, attachment: str, address: str
) -> None:
    insert(cloud, attachment, IPAddress=address)
    cloud.compute.delete(f"{REGION}/forwardingRules/rule")
    cloud.advance(1)

    assert cloud.compute.get(f"{REGION}/addresses/ip").json()["status"] == "RESERVED"
    assert cloud.compute.delete(f"{REGION}/addresses/ip").status_code == 200


def test_a_second_rule_on_an_address_is_refused(cloud: Any, attachment: str, address: str) -> None:
    insert(cloud, attachment, IPAddress=address)

    status, reason, message = error(post(cloud, attachment, "two", IPAddress=address))

    assert (status, reason) == (400, "invalid")
    assert "in-use and would result in a conflict" in message


def test_a_rule_of_a_project_that_is_not_allowed_stays_pending(cloud: Any) -> None:
    rule = insert(cloud, attach(cloud, "another-project"))

    assert rule["pscConnectionStatus"] == "PENDING"


def test_an_allowlist_may_name_the_project_by_number(cloud: Any) -> None:
    number = cloud.deploy("plain")["name"].split("/")[1]

    assert insert(cloud, attach(cloud, number))["pscConnectionStatus"] == "ACCEPTED"


def test_a_connection_is_closed_ten_minutes_after_the_last_undeployment(
    cloud: Any, attachment: str
) -> None:
    insert(cloud, attachment)
    endpoint = f"{LOCATION}/endpoints/e1"
    deployed = cloud.ok("GET", endpoint)["deployedModels"][0]["id"]
    cloud.result(cloud.ok("POST", f"{endpoint}:undeployModel", {"deployedModelId": deployed}))

    cloud.advance(500)
    assert get(cloud)["pscConnectionStatus"] == "ACCEPTED"
    cloud.advance(120)
    assert get(cloud)["pscConnectionStatus"] == "CLOSED"


def test_a_rule_to_an_attachment_that_is_gone_is_refused(cloud: Any, attachment: str) -> None:
    refused = post(cloud, f"{attachment}x")

    assert error(refused)[:2] == (404, "notFound")


def test_labels_are_refused_on_insert_and_set_afterwards(cloud: Any, attachment: str) -> None:
    refused = post(cloud, attachment, labels={"a": "b"})
    rule = insert(cloud, attachment)
    sent = {"labels": {"a": "b"}, "labelFingerprint": rule["labelFingerprint"]}
    cloud.compute.post(f"{REGION}/forwardingRules/rule/setLabels", json=sent)

    assert error(refused)[:2] == (400, "invalid")
    assert get(cloud)["labels"] == {"a": "b"}


def test_global_access_is_patched_with_the_current_fingerprint(cloud: Any, attachment: str) -> None:
    rule = insert(cloud, attachment)
    sent = {"allowPscGlobalAccess": True, "fingerprint": rule["fingerprint"]}

    accepted = cloud.compute.patch(f"{REGION}/forwardingRules/rule", json=sent)
    again = cloud.compute.patch(f"{REGION}/forwardingRules/rule", json=sent)

    assert accepted.status_code == 200
    assert get(cloud)["allowPscGlobalAccess"] is True
    assert error(again)[:2] == (412, "conditionNotMet")


def test_nothing_else_is_patched(cloud: Any, attachment: str) -> None:
    rule = insert(cloud, attachment)
    sent = {"description": "new", "fingerprint": rule["fingerprint"]}

    refused = cloud.compute.patch(f"{REGION}/forwardingRules/rule", json=sent)

    assert error(refused)[:2] == (400, "invalid")


def test_the_target_is_never_exchanged(cloud: Any, attachment: str) -> None:
    insert(cloud, attachment)

    refused = cloud.compute.post(
        f"{REGION}/forwardingRules/rule/setTarget", json={"target": attachment}
    )

    assert error(refused)[:2] == (400, "invalid")


def test_a_namespace_is_filled_in_for_service_directory(cloud: Any, attachment: str) -> None:
    plain = insert(cloud, attachment, "plain")
    named = insert(cloud, attachment, "named", serviceDirectoryRegistrations=[{"namespace": "n"}])

    assert plain["serviceDirectoryRegistrations"] == [{"namespace": "goog-psc-default"}]
    assert named["serviceDirectoryRegistrations"] == [{"namespace": "n"}]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"loadBalancingScheme": "EXTERNAL"}, "resource.loadBalancingScheme"),
        ({"network": ""}, "resource.network"),
        ({"ports": ["80"]}, "resource.ports"),
        ({"serviceDirectoryRegistrations": [{}, {}]}, "resource.serviceDirectoryRegistrations"),
        ({"IPAddress": "300.1.1.1"}, "resource.IPAddress"),
    ],
)
def test_what_a_private_rule_cannot_have_is_refused(
    cloud: Any, attachment: str, fields: dict[str, Any], field: str
) -> None:
    status, reason, message = error(post(cloud, attachment, **fields))

    assert (status, reason) == (400, "invalid")
    assert f"'{field}'" in message


def test_an_attachment_of_another_region_is_refused(cloud: Any, attachment: str) -> None:
    elsewhere = attachment.replace("us-central1", "europe-west4")

    assert "must be in region" in error(post(cloud, elsewhere))[2]


def test_a_rule_to_something_else_is_not_emulated(cloud: Any) -> None:
    response = post(cloud, f"{REGION}/targetHttpProxies/p")

    assert response.status_code == 501


def test_rules_are_listed(cloud: Any, attachment: str) -> None:
    insert(cloud, attachment)

    listed = cloud.compute.get(f"{REGION}/forwardingRules").json()

    assert [item["name"] for item in listed["items"]] == ["rule"]
    assert listed["kind"] == "compute#forwardingRuleList"


def test_an_endpoint_answers_at_the_address_of_its_accepted_rule(
    cloud: Any, attachment: str, address: str
) -> None:
    insert(cloud, attachment, IPAddress=address)
    endpoint = cloud.ok("GET", f"{LOCATION}/endpoints/e1")["name"]
    private = cloud.client(f"http://{address}/v1/")
    message = {"role": "user", "content": "hello"}

    answer = private.post(f"{endpoint}/chat/completions", json={"messages": [message]})

    assert answer.status_code == 200
    assert "hello" in answer.json()["choices"][0]["message"]["content"]


NETWORK_OF_ANOTHER = "projects/my-proj/global/networks/other"
AUTOMATED = {
    "enablePrivateServiceConnect": True,
    "projectAllowlist": ["my-proj"],
    "pscAutomationConfigs": [{"projectId": "my-proj", "network": NETWORK_OF_ANOTHER}],
}


def automated(endpoint: dict[str, Any]) -> dict[str, Any]:
    return endpoint["privateServiceConnectConfig"]["pscAutomationConfigs"][0]


def test_automation_makes_a_rule_through_which_the_endpoint_answers(cloud: Any) -> None:
    endpoint = cloud.deploy("e1", privateServiceConnectConfig=AUTOMATED)
    rule = cloud.compute.get(automated(endpoint)["forwardingRule"]).json()
    private = cloud.client(f"http://{automated(endpoint)['ipAddress']}/v1/")

    answer = private.post(f"{endpoint['name']}/chat/completions", json={"messages": []})

    assert rule["pscConnectionStatus"] == "ACCEPTED"
    assert rule["network"] == BASE + NETWORK_OF_ANOTHER
    assert answer.status_code == 200


def test_automation_is_undone_with_the_last_model_and_starts_anew(cloud: Any) -> None:
    endpoint = cloud.deploy("e1", privateServiceConnectConfig=AUTOMATED)
    first = automated(endpoint)["forwardingRule"]
    gone = {"deployedModelId": endpoint["deployedModels"][0]["id"]}
    cloud.result(cloud.ok("POST", f"{endpoint['name']}:undeployModel", gone))
    without = cloud.ok("GET", endpoint["name"])
    machine = {"machineType": "g2-standard-12", "acceleratorType": 11, "acceleratorCount": 1}
    model = endpoint["deployedModels"][0]["model"]
    again = {"model": model, "dedicatedResources": {"machineSpec": machine, "minReplicaCount": 1}}
    deploy = f"{endpoint['name']}:deployModel"
    cloud.result(cloud.ok("POST", deploy, {"deployedModel": again}))
    second = automated(cloud.ok("GET", endpoint["name"]))["forwardingRule"]

    assert cloud.compute.get(first).status_code == 404
    assert set(automated(without)) == {"projectId", "network"}
    assert second != first
    assert cloud.compute.get(second).json()["pscConnectionStatus"] == "ACCEPTED"


def test_a_network_of_another_project_than_its_subnetwork_is_refused(
    cloud: Any, attachment: str, address: str
) -> None:
    network = "projects/hub/global/networks/default"
    refused = post(cloud, attachment, network=network, IPAddress=f"{REGION}/addresses/ip")
    assert error(refused)[:2] == (400, "invalid")
    assert "does not belong to the network" in error(refused)[2]
    own = {"network": network, "subnetwork": f"{REGION}/subnetworks/default"}
    assert error(post(cloud, attachment, **own))[:2] == (400, "invalid")
    shared = "projects/hub/regions/us-central1/subnetworks/default"
    assert insert(cloud, attachment, network=network, subnetwork=shared)["network"].endswith(
        network
    )
