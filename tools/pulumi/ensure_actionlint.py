"""Print the path of actionlint, the linter of workflows, building it first where it is missing.

    python tools/pulumi/ensure_actionlint.py

It is built with Go from the modules pinned beside this file into the tool cache of the Pulumi CLI,
in a few seconds, once per version.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from toolchain import MINIMUM_GO, ToolchainError, cache_folder

MODULE = Path(__file__).resolve().parent / "actionlint"
VERSION = "1.7.12"
PACKAGE = "github.com/rhysd/actionlint/cmd/actionlint"


def ensure(env: Mapping[str, str]) -> Path:
    """Return the program.

    Raises:
        ToolchainError: It is not in the cache and cannot be built.
    """
    program = cache_folder(env, "actionlint", VERSION) / "actionlint"
    if not os.access(program, os.X_OK):
        program.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=program.parent) as work:
            _build(Path(work, "actionlint"), env)
            # Whoever builds at the same time builds the same: the last one wins.
            Path(work, "actionlint").replace(program)
    return program


def _build(target: Path, env: Mapping[str, str]) -> None:
    command = ["go", "build", "-C", str(MODULE), "-mod=readonly", "-trimpath", "-buildvcs=false"]
    options = {**env, "GOTOOLCHAIN": "local", "GOWORK": "off"}
    try:
        subprocess.run(
            [*command, "-o", str(target), PACKAGE],
            env=options,
            check=True,
            capture_output=True,
            text=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        wanted = ".".join(map(str, MINIMUM_GO))
        told = getattr(error, "stderr", None) or error
        raise ToolchainError(
            f"Cannot build actionlint {VERSION}: {told}. "
            f"Install Go {wanted} or newer (https://go.dev/doc/install), then run this again."
        ) from error


def main() -> int:
    """Run the command line."""
    try:
        print(ensure(os.environ))
    except ToolchainError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
