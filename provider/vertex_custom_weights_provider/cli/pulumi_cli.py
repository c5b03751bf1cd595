"""What commands ask of the Pulumi CLI: a stack's configuration and outputs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from vertex_custom_weights_provider import errors


def stack_config(project: Path, stack: str) -> Mapping[str, str]:
    """Return a stack's configuration, `namespace:key` to value; "" means the selected stack.

    Raises:
        ConfigurationError: there is no CLI, or it refuses, in its own words.
    """
    found = json.loads(run(project, stack, "config", "--json", "--show-secrets"))
    return {key: str(entry.get("value", "")) for key, entry in found.items()}


def run(project: Path, stack: str, *arguments: str) -> str:
    """Run the Pulumi CLI in the project and return what it prints.

    Raises:
        ConfigurationError: there is no CLI, or it refuses, in its own words.
    """
    done = attempt(project, stack, *arguments)
    if done.returncode != 0:
        told = done.stderr.strip().splitlines() or ["the Pulumi CLI failed"]
        raise errors.ConfigurationError(told[-1].removeprefix("error: "))
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
        ConfigurationError: there is no CLI.
    """
    program = shutil.which("pulumi")
    if program is None:
        raise errors.ConfigurationError(
            'The Pulumi CLI is not on PATH. In a checkout, run: eval "$(make -s env)"'
        )
    chosen = ["--stack", stack] if stack else []
    command = [program, "--cwd", str(project), "--non-interactive", *arguments, *chosen]
    env = {**os.environ, **(environment or {})}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env)  # noqa: S603
