"""Print the folder of a usable Pulumi CLI, building one first where there is none.

    python tools/pulumi/ensure.py

A CLI on PATH is used when it is recent enough and has its Python language host; otherwise one is
built with Go into the tool cache ($VCW_TOOLS_CACHE, else $XDG_CACHE_HOME/vertex-custom-weights,
else ~/.cache/vertex-custom-weights).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from build import CLI, build
from toolchain import ToolchainError, find_on_path


def ensure(env: Mapping[str, str]) -> Path:
    """Return the folder that holds `pulumi`.

    Raises:
        ToolchainError: There is no usable CLI and none can be built.
    """
    found, why = find_on_path(env)
    if found is not None:
        return found
    if CLI.ready(env):
        return CLI.folder(env) / "bin"
    return build(CLI, env, why)


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
