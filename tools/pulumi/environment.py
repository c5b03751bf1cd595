"""The environment of every Pulumi run of this checkout: Makefile, tests and a person's shell.

    eval "$(python tools/pulumi/environment.py)"      # then plain `pulumi …`
    python tools/pulumi/environment.py --json         # the same, for programs

Where state is kept is not among it: Pulumi.yaml of each project says that, so that a shell that
goes on to another project takes nothing of this one along. No account is needed, and no plugin is
fetched from the network.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from ensure import ensure
from toolchain import ToolchainError

CHECKOUT = Path(__file__).resolve().parents[2]


def settings(checkout: Path, cli: Path, env: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of a Pulumi run, and make the folder that Pulumi.yaml keeps state in.

    Args:
        checkout: Folder of Pulumi.yaml; its `.venv` runs the program.
        cli: Folder of the CLI.
        env: The environment these variables are added to.
    """
    (checkout / ".local" / "state").mkdir(parents=True, exist_ok=True)
    venv = checkout / ".venv"
    return {
        # The language host that can be built here ignores `runtime.options`: the interpreter of
        # the program is the first python3 on PATH.
        "PATH": _path(venv / "bin", cli, env),
        "VIRTUAL_ENV": str(venv),
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        # Deployments only wait; the engine's own limit is four operations for each core.
        "PULUMI_PARALLEL": env.get("PULUMI_PARALLEL", "128"),
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }


def _path(venv: Path, cli: Path, env: Mapping[str, str]) -> str:
    path = env.get("PATH", os.defpath)
    rest = [part for part in path.split(os.pathsep) if part != str(venv)]
    first = [str(venv)]
    if shutil.which("pulumi", path=os.pathsep.join(rest)) != str(cli / "pulumi"):
        first.append(str(cli))
    return os.pathsep.join(first + rest)


def main(arguments: list[str]) -> int:
    """Run the command line."""
    try:
        cli = ensure(os.environ)
    except ToolchainError as error:
        print(error, file=sys.stderr)
        return 1
    values = settings(CHECKOUT, cli, os.environ)
    if arguments == ["--json"]:
        print(json.dumps(values, indent=2))
        return 0
    for name, value in values.items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
