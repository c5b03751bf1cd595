"""What the documentation shows is true: programs run, configuration is understood, links lead on.

Shell blocks marked `run: …` are run by `tests/engine/test_readme.py`.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pulumi
import pytest
import yaml
from tests.support import sdks

from vertex_custom_weights import stack
from vertex_custom_weights_provider.adapter import provider
from vertex_custom_weights_provider.cli import init, schema

from .support.blocks import ALL, CHECKOUT, PAGES, Block

SCHEMA = json.loads(
    (CHECKOUT / "components/vertex_custom_weights_plugin/schema.json").read_text(encoding="utf-8")
)
VALIDATOR = jsonschema.Draft7Validator(json.loads(schema.document().read_text()))
STACK_KEYS = {
    *provider._CONFIG_KEYS,
    "gcp:project",
    "gcp:region",
    "vertex-custom-weights:endpoints",
}


def written_in(language: str) -> Any:
    found = [block for block in ALL if block.language == language]
    return pytest.mark.parametrize("block", found, ids=str)


@pytest.mark.parametrize("block", ALL, ids=str)
def test_block_is_in_a_language_that_is_checked(block: Block) -> None:
    assert block.language in {"sh", "python", "yaml", "typescript", "go", "text", "hcl"}


@written_in("sh")
def test_shell_block_is_run_or_says_why_not(block: Block) -> None:
    assert re.fullmatch(
        r"run: (checkout|own project|tutorial(, first answer)?|troubleshooting)|not run: .+",
        block.directive,
    )


@written_in("python")
def test_program_runs_and_declares_something(program: Any, block: Block) -> None:
    allowed = re.search(r'"allowed_projects": \["([\w-]+)"', block.text)
    if allowed:  # the endpoint's own project is one of those that may connect
        pulumi.runtime.set_config("gcp:project", allowed[1])
    program.run_stack(lambda: exec(compile(block.text, str(block), "exec"), {}))  # noqa: S102
    assert any(
        re.search("^vcw:m:(Endpoint|Deployment|Address)|^gcp:", resource.type)
        for resource in program.declared
    )


@written_in("typescript")
def test_program_in_typescript_has_the_types_of_the_sdk(block: Block, tmp_path: Path) -> None:
    (tmp_path / "index.ts").write_text(block.text)
    shutil.copy(sdks.EXAMPLE / "tsconfig.json", tmp_path)
    sdks.use_node_packages(tmp_path)
    sdks.check_types(tmp_path)


def test_program_in_go_is_that_of_the_example_which_is_built_and_run() -> None:
    shown = {block.text for block in ALL if block.language == "go"}
    assert shown == {(CHECKOUT / "examples/gcp-go-private-endpoint/main.go").read_text()}


def test_the_page_of_the_registry_shows_the_examples_as_they_are() -> None:
    command = [sys.executable, CHECKOUT / "tools" / "snippets.py", "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def _unknown(declared: dict[str, Any]) -> Iterator[str]:
    """Yield what a program in YAML declares that the plugin's schema does not have."""
    for name, resource in declared.items():
        kind = resource["type"]
        shape = SCHEMA["provider"] if kind == "pulumi:providers:vcw" else SCHEMA["resources"][kind]
        for key in resource["properties"].keys() - shape["inputProperties"].keys():
            yield f"{name}.{key}"


@written_in("yaml")
def test_configuration_is_understood(program: Any, block: Block) -> None:
    settings = yaml.safe_load(block.text)
    if "resources" in settings:
        assert list(_unknown(settings["resources"])) == []
        return
    if "plugins" in settings:
        (entry,) = settings["plugins"]["providers"]
        assert settings == yaml.safe_load(init._plugin_lines(entry["name"]))
        return
    config = settings["config"]
    assert set(config) <= STACK_KEYS
    values = {
        key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()
    }
    assert VALIDATOR.is_valid(settings)
    pulumi.runtime.set_all_config(values)
    outputs = program.run_stack(stack.declare)
    assert set(outputs["endpoints"]) == set(config["vertex-custom-weights:endpoints"])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_links_to_files_lead_to_files(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
