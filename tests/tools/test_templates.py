"""The templates of `pulumi new`: copies are up to date, prompts explain themselves, tests pass."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

CHECKOUT = Path(__file__).parents[2]
TEMPLATES = sorted((CHECKOUT / "templates").glob("*/Pulumi.yaml"))


def test_copies_are_what_the_starter_and_the_policy_pack_say() -> None:
    """`python tools/templates.py` writes them anew."""
    check = [sys.executable, CHECKOUT / "tools" / "templates.py", "--check"]
    assert subprocess.run(check, check=False).returncode == 0


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.parent.name)
def test_every_prompt_has_a_description_and_a_default(path: Path) -> None:
    template = yaml.safe_load(path.read_text())["template"]

    assert template["displayName"]
    assert template["description"]
    assert "vcw query" in template["quickstart"]
    assert all(entry["description"] and entry["default"] for entry in template["config"].values())


def test_tests_of_the_template_with_several_endpoints_pass() -> None:
    folder = CHECKOUT / "templates" / "custom-weights-stacks-gcp-python"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    done = subprocess.run(
        [*command, "--rootdir", folder, "-c", "/dev/null"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "2 passed" in done.stdout) == (0, True), done.stdout
