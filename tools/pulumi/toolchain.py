"""Where a usable Pulumi CLI is, and what makes one usable.

Owns versions, the search on PATH and the place of the tool cache. Building is in `build.py`, the
environment a run gets is in `environment.py`. Standard library only: this runs before anything is
installed.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

# The oldest CLI that is promised to work. Newer ones can be built from public modules as well:
# 3.276.0 was, with the same replacement (2026-12). The Python language host is the last that an
# SDK module still contains.
CLI_VERSION = "3.255.0"
LANGUAGE_HOST_VERSION = "3.79.0"

# What the engine tests run on. Older ones may work; nobody checks it.
MINIMUM_CLI = (3, 255, 0)
MINIMUM_GO = (1, 26)

_GOOS = {"linux": "linux", "darwin": "darwin", "win32": "windows"}
_GOARCH = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


class ToolchainError(Exception):
    """No usable CLI, and none can be built; the text says what to install."""


def cache_folder(env: Mapping[str, str], what: str = "pulumi", version: str = CLI_VERSION) -> Path:
    """Return the folder of something built: outside the checkout, one per version and platform."""
    root = env.get("VCW_TOOLS_CACHE")
    if not root:
        caches = env.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        root = Path(caches) / "vertex-custom-weights"
    goos = _GOOS.get(sys.platform, sys.platform)
    machine = platform.machine().lower()
    key = f"{version}-{goos}-{_GOARCH.get(machine, machine)}"
    return Path(root).absolute() / what / key


def version_in(text: str) -> tuple[int, ...] | None:
    """Return the first dotted version in `text` as numbers."""
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    return tuple(int(part) for part in found.groups() if part) if found else None


def output_of(command: list[str], env: Mapping[str, str]) -> str:
    """Return what `command` prints, or an empty text when it cannot be run."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=60, check=True, env=dict(env)
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout


def find_on_path(env: Mapping[str, str]) -> tuple[Path | None, str]:
    """Look for a CLI with its Python language host on PATH.

    Returns:
        The folder of the CLI and an empty text, or None and why what is there cannot be used.
    """
    path = env.get("PATH", os.defpath)
    cli = shutil.which("pulumi", path=path)
    if cli is None:
        return None, "no pulumi on PATH"
    folder = Path(cli).absolute().parent
    quiet = {**env, "PULUMI_SKIP_UPDATE_CHECK": "1"}
    version = version_in(output_of([cli, "version"], quiet))
    wanted = ".".join(map(str, MINIMUM_CLI))
    if version is None:
        return None, f"{cli} does not tell its version"
    if version < MINIMUM_CLI:
        return None, f"{cli} is {'.'.join(map(str, version))}, at least {wanted} is needed"
    beside = f"{Path(cli).resolve().parent}{os.pathsep}{folder}{os.pathsep}{path}"
    if shutil.which("pulumi-language-python", path=beside) is None:
        return None, f"{cli} has no pulumi-language-python beside it or on PATH"
    return folder, ""
