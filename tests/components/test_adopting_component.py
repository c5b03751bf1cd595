"""Components that take over what exists."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from vertex_custom_weights import CustomWeightsEndpoint

ENDPOINT = "projects/p/locations/us-central1/endpoints/by-hand"
ADDRESS = "projects/p/regions/us-central1/addresses/by-hand"
RULE = "projects/p/regions/us-central1/forwardingRules/by-hand"
ARGS: dict[str, Any] = {"weights_uri": "gs://bucket/folder"}


def declare(program: Any, **more: Any) -> None:
    program.run(lambda: CustomWeightsEndpoint("chat", {**ARGS, **more}))  # type: ignore[typeddict-item]


def test_deployment_address_and_rule_adopt_what_is_named(program: Any) -> None:
    access = {
        "network": "vpc",
        "subnetwork": "subnet",
        "adopt_address": ADDRESS,
        "adopt_forwarding_rule": RULE,
    }
    declare(program, deployment={"adopt": ENDPOINT}, private_service_connect=access)
    assert program.one("chat-llm").inputs["adopt"] == ENDPOINT
    assert program.one("chat-ip").inputs["adopt"] == ADDRESS
    assert program.one("chat-fwd").inputs["adopt"] == RULE


def test_endpoint_and_the_deployment_on_it_adopt_what_is_named(program: Any) -> None:
    how = {"adopt": f"{ENDPOINT}/deployedModels/77", "rollout": "same-endpoint"}
    declare(program, deployment=how)
    assert program.one("chat-api").inputs["adopt"] == ENDPOINT
    assert program.one("chat-llm").inputs["adopt"] == f"{ENDPOINT}/deployedModels/77"


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ({"deployment": {"adopt": f"{ENDPOINT}/deployedModels/7"}}, "Set deployment.rollout"),
        ({"deployment": {"adopt": ENDPOINT, "rollout": "same-endpoint"}}, "deployedModels/ID"),
        ({"deployment": {"adopt": 7}}, "deployment.adopt must be text, not 7"),
        ({"deployment": {"adopt": pulumi.Output.from_input(ENDPOINT)}}, "cannot be an Output"),
        ({"private_service_connect": {"adopt_address": ADDRESS}}, "needs a network"),
    ],
)
def test_adoption_that_does_not_fit_is_refused(args: Any, told: str) -> None:
    (problem,) = CustomWeightsEndpoint.problems({**ARGS, **args})
    assert told in problem


def test_versions_adopt_nothing() -> None:
    versions = {"blue": {"weights_uri": "gs://b/f", "traffic": 100}}
    (problem,) = CustomWeightsEndpoint.problems(
        {"versions": versions, "deployment": {"adopt": ENDPOINT}}
    )
    assert "excludes versions" in problem
