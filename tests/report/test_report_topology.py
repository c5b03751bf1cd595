"""Endpoints with all that belongs to them: versions, shares, connections."""

from __future__ import annotations

from typing import Any

from vertex_custom_weights_provider.report.model import Callers, EndpointReport, Fate
from vertex_custom_weights_provider.report.topology import Rank

from .support.previews import (
    ATTACHMENT,
    PLACE,
    PRIVATE,
    UNKNOWN,
    component,
    deployment,
    deployment_urn,
    facts,
    only,
    report,
    rule,
    step,
    urn,
)

SERVING = "projects/here/locations/us-central1/endpoints/serving-1"
SERVING_URN = urn("serving", "vcw:m:Endpoint")


def endpoint(op: str = "same", **fields: Any) -> dict[str, Any]:
    wanted = {**PLACE, "endpointId": "serving-1", "privateServiceConnectConfig": PRIVATE}
    outputs = {"endpointName": SERVING}
    return step("serving", "vcw:m:Endpoint", op, new=wanted, outputs=outputs, **fields)


def onto(name: str, op: str = "same", **fields: Any) -> dict[str, Any]:
    """Make a deployment onto the endpoint `serving`."""
    base = {"endpoint": SERVING, "endpointUserId": None}
    for side in ("old", "new"):
        fields[side] = {**base, **fields.get(side, {})}
    return deployment(name, op, depends={"endpoint": [SERVING_URN]}, **fields)


def split(op: str, *entries: dict[str, Any], old: list[Any] | None = None) -> dict[str, Any]:
    wanted = {"endpoint": SERVING, "traffic": list(entries)}
    was = {"endpoint": SERVING, "traffic": old} if old else None
    depends = {"endpoint": [SERVING_URN]}
    return step("split", "vcw:m:Traffic", op, old=was, new=wanted, depends=depends)


def titles(found: EndpointReport, rank: Rank) -> list[str]:
    return [node.title for node in found.topology.nodes if node.rank is rank]


def labels(found: EndpointReport) -> list[str]:
    return [edge.label for edge in found.topology.edges if edge.label]


def test_rollout_onto_the_same_endpoint_keeps_callers_and_counts_twice() -> None:
    new = {"gcsUri": "gs://bucket/two", "weightsFingerprint": "w1-2", "modelUserId": "chat-2"}
    made = report(endpoint(), onto("blue", "update", old={}, new=new))

    found = only(made)
    assert (found.fate, found.callers) == (Fate.ROLLED_OUT, Callers.UNAFFECTED)
    assert "rolled out in place" in found.effects[0].lower()
    assert [c.path for c in found.reasons[0].changes] == ["gcsUri"]
    assert (made.quotas[0].before, made.quotas[0].meanwhile, made.quotas[0].after) == (1, 2, 1)


def test_deployments_onto_one_endpoint_wait_for_each_other() -> None:
    both = {deployment_urn(name): facts(expected_minutes=20) for name in ("blue", "green")}
    made = report(endpoint("create"), onto("blue", "create"), onto("green", "create"), found=both)

    assert only(made).minutes == 40


def test_shares_of_known_deployments_are_found_by_id() -> None:
    entries = (
        {"deployedModelId": "id-blue", "percent": 90},
        {"deployedModelId": "id-green", "percent": 10},
    )
    found = only(report(endpoint(), onto("blue"), onto("green"), split("same", *entries)))

    assert titles(found, Rank.DEPLOYMENT) == ["blue", "green"]
    assert labels(found) == ["90 %", "10 %"]


def test_shares_of_new_deployments_are_found_by_name() -> None:
    entries = (
        {"deployedModelId": UNKNOWN, "percent": 10, "name": "green"},
        {"deployedModelId": UNKNOWN, "percent": 90, "name": "blue"},
    )
    made = report(
        endpoint("create"),
        onto("chat-blue", "create"),
        onto("chat-green", "create"),
        split("create", *entries),
    )

    assert labels(only(made)) == ["90 %", "10 %"]


def test_shares_that_nobody_can_match_are_shown_on_the_endpoint() -> None:
    entries = [{"deployedModelId": UNKNOWN, "percent": share} for share in (10, 90)]
    made = report(
        endpoint("create"), onto("a", "create"), onto("b", "create"), split("create", *entries)
    )

    (node,) = [n for n in only(made).topology.nodes if n.rank is Rank.ENDPOINT]
    assert "traffic 90 % / 10 %" in node.detail
    assert labels(only(made)) == []


def test_last_unknown_share_belongs_to_the_last_deployment() -> None:
    entries = (
        {"deployedModelId": "id-blue", "percent": 90},
        {"deployedModelId": UNKNOWN, "percent": 10},
    )
    made = report(endpoint(), onto("blue"), onto("green", "create"), split("update", *entries))

    assert labels(only(made)) == ["90 %", "10 %"]


def test_deployment_onto_an_endpoint_of_another_program_stands_for_it() -> None:
    made = report(deployment("blue", "create", new={"endpoint": SERVING, "endpointUserId": None}))

    assert only(made).name == "serving-1"


def test_rule_that_is_shared_cuts_off_callers_of_both() -> None:
    of = deployment_urn("a")
    private = {"privateServiceConnectConfig": PRIVATE}
    made = report(
        deployment("a", "same", old=private),
        deployment("b", "same", old=private),
        rule("r", "replace", ATTACHMENT, of=of, network="other"),
    )

    assert {e.name: e.callers for e in made.endpoints} == {
        "a": Callers.CUT_OFF,
        "b": Callers.CUT_OFF,
    }
    assert {e.fate for e in made.endpoints} == {Fate.RECONNECTED}
    assert [e.name for e in made.endpoints for part in e.parts if part.name == "r"] == ["a"]


def test_two_endpoints_in_one_component_go_by_their_own_names() -> None:
    made = report(
        component("team"),
        deployment("a", "same", home="team"),
        deployment("b", "same", home="team"),
    )

    assert sorted(e.name for e in made.endpoints) == ["a", "b"]


def test_private_endpoint_without_a_rule_says_who_may_connect() -> None:
    new = {"privateServiceConnectConfig": PRIVATE}
    found = only(report(deployment("chat", "create", new=new)))

    (node,) = [n for n in found.topology.nodes if n.rank is Rank.NETWORK]
    assert (node.title, node.detail) == ("no connection here", "allowed: here")


def test_networks_that_google_connects_are_in_the_picture() -> None:
    network = {"projectId": "shop", "network": "projects/shop/global/networks/apps"}
    new = {"privateServiceConnectConfig": {**PRIVATE, "pscAutomationConfigs": [network]}}
    found = only(report(deployment("chat", "create", new=new)))

    (node,) = [n for n in found.topology.nodes if n.rank is Rank.NETWORK]
    assert (node.title, node.detail) == ("apps", "shop")
    assert labels(found) == ["by Google", "100 %"]


def test_address_that_the_program_asks_for_is_shown_before_it_is_reserved() -> None:
    where = urn("a", "vcw:m:Address")
    made_of = {"target": [deployment_urn("chat")], "address": [where]}
    wanted = {"project": "here", "network": "apps", "target": UNKNOWN}
    made = report(
        deployment("chat", "create", new={"privateServiceConnectConfig": PRIVATE}),
        step("a", "vcw:m:Address", "create", new={"address": "10.1.2.3"}),
        step("r", "vcw:m:Rule", "create", new=wanted, depends=made_of),
    )

    assert titles(only(made), Rank.RULE) == ["10.1.2.3"]
    assert len(only(made).parts) == 3
