"""Values of a stack's configuration that other stacks or endpoints have."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest

from vertex_custom_weights import stack

NETWORK = "acme/network/prod"


@pytest.fixture
def network_stack(program: Any) -> Any:
    """A program whose network stack has deployed its outputs."""
    outputs = {
        "network": "projects/net/global/networks/apps",
        "subnetwork": "projects/net/regions/us-central1/subnetworks/apps",
        "projects": ["here", "apps"],
        "weights": {"support": "gs://models/run-7"},
        "endpoints": {"chat": {"psc_ip_address": "10.0.0.7", "endpoint_name": "e"}},
    }
    program.answers[NETWORK] = {"outputs": outputs}
    return program


def declare(program: Any, **entries: Any) -> dict[str, Any]:
    config = {
        "gcp:project": "here",
        "gcp:region": "us-central1",
        "vertex-custom-weights:endpoints": json.dumps(entries),
    }
    pulumi.runtime.set_all_config(config)
    return program.run_stack(stack.declare)["endpoints"]


def refused(program: Any, **entries: Any) -> list[str]:
    with pytest.raises(pulumi.RunError) as error:
        declare(program, **entries)
    return str(error.value).splitlines()


def of(output: str) -> dict[str, str]:
    return {"stack": NETWORK, "output": output}


def connected(**more: Any) -> dict[str, Any]:
    access = {"network": of("network"), "subnetwork": of("subnetwork"), **more}
    return {"weightsUri": "gs://b/f", "privateServiceConnect": access}


def test_network_of_another_stack_is_connected(network_stack: Any) -> None:
    declare(network_stack, chat=connected(allowedProjects=of("projects")))

    address = network_stack.one("chat-ip").inputs
    rule = network_stack.one("chat-fwd").inputs
    assert address["subnetwork"].endswith("subnetworks/apps")
    assert rule["network"] == "projects/net/global/networks/apps"
    config = network_stack.one("chat-llm").inputs["privateServiceConnectConfig"]
    assert config["projectAllowlist"] == ["here", "apps"]


def test_other_stack_is_read_once(network_stack: Any) -> None:
    declare(network_stack, chat=connected(), embed=connected())
    assert network_stack.read == [NETWORK]


def test_dots_lead_into_objects(network_stack: Any) -> None:
    declare(network_stack, chat={"weightsUri": of("weights.support")})
    assert network_stack.one("chat-llm").inputs["gcsUri"] == "gs://models/run-7"


def test_connections_and_labels_may_come_from_other_stacks(network_stack: Any) -> None:
    apps = {"name": "apps", "network": of("network"), "subnetwork": of("subnetwork")}
    entry = {"weightsUri": "gs://b/f", "privateServiceConnect": {"connections": [apps]}}
    declare(network_stack, chat={**entry, "labels": {"stack": "dev", "of": of("weights.support")}})

    rule = network_stack.one("chat-apps-fwd").inputs
    assert rule["network"] == "projects/net/global/networks/apps"
    labels = network_stack.one("chat-llm").inputs["labels"]
    assert labels == {"stack": "dev", "of": "gs://models/run-7"}


def test_endpoint_of_another_stack_lends_its_connection(network_stack: Any) -> None:
    access = {"sharedWith": of("endpoints.chat")}
    outputs = declare(
        network_stack, rank={"weightsUri": "gs://b/f", "privateServiceConnect": access}
    )
    assert outputs["rank"]["psc_ip_address"] == "10.0.0.7"


@pytest.mark.parametrize("output", ["networks", "weights.chat", "network.name"])
def test_output_that_is_not_there_is_told(network_stack: Any, output: str) -> None:
    (line,) = refused(network_stack, chat={"weightsUri": of(output)})
    assert line.startswith(f"stack {NETWORK} has no output {output}.")


@pytest.mark.parametrize(
    ("entry", "path"),
    [
        ({"public": of("network")}, "public"),
        ({"deployment": of("network")}, "deployment"),
        ({"privateServiceConnect": {"connections": of("network")}}, "privateServiceConnect.con"),
        (
            {"privateServiceConnect": {"network": "n", "subnetwork": "s", "dns": of("d")}},
            "privateServiceConnect.dns",
        ),
    ],
)
def test_what_decides_on_declarations_has_to_be_written_out(
    network_stack: Any, entry: dict[str, Any], path: str
) -> None:
    lines = refused(network_stack, chat={"weightsUri": "gs://b/f", **entry})
    assert any(path in line and "so no other stack can give it" in line for line in lines)
    assert network_stack.declared == []


LENDER: dict[str, Any] = {
    "weightsUri": "gs://b/f",
    "privateServiceConnect": {
        "allowedProjects": ["here", "apps"],
        "network": "vpc",
        "subnetwork": "subnet",
    },
}


def borrower(name: str = "chat", **more: Any) -> dict[str, Any]:
    access = {"allowedProjects": ["apps", "here"], "sharedWith": name}
    return {"weightsUri": "gs://b/g", "privateServiceConnect": access, **more}


def test_endpoints_of_a_stack_share_a_connection_whatever_their_order(program: Any) -> None:
    outputs = declare(program, arank=borrower(), chat=LENDER)

    assert list(outputs) == ["arank", "chat"]
    assert outputs["arank"]["psc_ip_address"] == outputs["chat"]["psc_ip_address"] == "10.0.0.9"
    assert [each.name for each in program.declared if each.type == "vcw:m:Connection"] == ["chat"]


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ({"chat": LENDER, "rank": borrower("chap")}, "chap is no other endpoint of this stack. Di"),
        ({"rank": borrower("rank")}, "rank is no other endpoint"),
        ({"chat": {"weightsUri": "gs://b/f"}, "rank": borrower()}, "chat has no connection. Give"),
        (
            {"chat": LENDER, "rank": borrower(), "sort": borrower("rank")},
            "rank has no connection of its own. Name chat.",
        ),
        ({"chat": LENDER, "rank": borrower(location="us-east1")}, "chat has another location."),
        (
            {"chat": {**LENDER, "project": "p"}, "rank": borrower("chat", location="us-east1")},
            "chat has another project and another location.",
        ),
        (
            {
                "chat": LENDER,
                "rank": {
                    "weightsUri": "gs://b/g",
                    "privateServiceConnect": {"sharedWith": "chat"},
                },
            },
            "chat has another allowedProjects.",
        ),
    ],
)
def test_connection_that_cannot_be_shared_is_told(
    program: Any, entries: dict[str, Any], told: str
) -> None:
    lines = refused(program, **entries)
    assert any("privateServiceConnect.sharedWith: " in line and told in line for line in lines)
    assert program.declared == []


def test_entry_whose_name_is_no_part_of_a_dns_name_asks_for_one(program: Any) -> None:
    access = {**LENDER["privateServiceConnect"], "dns": {"domain": "models.example.com"}}
    (line,) = refused(program, Chat_1={**LENDER, "privateServiceConnect": access})
    assert "Chat_1: privateServiceConnect.dns.name is missing" in line
