"""Everything that a resource was given, and that it tells, is readable from a program."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from tests.components.support.recording import Program

from vertex_custom_weights import resources
from vertex_custom_weights_provider.adapter import schema

TARGET = "projects/t/regions/us-central1/serviceAttachments/a"
KINDS = {
    "Endpoint": {},
    "CustomWeightsDeployment": {"gcs_uri": "gs://bucket/folder"},
    "PscAddress": {"subnetwork": "default"},
    "PscForwardingRule": {"target": TARGET, "address": "10.0.0.9", "network": "default"},
    "TrafficSplit": {"endpoint": "projects/p/locations/l/endpoints/e", "traffic": []},
}


def made(kind: str, **given: Any) -> Any:
    """Declare a resource in a program without an engine; return it."""
    found: list[Any] = []

    def build() -> pulumi.Resource:
        pulumi.runtime.set_all_config({"gcp:project": "shop", "gcp:region": "us-central1"})
        found.append(getattr(resources, kind)("it", **{**KINDS[kind], **given}))
        return found[0]

    Program().run(build)
    return found[0]


def known(output: pulumi.Output[Any]) -> Any:
    seen: list[Any] = []
    pulumi.runtime.test(lambda: output.apply(seen.append))()
    return seen[0]


def test_an_input_is_read_as_it_was_given() -> None:
    assert known(made("CustomWeightsDeployment").gcs_uri) == "gs://bucket/folder"
    assert known(made("Endpoint", display_name="chat").display_name) == "chat"
    assert known(made("PscAddress").region) == "us-central1"


@pytest.mark.parametrize("kind", KINDS)
def test_every_property_of_the_schema_is_an_output_in_python(kind: str) -> None:
    described = schema.package()["resources"]
    (wire,) = (
        shape["properties"]
        for token, shape in described.items()
        if getattr(resources, token.rsplit(":", 1)[-1]).__name__ == kind
    )
    resource = made(kind)
    names = ["".join(f"_{c.lower()}" if c.isupper() else c for c in name) for name in wire]
    assert [name for name in names if not isinstance(getattr(resource, name), pulumi.Output)] == []


def test_every_property_of_the_schema_is_described() -> None:
    described = schema.package()
    shapes = {**described["resources"], **described["types"]}
    properties = {
        f"{name}.{key}": value
        for name, shape in shapes.items()
        for key, value in {**shape.get("inputProperties", {}), **shape["properties"]}.items()
    }
    assert len(properties) > 150
    assert [path for path, value in properties.items() if len(value["description"]) < 5] == []
    assert [name for name, shape in shapes.items() if not shape["description"]] == []
