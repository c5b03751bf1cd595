"""Build what `pulumi plugin install` takes: the plugin with its packages, for one platform.

    python tools/release/archive.py dist                          # this platform, this Python
    python tools/release/archive.py dist --platform linux-arm64 --python 3.11 3.12 3.13 3.14

Packages are those of requirements/base.txt, by their hashes. What is the same for every Python is
in `lib/any`, what is compiled for one in `lib/3.11` and so on. The interpreter is the user's.
"""

from __future__ import annotations

import argparse
import filecmp
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
LAUNCHER = Path(__file__).with_name("pulumi-resource-vcw")
SCHEMA = CHECKOUT / "components" / "vertex_custom_weights_plugin" / "schema.json"
# What makes environments and distributions is not part of one.
BUILD_TOOLS = ("uv", "hatchling", "editables")
# Pulumi's name of a platform, and uv's.
PLATFORMS = {
    "linux-amd64": "x86_64-manylinux_2_28",
    "linux-arm64": "aarch64-manylinux_2_28",
    "darwin-amd64": "x86_64-apple-darwin",
    "darwin-arm64": "aarch64-apple-darwin",
}
MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def this_platform() -> str:
    """Return Pulumi's name of the platform that this runs on."""
    return f"{sys.platform}-{MACHINES[platform.machine().lower()]}"


def build(out: Path, name: str, pythons: list[str]) -> Path:
    """Write the archive into the folder `out`; return it."""
    version = json.loads(SCHEMA.read_text(encoding="utf-8"))["version"]
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        wheel = _wheel(Path(work))
        library = Path(work, "lib")
        for python in pythons:
            _install(library / python, wheel, PLATFORMS[name], python)
        _share(library, pythons)
        archive = out / f"pulumi-resource-vcw-v{version}-{name}.tar.gz"
        with tarfile.open(archive, "w:gz", compresslevel=6) as tar:
            for path in (LAUNCHER, CHECKOUT / "LICENSE", library):
                tar.add(path, path.name, filter=_owned_by_nobody)
    return archive


def _wheel(folder: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def _install(target: Path, wheel: Path, tag: str, python: str) -> None:
    """Install the pinned packages, and then ours, which has no pin but this checkout."""
    uv = [str(Path(sys.prefix, "bin", "uv")), "pip", "install", "-q", "--target", str(target)]
    uv += ["--python-version", python, "--python-platform", tag, "--only-binary", ":all:"]
    pinned = target.parent / "requirements.txt"
    target.parent.mkdir(exist_ok=True)
    pinned.write_text(_requirements(), encoding="utf-8")
    subprocess.run([*uv, "--require-hashes", "-r", str(pinned)], check=True)
    subprocess.run([*uv, "--no-deps", str(wheel)], check=True)
    pinned.unlink()
    shutil.rmtree(target / "bin", ignore_errors=True)


def _requirements() -> str:
    text = (CHECKOUT / "requirements" / "base.txt").read_text(encoding="utf-8")
    blocks = re.split(r"(?m)^(?=[a-z])", text)
    return "".join(block for block in blocks if block.split("==")[0] not in BUILD_TOOLS)


def _share(library: Path, pythons: list[str]) -> None:
    """Move what is equal for every Python into one place."""
    shared = library / "any"
    shared.mkdir()
    first, *others = (library / python for python in pythons)
    for path in sorted(first.iterdir()):
        if all(_equal(path, other / path.name) for other in others) and not _compiled(path):
            path.rename(shared / path.name)
            for other in others:
                _remove(other / path.name)


def _equal(one: Path, other: Path) -> bool:
    if not one.is_dir():
        return other.is_file() and filecmp.cmp(one, other, shallow=False)
    names = sorted(os.listdir(one))
    return (
        other.is_dir()
        and names == sorted(os.listdir(other))
        and all(_equal(one / name, other / name) for name in names)
    )


def _compiled(path: Path) -> bool:
    return any(path.rglob("*.so")) or path.suffix == ".so"


def _remove(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def _owned_by_nobody(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = entry.mtime = 0
    entry.uname = entry.gname = ""
    return entry


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--platform", choices=PLATFORMS, default=None)
    parser.add_argument("--python", nargs="+", default=[f"3.{sys.version_info.minor}"])
    given = parser.parse_args()
    print(build(given.out, given.platform or this_platform(), given.python))
    return 0


if __name__ == "__main__":
    sys.exit(main())
