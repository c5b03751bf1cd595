"""Names in DNS for the addresses of connections."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from vertex_custom_weights import CustomWeightsEndpoint, PrivateServiceConnect

from .support.recording import ENDPOINT

TARGET = "projects/tenant/regions/us-central1/serviceAttachments/attachment"
ZONE, RECORD = "gcp:dns/managedZone:ManagedZone", "gcp:dns/recordSet:RecordSet"
DNS = {"domain": "models.example.com"}
GOOGLE = {"domain": "google"}
SHOPS = {"name": "shops", "network": "projects/shops/global/networks/n", "subnetwork": "s"}


def connect(program: Any, preview: bool = False, **args: Any) -> dict[str, Any]:
    given: Any = {
        "service_attachment": TARGET,
        "network": "vpc",
        "subnetwork": "subnet",
        **args,
    }
    return program.run(lambda: PrivateServiceConnect("chat", given), preview=preview)


def declare(program: Any, **access: Any) -> dict[str, Any]:
    given: Any = {
        "weights_uri": "gs://b/f",
        "private_service_connect": {"network": "vpc", "subnetwork": "subnet", **access},
    }
    return program.run(lambda: CustomWeightsEndpoint("chat", given))


def test_name_is_a_record_in_a_private_zone_of_its_own(program: Any) -> None:
    outputs = connect(program, dns=DNS)

    zone, record = program.one("chat-dns-zone"), program.one("chat-dns-record")
    assert (zone.type, record.type) == (ZONE, RECORD)
    assert outputs["private_dns_name"] == "chat.models.example.com"
    assert zone.inputs["dnsName"] == record.inputs["name"] == "chat.models.example.com."
    assert zone.inputs["visibility"] == "private"
    assert zone.inputs["privateVisibilityConfig"] == {
        "networks": [{"networkUrl": "projects/here/global/networks/vpc"}]
    }
    assert record.uses_by_input["managedZone"] == {"chat-dns-zone"}
    assert record.uses_by_input["rrdatas"] == {"chat-ip"}
    assert record.inputs["rrdatas"] == [outputs["psc_ip_address"]]


def test_zone_carries_the_labels_of_the_connection(program: Any) -> None:
    connect(program, dns=DNS, labels={"team": "search"})
    assert program.one("chat-dns-zone").inputs["labels"] == {"team": "search"}


def test_zone_and_record_hang_under_the_component(program: Any) -> None:
    connect(program, dns=DNS)
    assert program.one("chat-dns-zone").parent == program.one("chat-dns-record").parent == "chat"


def test_record_goes_into_a_zone_that_is_given(program: Any) -> None:
    connect(program, dns={"domain": "example.com.", "name": "llm", "zone": "corp"})

    assert "chat-dns-zone" not in program.names
    record = program.one("chat-dns-record").inputs
    assert (record["managedZone"], record["name"]) == ("corp", "llm.example.com.")


def test_domain_given_as_an_output_is_followed(program: Any) -> None:
    domain = pulumi.Output.from_input("models.example.com")
    outputs = connect(program, dns={"domain": domain})
    assert outputs["private_dns_name"] == "chat.models.example.com"


def test_every_network_resolves_the_name_to_its_own_address(program: Any) -> None:
    program.answers["chat-shops-ip"] = {"ipAddress": "10.9.0.1"}
    outputs = connect(program, dns=DNS, connections=[{**SHOPS, "project": "shops"}])

    own, shops = program.one("chat-dns-record"), program.one("chat-shops-dns-record")
    assert own.inputs["name"] == shops.inputs["name"]
    assert own.inputs["rrdatas"] == [outputs["psc_ip_address"]]
    assert shops.inputs["rrdatas"] == ["10.9.0.1"]
    assert shops.inputs["project"] == "shops"
    assert program.one("chat-shops-dns-zone").inputs["privateVisibilityConfig"] == {
        "networks": [{"networkUrl": "projects/shops/global/networks/n"}]
    }


def test_connection_may_have_a_zone_of_its_own(program: Any) -> None:
    shops = {**SHOPS, "dns": {"domain": "shops.example.com", "zone": "shops"}}
    connect(program, dns={**DNS, "zone": "models"}, connections=[shops])

    assert program.one("chat-dns-record").inputs["managedZone"] == "models"
    assert program.one("chat-shops-dns-record").inputs["managedZone"] == "shops"
    assert program.one("chat-shops-dns-record").inputs["name"] == "chat.shops.example.com."


def test_endpoint_is_called_by_its_name(program: Any) -> None:
    outputs = declare(program, dns=DNS)

    url = f"http://chat.models.example.com/v1beta1/{outputs['endpoint_name']}"
    assert outputs["openai_base_url"] == url
    assert outputs["private_dns_name"] == "chat.models.example.com"
    assert program.one("chat-dns-record").parent_type == "vcw:m:Connection"


def test_name_is_known_in_a_preview(program: Any) -> None:
    outputs = connect(program, preview=True, dns=DNS)

    assert outputs["private_dns_name"] == "chat.models.example.com"
    assert outputs["psc_ip_address"] is None


def test_googles_name_is_made_of_the_endpoint_the_region_and_the_number_of_the_project(
    program: Any,
) -> None:
    program.numbers["here"] = "417"
    outputs = declare(program, dns=GOOGLE)

    # Google's page on Private Service Connect: ENDPOINT_ID-REGION-PROJECT_NUMBER
    name = "chosen-us-central1-417.prediction.p.vertexai.goog"
    assert outputs["private_dns_name"] == name
    assert outputs["openai_base_url"] == f"https://{name}/v1beta1/{outputs['endpoint_name']}"
    assert program.one("chat-dns-zone").inputs["dnsName"] == f"{name}."
    assert program.one("chat-dns-record").inputs["rrdatas"] == [outputs["psc_ip_address"]]


def test_googles_name_is_known_in_a_preview(program: Any) -> None:
    program.numbers["here"] = "417"
    outputs = connect(program, preview=True, dns=GOOGLE, endpoint=ENDPOINT)
    assert outputs["private_dns_name"] == "chosen-us-central1-417.prediction.p.vertexai.goog"


def test_number_that_the_endpoint_says_itself_is_not_asked_for(program: Any) -> None:
    numbered = ENDPOINT.replace("here", "417")
    outputs = connect(program, dns=GOOGLE, endpoint=numbered)
    assert outputs["private_dns_name"] == "chosen-us-central1-417.prediction.p.vertexai.goog"


def test_endpoint_that_shares_a_connection_is_not_called_by_anothers_name(program: Any) -> None:
    program.numbers["here"] = "417"

    def both() -> CustomWeightsEndpoint:
        access: Any = {"network": "vpc", "subnetwork": "subnet", "dns": GOOGLE}
        first = CustomWeightsEndpoint(
            "first", {"weights_uri": "gs://b/f", "private_service_connect": access}
        )
        shared: Any = {"shared_with": first.connection}
        return CustomWeightsEndpoint(
            "chat", {"weights_uri": "gs://b/g", "private_service_connect": shared}
        )

    outputs = program.run(both)
    address = outputs["psc_ip_address"]
    assert outputs["openai_base_url"] == f"http://{address}/v1beta1/{outputs['endpoint_name']}"


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ({"dns": {**GOOGLE, "name": "chat"}}, r"dns\.name excludes dns\.domain: google"),
        ({"dns": GOOGLE}, "endpoint is missing: the endpoint's output endpoint_name"),
        ({"dns": {}}, r"dns\.domain is missing"),
        ({"dns": {"domain": "example"}}, "'example' is no domain"),
        ({"dns": {"domain": "a_b.example.com"}}, "is no domain"),
        ({"dns": {**DNS, "name": "a.b"}}, "'a.b' is no part of a DNS name"),
        ({"dns": {**DNS, "host": "a"}}, r"dns\.host does not exist"),
        (
            {"dns": {**DNS, "zone": "z"}, "connections": [SHOPS]},
            "one zone cannot hold the addresses of 2 connections",
        ),
        ({"connections": [{**SHOPS, "dns": {}}]}, r"connections\[0\]\.dns\.domain is missing"),
    ],
)
def test_names_that_cannot_be_given_are_refused(
    program: Any, args: dict[str, Any], told: str
) -> None:
    with pytest.raises(pulumi.RunError, match=told):
        connect(program, **args)
    assert program.declared == []


def test_component_whose_name_is_no_part_of_a_dns_name_asks_for_one(program: Any) -> None:
    given: Any = {"service_attachment": TARGET, "network": "n", "subnetwork": "s", "dns": DNS}
    with pytest.raises(pulumi.RunError, match="'Chat_1' cannot be part of a DNS name"):
        program.run(lambda: PrivateServiceConnect("Chat_1", given))


@pytest.mark.parametrize(
    ("access", "path"),
    [
        ({"network": "n", "subnetwork": "s", "dns": DNS}, "private_service_connect.dns.name"),
        (
            {"connections": [{**SHOPS, "dns": DNS}]},
            "private_service_connect.connections[0].dns.name",
        ),
    ],
)
def test_endpoint_whose_name_is_no_part_of_a_dns_name_asks_for_one_before_it_is_declared(
    program: Any, access: Any, path: str
) -> None:
    given: Any = {"weights_uri": "gs://b/f", "private_service_connect": access}
    with pytest.raises(pulumi.RunError) as refused:
        program.run(lambda: CustomWeightsEndpoint("Chat_1", given))
    assert f"{path} is missing, and 'Chat_1' cannot be part of a DNS name" in str(refused.value)
    assert program.declared == []


def test_name_without_pulumi_gcp_says_how_to_install_it(
    program: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pulumi_gcp", None)
    with pytest.raises(pulumi.RunError, match=r"pip install 'vertex-custom-weights\[gcp\]'"):
        connect(program, dns=DNS)
