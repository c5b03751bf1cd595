"""The plugin as users have it: an installed archive, and a Python without our packages."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import yaml

from .harness import CHECKOUT, Engine

TOOL = CHECKOUT / "tools" / "release" / "archive.py"


def build(folder: Path) -> Path:
    """Build the archive that a release has."""
    command = [sys.executable, TOOL, folder]
    built = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return Path(built.stdout.strip())


def install(engine: Engine, archive: Path) -> None:
    """Install an archive for a project, in place of the plugin of this checkout."""
    file = engine.folder / "Pulumi.yaml"
    project = yaml.safe_load(file.read_text())
    project.pop("plugins", None)
    file.write_text(yaml.safe_dump(project))
    version = archive.name.removeprefix("pulumi-resource-vcw-v").split("-")[0]
    engine.run("plugin", "install", "resource", "vcw", version, "--file", str(archive))


def without_packages(engine: Engine, folder: Path) -> None:
    """Leave a project no Python but one without packages."""
    folder.mkdir()
    python = folder / "python3"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "$@"\n')
    python.chmod(0o755)
    parts = engine.environment["PATH"].split(os.pathsep)
    kept = [part for part in parts if not Path(part, "python3").exists()]
    path = os.pathsep.join([str(folder), *kept, "/usr/bin", "/bin"])
    engine.environment = {**engine.environment, "PATH": path}
    engine.environment.pop("VIRTUAL_ENV", None)
    lacking = subprocess.run(
        ["python3", "-c", "import pulumi"], env=engine.environment, capture_output=True, check=False
    )
    assert lacking.returncode != 0
