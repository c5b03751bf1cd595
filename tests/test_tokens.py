"""Type tokens: short, spelled in one place, and the ones that users' pages name."""

from __future__ import annotations

import re
from pathlib import Path

import pulumi

import vertex_custom_weights
from vertex_custom_weights_provider import tokens
from vertex_custom_weights_provider.lifecycle.lifecycles import MODULES

CHECKOUT = Path(__file__).parents[1]
PAGE = CHECKOUT / "docs" / "installation-configuration.md"
WIDEST = 22  # with three columns for each level of the tree; ADR 0017 works it out
DEPTH = {"CustomWeightsDeployment": 2, "PrivateServiceConnect": 2, "Endpoint": 2, "TrafficSplit": 2}
DEPTH |= {"PscAddress": 3, "PscForwardingRule": 3}


def exported(base: type) -> set[str]:
    found = vars(vertex_custom_weights).values()
    return {one.__name__ for one in found if isinstance(one, type) and issubclass(one, base)}


def test_every_resource_and_every_component_has_a_token_of_its_own() -> None:
    assert set(tokens.RESOURCES) == set(MODULES)
    assert set(tokens.COMPONENTS) == exported(pulumi.ComponentResource)
    every = [tokens.token(name) for name in (*tokens.RESOURCES, *tokens.COMPONENTS)]
    assert len(set(every)) == len(every)


def test_a_token_leaves_room_for_name_status_and_progress() -> None:
    for name in (*tokens.RESOURCES, *tokens.COMPONENTS):
        width = 3 * DEPTH.get(name, 1) + len(tokens.token(name))
        assert width <= WIDEST, f"{name} takes {width} columns"


def test_a_token_tells_what_it_is_of() -> None:
    assert tokens.resource_type("vcw:m:Deployment") == "CustomWeightsDeployment"
    assert tokens.component("vcw:m:Llama") == "LlamaEndpoint"
    assert tokens.resource_type("vcw:m:Llama") is tokens.component("vcw:m:Deployment") is None
    assert tokens.resource_type("gcp:compute/address:Address") is None


def test_the_page_of_tokens_names_those_that_are_registered() -> None:
    rows = re.findall(r"^\| (`\w+`.*?) \| (`vcw:.*?) \|$", PAGE.read_text(), re.M)
    told: dict[str, str] = {}
    for classes, spelled in rows:
        names = [name.rsplit(":", 1)[-1] for name in re.findall(r"`([\w:]+)`", spelled)]
        kinds = re.findall(r"`(\w+)`", classes)
        if "families" in classes:
            kinds = [f"{name}Endpoint" for name in names]
        told |= dict(zip(kinds, names, strict=True))
    assert told == {**tokens.RESOURCES, **tokens.COMPONENTS}


def test_no_other_file_of_the_product_spells_a_token() -> None:
    spelled = re.compile(r"\bvcw:m:|pulumi-python:(dynamic|vcw)")
    product = [*(CHECKOUT / "provider").rglob("*.py"), *(CHECKOUT / "components").rglob("*.py")]
    found = [path.name for path in product if spelled.search(path.read_text())]
    assert found == ["tokens.py"]
