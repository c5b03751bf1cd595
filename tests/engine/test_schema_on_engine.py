"""The plugin's schema, as Pulumi's own commands get and judge it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from .support.harness import CHECKOUT, PLUGIN, Engine

COMMITTED = CHECKOUT / "components" / "vertex_custom_weights_plugin" / "schema.json"


def test_the_schema_that_the_cli_gets_is_the_committed_one_and_valid(engine: Engine) -> None:
    got = engine.run("package", "get-schema", str(PLUGIN / "pulumi-resource-vcw")).stdout
    file = engine.write("schema.json", got)
    engine.run("schema", "check", str(file))

    schema, committed = json.loads(got), json.loads(COMMITTED.read_text())
    for part in ("resources", "types", "config", "provider"):
        # The CLI adds what follows from the rest, such as the order of required properties.
        assert sorted(schema.get(part, {})) == sorted(committed.get(part, {}))
    for token, resource in committed["resources"].items():
        found = schema["resources"][token]
        assert sorted(found["inputProperties"]) == sorted(resource["inputProperties"])
        assert sorted(found.get("properties", {})) == sorted(resource.get("properties", {}))


def test_every_property_has_a_description() -> None:
    assert list(_without_description(json.loads(COMMITTED.read_text()))) == []


def _without_description(schema: dict[str, Any]) -> Iterator[str]:
    holders = {**schema["resources"], **schema["types"], "provider": schema["provider"]}
    for token, holder in holders.items():
        for block in ("inputProperties", "properties"):
            for name, found in holder.get(block, {}).items():
                if not found.get("description"):
                    yield f"{token}: {name}"


@pytest.mark.parametrize("part", ["resources", "types"])
def test_every_resource_and_type_has_a_description(part: str) -> None:
    schema = json.loads(COMMITTED.read_text())
    assert [token for token, one in schema[part].items() if not one.get("description")] == []
