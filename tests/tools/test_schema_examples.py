"""The examples in the plugin's schema are programs that the schema itself accepts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

CHECKOUT = Path(__file__).parents[2]
SCHEMA = json.loads(
    (CHECKOUT / "components/vertex_custom_weights_plugin/schema.json").read_text(encoding="utf-8")
)
YAML = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
RESOURCES = sorted(SCHEMA["resources"])


def wrong(given: Any, about: dict[str, Any], path: str) -> Iterator[str]:
    """Yield what the schema does not know of a value, or misses in it."""
    reference = about.get("$ref", "").removeprefix("#/types/")
    if isinstance(given, dict) and reference:
        shape = SCHEMA["types"][reference]
        yield from strays(given, shape["properties"], shape.get("required", []), f"{path}.")
    elif isinstance(given, list):
        for number, item in enumerate(given):
            yield from wrong(item, about.get("items", {}), f"{path}[{number}]")


def strays(
    given: dict[str, Any], known: dict[str, Any], required: list[str], path: str
) -> Iterator[str]:
    yield from (f"{path}{key} does not exist" for key in given if key not in known)
    yield from (f"{path}{key} is missing" for key in required if key not in given)
    for key in given.keys() & known.keys():
        yield from wrong(given[key], known[key], f"{path}{key}")


@pytest.mark.parametrize("token", RESOURCES)
def test_each_resource_has_an_example_that_its_schema_accepts(token: str) -> None:
    resource = SCHEMA["resources"][token]
    (program,) = YAML.findall(resource["description"])
    (example,) = yaml.safe_load(program)["resources"].values()
    assert example["type"] == token
    assert "```typescript\n" in resource["description"]
    needed = resource.get("requiredInputs", [])
    assert list(strays(example["properties"], resource["inputProperties"], needed, "")) == []


def test_a_wrong_example_is_noticed() -> None:
    resource = SCHEMA["resources"]["vcw:m:Deployment"]
    given = {"gcsURI": "gs://b/f", "dedicatedResources": {"machineSpec": {"type": "g2"}}}
    found = set(strays(given, resource["inputProperties"], resource["requiredInputs"], ""))
    assert found >= {
        "gcsURI does not exist",
        "gcsUri is missing",
        "dedicatedResources.machineSpec.type does not exist",
    }
