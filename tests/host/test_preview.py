"""What a preview learns from our host."""

from __future__ import annotations

from typing import Any

from dynamic_harness import PROVIDER, UNKNOWN, from_wire, serialized, to_wire
from pulumi.output import Unknown
from pulumi.runtime.proto import provider_pb2
from sample_providers import Detailing, Echo, Previewing, Talking

Kind = provider_pb2.PropertyDiff.Kind


def test_previews_are_announced(host_server: Any) -> None:
    assert host_server.configuration.supportsPreview


def test_outputs_known_before_the_creation_are_shown(host_server: Any) -> None:
    response = host_server.create(Previewing(), {"name": "a"}, preview=True)

    outputs = from_wire(response.properties)
    assert response.id == ""
    assert outputs["url"] == "http://a"
    assert isinstance(outputs["ip"], Unknown)


def test_outputs_that_hang_on_unknown_inputs_are_unknown(host_server: Any) -> None:
    response = host_server.create(Previewing(), {"name": UNKNOWN}, preview=True)

    outputs = from_wire(response.properties)
    assert isinstance(outputs["name"], Unknown)
    assert isinstance(outputs["url"], Unknown)


def test_outputs_that_survive_an_update_stay_known(host_server: Any) -> None:
    response = host_server.update(
        Previewing(), "the-id", {"ip": "10.0.0.2"}, {"name": "b"}, preview=True
    )

    outputs = from_wire(response.properties)
    assert (outputs["ip"], outputs["id"]) == ("10.0.0.2", "the-id")


def test_a_provider_without_preview_creates_nothing_and_shows_its_inputs(host_server: Any) -> None:
    response = host_server.create(Echo(), {"name": UNKNOWN, "size": 1}, preview=True)

    assert response.id == ""
    assert response.properties == to_wire(
        {"name": UNKNOWN, "size": 1, PROVIDER: serialized(Echo())}
    )


def test_a_provider_without_preview_shows_the_new_inputs_of_an_update(host_server: Any) -> None:
    response = host_server.update(Echo(), "id", {"url": "u"}, {"size": UNKNOWN}, preview=True)

    assert response.properties == to_wire({"size": UNKNOWN, PROVIDER: serialized(Echo())})


def test_a_detailed_diff_names_each_property_and_what_happens_to_it(host_server: Any) -> None:
    response = host_server.diff(Detailing(), "id", {}, {})

    assert response.hasDetailedDiff
    assert {path: each.kind for path, each in response.detailedDiff.items()} == {
        "machine.type": Kind.UPDATE_REPLACE,
        'labels["a"]': Kind.ADD,
    }
    assert list(response.diffs) == ["labels", "machine"]


def test_a_provider_may_attach_lines_in_a_preview(
    host_server: Any, fake_engine: Any, urn: str
) -> None:
    response = host_server.create(Talking(), {"name": "a"}, urn=urn, preview=True)

    assert from_wire(response.properties)["preview"] is True
    assert [line.message for line in fake_engine.of(urn)] == ["costs 3 dollars"]
