"""Endpoints that use a connection which is there already."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from vertex_custom_weights import CustomWeightsEndpoint

from .support.recording import ATTACHMENT

NETWORK = {"network": "vpc", "subnetwork": "subnet"}
FIRST = {"weights_uri": "gs://b/first", "private_service_connect": NETWORK}


def sharing(program: Any, shared: Any, preview: bool = False) -> dict[str, Any]:
    """Declare an endpoint that shares this connection, and return its outputs."""
    given: Any = {"weights_uri": "gs://b/f", "private_service_connect": {"shared_with": shared}}
    return program.run(lambda: CustomWeightsEndpoint("second", given), preview=preview)


def test_second_endpoint_is_called_by_the_address_of_the_first(program: Any) -> None:
    def build() -> CustomWeightsEndpoint:
        first = CustomWeightsEndpoint("first", FIRST)
        access: Any = {"shared_with": first.connection}
        return CustomWeightsEndpoint(
            "second", {"weights_uri": "gs://b/second", "private_service_connect": access}
        )

    outputs = program.run(build)
    addressed = {each.name for each in program.declared if each.type == "vcw:m:Address"}
    assert addressed == {"first-ip"}
    assert outputs["psc_ip_address"] == "10.0.0.9"
    assert outputs["psc_connection_status"] == "ACCEPTED"
    assert outputs["openai_base_url"] == f"http://10.0.0.9/v1beta1/{outputs['endpoint_name']}"


def test_name_of_a_shared_connection_serves_the_second_endpoint_too(program: Any) -> None:
    shared = {"psc_ip_address": "10.0.0.9", "private_dns_name": "models.example.com"}
    outputs = sharing(program, shared)

    url = f"http://models.example.com/v1beta1/{outputs['endpoint_name']}"
    assert outputs["openai_base_url"] == url


def test_outputs_of_another_stack_are_a_connection(program: Any) -> None:
    theirs = {"psc_ip_address": "10.0.0.9", "service_attachment": ATTACHMENT, "model_name": "m"}
    outputs = sharing(program, pulumi.Output.from_input(theirs))

    assert outputs["psc_ip_address"] == "10.0.0.9"
    assert outputs["private_dns_name"] == outputs["psc_connection_status"] == ""


def test_preview_knows_the_url_before_it_knows_the_attachment(program: Any) -> None:
    shared = {"psc_ip_address": "10.0.0.9", "service_attachment": ATTACHMENT}
    outputs = sharing(program, shared, preview=True)

    assert outputs["service_attachment"] is None
    assert outputs["openai_base_url"].startswith("http://10.0.0.9/")


def test_connection_that_leads_elsewhere_is_refused(program: Any) -> None:
    shared = {"psc_ip_address": "10.0.0.9", "service_attachment": "projects/t/elsewhere"}
    with pytest.raises(pulumi.RunError, match="leads to projects/t/elsewhere, but this endpoint"):
        sharing(program, shared)


@pytest.mark.parametrize(
    ("access", "told"),
    [
        ({"shared_with": {}}, r"shared_with\.psc_ip_address is missing"),
        ({"shared_with": {"ip": "10.0.0.9"}}, r"shared_with\.ip does not exist"),
        ({"shared_with": "first"}, "shared_with must be an object"),
        ({"shared_with": {"psc_ip_address": "1"}, **NETWORK}, "so network, subnetwork cannot be"),
        ({"shared_with": {"psc_ip_address": "1"}, "dns": {"domain": "a.b"}}, "so dns cannot be"),
    ],
)
def test_shared_connection_that_cannot_be_used_is_refused(
    program: Any, access: dict[str, Any], told: str
) -> None:
    given: Any = {"weights_uri": "gs://b/f", "private_service_connect": access}
    with pytest.raises(pulumi.RunError, match=told):
        program.run(lambda: CustomWeightsEndpoint("second", given))
    assert program.declared == []


CONSUMER = {"name": "apps", "network": "n", "subnetwork": "s", "project": "apps"}


@pytest.mark.parametrize("allowed", [None, ["here"], ["here", "shops"]])
def test_consumer_project_that_is_not_let_in_is_told(program: Any, allowed: Any) -> None:
    access: Any = {"connections": [CONSUMER]}
    given: Any = {
        "weights_uri": "gs://b/f",
        "private_service_connect": access
        if allowed is None
        else {**access, "allowed_projects": allowed},
    }
    with pytest.raises(pulumi.RunError, match=r"apps is not one of allowed_projects \(here"):
        program.run(lambda: CustomWeightsEndpoint("chat", given))


@pytest.mark.parametrize("allowed", [["here", "apps"], ["123456"], pulumi.Output.from_input([])])
def test_consumer_project_that_may_be_let_in_is_connected(program: Any, allowed: Any) -> None:
    access: Any = {"connections": [CONSUMER], "allowed_projects": allowed}
    given: Any = {"weights_uri": "gs://b/f", "private_service_connect": access}
    program.run(lambda: CustomWeightsEndpoint("chat", given))
    assert program.one("chat-apps-ip").inputs["project"] == "apps"
