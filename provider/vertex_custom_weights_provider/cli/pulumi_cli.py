"""What commands ask of the Pulumi CLI: a stack's configuration and outputs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.cli.pulumi_words import explained
from vertex_custom_weights_provider.settings import of_stack

_PROJECT_FILES = ("Pulumi.yaml", "Pulumi.yml", "Pulumi.json")


def stack_config(project: Path, stack: str) -> Mapping[str, str]:
    """Return a stack's configuration, `namespace:key` to value; "" means the selected stack.

    Raises:
        ConfigurationError: there is no CLI, or it refuses, in its own words.
    """
    found = json.loads(run(project, stack, "config", "--json", "--show-secrets"))
    return of_stack({key: str(entry.get("value", "")) for key, entry in found.items()})


def run(project: Path, stack: str, *arguments: str) -> str:
    """Run the Pulumi CLI in the project and return what it prints.

    Raises:
        ConfigurationError: there is no CLI, or it refuses, in its own words.
    """
    done = attempt(project, stack, *arguments)
    if done.returncode != 0:
        raise errors.ConfigurationError(explained(done.stderr))
    return done.stdout


def attempt(
    project: Path, stack: str, *arguments: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the Pulumi CLI in the project, whatever its exit code.

    Args:
        project: Folder of the project.
        stack: Its stack; "" means the selected one.
        arguments: Of the CLI.
        environment: Variables beside those of this process.

    Raises:
        ConfigurationError: there is no CLI, or no project in the folder or above it.
    """
    program = shutil.which("pulumi")
    if program is None:
        raise errors.ConfigurationError(
            'The Pulumi CLI is not on PATH. In a checkout, run: eval "$(make -s env)"'
        )
    _require_project(project)
    chosen = ["--stack", stack] if stack else []
    command = [program, "--cwd", str(project), "--non-interactive", *arguments, *chosen]
    env = {**_passphrase(os.environ), **os.environ, **(environment or {})}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env)  # noqa: S603


def _passphrase(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return the empty passphrase where none is given: stacks that need no account have that one.

    Nobody can be asked here. A stack that has another one refuses, and the refusal is explained.
    """
    given = "PULUMI_CONFIG_PASSPHRASE" in environ or environ.get("PULUMI_CONFIG_PASSPHRASE_FILE")
    return {} if given else {"PULUMI_CONFIG_PASSPHRASE": ""}


def _require_project(folder: Path) -> None:
    here = folder.absolute()
    if not any(
        (place / name).exists() for place in (here, *here.parents) for name in _PROJECT_FILES
    ):
        raise errors.ConfigurationError(
            f"There is no Pulumi.yaml in {here} or above it. Go to the project's folder or name it "
            "with --cwd; `vcw init` starts a project."
        )
