"""`PrivateServiceConnect`: an address, and the rule that connects it."""

from __future__ import annotations

from typing import Any

import pulumi

from vertex_custom_weights import PrivateServiceConnect

PREFIX = "pulumi-python:dynamic/vertex-custom-weights"
TARGET = "projects/tenant/regions/us-central1/serviceAttachments/attachment"


def connect(program: Any, **args: Any) -> dict[str, Any]:
    given: Any = {
        "service_attachment": TARGET,
        "network": "vpc",
        "subnetwork": "subnet",
        **args,
    }
    return program.run(lambda: PrivateServiceConnect("psc", given))


def test_connection_is_an_address_and_a_rule_under_it(program: Any) -> None:
    connect(program)

    assert program.one("psc").type == "vertex-custom-weights:index:PrivateServiceConnect"
    assert program.one("psc-address").type == f"{PREFIX}:PscAddress"
    assert program.one("psc-forwarding-rule").type == f"{PREFIX}:PscForwardingRule"
    assert program.one("psc-address").parent == program.one("psc-forwarding-rule").parent == "psc"


def test_rule_takes_the_reserved_address_by_name(program: Any) -> None:
    outputs = connect(program)

    rule = program.one("psc-forwarding-rule")
    assert rule.inputs["address"] == outputs["address_name"]
    assert rule.uses_by_input["address"] == {"psc-address"}


def test_address_comes_from_the_subnetwork_and_the_rule_joins_the_network(program: Any) -> None:
    connect(program)

    assert program.one("psc-address").inputs["subnetwork"] == "subnet"
    assert program.one("psc-forwarding-rule").inputs["network"] == "vpc"
    assert program.one("psc-forwarding-rule").inputs["target"] == TARGET


def test_consumer_project_and_region_default_to_the_stacks(program: Any) -> None:
    connect(program)
    for name in ("psc-address", "psc-forwarding-rule"):
        inputs = program.one(name).inputs
        assert (inputs["project"], inputs["region"]) == ("here", "us-central1")


def test_consumer_may_be_another_project(program: Any) -> None:
    connect(program, project=pulumi.Output.from_input("consumer"), region="europe-west4")
    for name in ("psc-address", "psc-forwarding-rule"):
        inputs = program.one(name).inputs
        assert (inputs["project"], inputs["region"]) == ("consumer", "europe-west4")


def test_literal_address_and_global_access_are_passed_on(program: Any) -> None:
    outputs = connect(program, ip_address="10.0.0.7", global_access=True)

    assert program.one("psc-address").inputs["address"] == outputs["psc_ip_address"] == "10.0.0.7"
    assert program.one("psc-forwarding-rule").inputs["allowPscGlobalAccess"] is True


def test_options_left_out_are_left_to_the_service(program: Any) -> None:
    connect(program)

    assert "address" not in program.one("psc-address").inputs
    assert "allowPscGlobalAccess" not in program.one("psc-forwarding-rule").inputs


def test_labels_reach_address_and_rule(program: Any) -> None:
    connect(program, labels={"team": "search"})
    for name in ("psc-address", "psc-forwarding-rule"):
        assert program.one(name).inputs["labels"] == {"team": "search"}


def test_outputs_are_all_registered(program: Any) -> None:
    outputs = connect(program)

    assert set(outputs) == {
        "psc_ip_address",
        "address_name",
        "forwarding_rule_name",
        "psc_connection_status",
    }
    assert program.registered["psc"] == outputs
