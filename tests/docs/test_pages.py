"""Pages and tables that have to agree with the code."""

from __future__ import annotations

import re
import subprocess
import sys

import yaml

from vertex_custom_weights import CustomWeightsEndpointArgs
from vertex_custom_weights.endpoint import OUTPUTS
from vertex_custom_weights.stack import FAMILIES
from vertex_custom_weights_provider.adapter import provider
from vertex_custom_weights_provider.settings import DEFAULT_STATE

from .support.blocks import CHECKOUT


def read(name: str) -> str:
    return (CHECKOUT / name).read_text(encoding="utf-8")


def test_reference_is_what_the_specs_say() -> None:
    """`python tools/reference.py` writes it anew."""
    check = [sys.executable, CHECKOUT / "tools" / "reference.py", "--check"]
    assert subprocess.run(check, check=False).returncode == 0


def test_reference_explains_every_property() -> None:
    assert not re.search(r"\| +\|", read("docs/reference.md"))


def test_base_models_are_typed_as_the_catalog_has_them() -> None:
    """`python tools/base_model_types.py` writes them anew."""
    check = [sys.executable, CHECKOUT / "tools" / "base_model_types.py", "--check"]
    assert subprocess.run(check, check=False).returncode == 0


def test_component_reference_is_what_the_docstrings_say() -> None:
    """`python tools/component_reference.py` writes it anew."""
    check = [sys.executable, CHECKOUT / "tools" / "component_reference.py", "--check"]
    assert subprocess.run(check, check=False).returncode == 0


def test_schema_of_stack_files_is_what_the_components_take() -> None:
    """`python tools/stack_schema.py` writes it anew."""
    check = [sys.executable, CHECKOUT / "tools" / "stack_schema.py", "--check"]
    assert subprocess.run(check, check=False).returncode == 0


def test_component_reference_explains_every_argument_and_output() -> None:
    assert not re.search(r"\| +\|", read("docs/components.md"))


def test_configuration_page_lists_every_key_that_the_provider_reads() -> None:
    listed = set(re.findall(r"^\| `((?:gcp|vertex-custom-weights):\w+)`", CONFIGURATION, re.M))
    own = {"gcp:project", "gcp:region", "vertex-custom-weights:endpoints"}
    assert listed == {*provider._CONFIG_KEYS, *own}


def test_project_file_types_the_keys_of_its_own_namespace() -> None:
    typed = set(yaml.safe_load(read("Pulumi.yaml"))["config"])
    listed = set(re.findall(r"^\| `vertex-custom-weights:(\w+)`", CONFIGURATION, re.M))
    # A default would win over the choice of embedded or served, so this one has no type.
    assert listed - typed <= {"emulatorUrl"}
    assert typed <= listed


def test_configuration_page_gives_the_default_state_file() -> None:
    assert f"`{DEFAULT_STATE}`" in CONFIGURATION


def test_stacks_page_names_every_argument_family_and_output() -> None:
    page = read("stacks/README.md")
    keys = {_camel(name) for name in CustomWeightsEndpointArgs.__annotations__}
    assert [key for key in sorted(keys) if f"`{key}" not in page] == []
    assert [family for family in FAMILIES if f"`{family}`" not in page] == []
    assert [output for output in OUTPUTS if f"`{output}`" not in page] == []


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)


CONFIGURATION = read("docs/installation-configuration.md")
