"""`PrivateServiceConnect`: an address, and the rule that connects it."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from vertex_custom_weights import PrivateServiceConnect
from vertex_custom_weights.parts.private_service_connect import OUTPUTS

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

    assert program.one("psc").type == "vcw:m:Connection"
    assert program.one("psc-ip").type == "vcw:m:Address"
    assert program.one("psc-fwd").type == "vcw:m:Rule"
    assert program.one("psc-ip").parent == program.one("psc-fwd").parent == "psc"


def test_rule_takes_the_reserved_address_by_name(program: Any) -> None:
    outputs = connect(program)

    rule = program.one("psc-fwd")
    assert rule.inputs["address"] == outputs["address_name"]
    assert rule.uses_by_input["address"] == {"psc-ip"}


def test_address_comes_from_the_subnetwork_and_the_rule_joins_the_network(program: Any) -> None:
    connect(program)

    assert program.one("psc-ip").inputs["subnetwork"] == "subnet"
    assert program.one("psc-fwd").inputs["network"] == "vpc"
    assert program.one("psc-fwd").inputs["target"] == TARGET


def test_consumer_project_and_region_default_to_the_stacks(program: Any) -> None:
    connect(program)
    for name in ("psc-ip", "psc-fwd"):
        inputs = program.one(name).inputs
        assert (inputs["project"], inputs["region"]) == ("here", "us-central1")


def test_consumer_may_be_another_project(program: Any) -> None:
    connect(program, project=pulumi.Output.from_input("consumer"), region="europe-west4")
    for name in ("psc-ip", "psc-fwd"):
        inputs = program.one(name).inputs
        assert (inputs["project"], inputs["region"]) == ("consumer", "europe-west4")


def test_literal_address_and_global_access_are_passed_on(program: Any) -> None:
    outputs = connect(program, ip_address="10.0.0.7", global_access=True)

    assert program.one("psc-ip").inputs["address"] == outputs["psc_ip_address"] == "10.0.0.7"
    assert program.one("psc-fwd").inputs["allowPscGlobalAccess"] is True


def test_options_left_out_are_left_to_the_service(program: Any) -> None:
    connect(program)

    assert "address" not in program.one("psc-ip").inputs
    assert "allowPscGlobalAccess" not in program.one("psc-fwd").inputs


def test_labels_reach_address_and_rule(program: Any) -> None:
    connect(program, labels={"team": "search"})
    for name in ("psc-ip", "psc-fwd"):
        assert program.one(name).inputs["labels"] == {"team": "search"}


def test_outputs_are_all_registered(program: Any) -> None:
    outputs = connect(program)

    assert set(outputs) == set(OUTPUTS)
    assert program.registered["psc"] == outputs
    assert outputs["psc_ip_addresses"] == {"default": outputs["psc_ip_address"]}


SEVERAL = [
    {"network": "vpc", "subnetwork": "subnet", "ip_address": "10.0.0.1"},
    {
        "name": "shops",
        "network": "projects/shops/global/networks/shops",
        "subnetwork": "projects/shops/regions/us-central1/subnetworks/shops",
        "project": "shops",
        "ip_address": "10.9.0.1",
    },
]


def several(program: Any, **args: Any) -> dict[str, Any]:
    given: Any = {"service_attachment": TARGET, "connections": SEVERAL, **args}
    return program.run(lambda: PrivateServiceConnect("psc", given))


def test_every_network_gets_an_address_and_a_rule_named_after_its_connection(program: Any) -> None:
    outputs = several(program)

    assert program.names == {
        "psc",
        "psc-ip",
        "psc-fwd",
        "psc-shops-ip",
        "psc-shops-fwd",
    }
    assert outputs["psc_ip_addresses"] == {"default": "10.0.0.1", "shops": "10.9.0.1"}
    assert outputs["psc_ip_address"] == "10.0.0.1"
    for name in ("psc-shops-ip", "psc-shops-fwd"):
        assert program.one(name).inputs["project"] == "shops"
    assert program.one("psc-shops-fwd").inputs["target"] == TARGET


def test_connection_without_a_name_is_the_one_in_front_wherever_it_stands(program: Any) -> None:
    outputs = several(program, connections=[*reversed(SEVERAL)])
    assert outputs["psc_ip_address"] == "10.0.0.1"


def test_first_connection_is_in_front_where_all_have_names(program: Any) -> None:
    outputs = several(program, connections=[SEVERAL[1], {**SEVERAL[0], "name": "own"}])
    assert outputs["psc_ip_address"] == "10.9.0.1"


def test_network_beside_connections_is_the_one_without_a_name(program: Any) -> None:
    connect(program, connections=SEVERAL[1:])
    assert {"psc-ip", "psc-shops-ip"} < program.names


def test_what_is_said_of_all_connections_yields_to_what_one_says(program: Any) -> None:
    own = [SEVERAL[0], {**SEVERAL[1], "global_access": False}]
    several(program, connections=own, global_access=True)

    assert program.one("psc-fwd").inputs["allowPscGlobalAccess"] is True
    assert program.one("psc-shops-fwd").inputs["allowPscGlobalAccess"] is False


def test_worst_status_of_several_connections_is_the_status(program: Any) -> None:
    answers = {"psc-shops-fwd": {"pscConnectionStatus": "PENDING"}}
    program.answers.update(answers)
    assert several(program)["psc_connection_status"] == "PENDING"


def test_connection_is_registered_in_service_directory(program: Any) -> None:
    connect(program, service_directory={"namespace": "models", "service": "chat"})

    registrations = program.one("psc-fwd").inputs["serviceDirectoryRegistrations"]
    assert registrations == [{"namespace": "models", "service": "chat"}]


def test_connection_can_be_shared_with_endpoints_behind_the_same_attachment(program: Any) -> None:
    found: dict[str, Any] = {}

    def build() -> PrivateServiceConnect:
        made = PrivateServiceConnect(
            "psc", {"service_attachment": TARGET, "network": "vpc", "subnetwork": "subnet"}
        )
        pulumi.Output.all(**made.connection).apply(found.update)
        return made

    program.run(build)
    assert found == {
        "psc_ip_address": "10.0.0.9",
        "service_attachment": TARGET,
        "private_dns_name": "",
        "psc_connection_status": "ACCEPTED",
    }


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ({"conections": []}, "conections does not exist. Did you mean connections?"),
        ({"network": None, "subnetwork": None}, "network and subnetwork are missing"),
        ({"subnetwork": None}, "network and subnetwork come together"),
        (
            {
                "network": "projects/hub/global/networks/main",
                "subnetwork": "projects/shop/regions/us-central1/subnetworks/main",
            },
            "subnetwork is in project shop, network in hub",
        ),
        (
            {
                "connections": [
                    {
                        "name": "other",
                        "project": "shop",
                        "network": "projects/hub/global/networks/main",
                        "subnetwork": "main",
                    }
                ]
            },
            r"connections\[0\]\.subnetwork is in project shop, .*network in hub",
        ),
        ({"connections": {}}, "connections must be a list"),
        ({"connections": ["vpc"]}, r"connections\[0\] must be an object"),
        ({"connections": [{"name": "b"}]}, r"connections\[0\]: network and subnetwork must be"),
        ({"connections": SEVERAL}, "2 are named default"),
        ({"connections": [{**SEVERAL[1], "name": "Shops"}]}, "'Shops' is no name"),
        (
            {"connections": [{**SEVERAL[1], "ip": "10.0.0.1"}]},
            r"connections\[0\]\.ip does not exist",
        ),
    ],
)
def test_connections_that_cannot_be_made_are_refused_before_anything_is_declared(
    program: Any, args: dict[str, Any], told: str
) -> None:
    given: Any = {"service_attachment": TARGET, "network": "vpc", "subnetwork": "subnet", **args}
    given = {key: value for key, value in given.items() if value is not None}
    with pytest.raises(pulumi.RunError, match=told):
        program.run(lambda: PrivateServiceConnect("psc", given))
    assert program.declared == []
