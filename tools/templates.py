"""Bring templates/ up to date: what `pulumi new` copies is what `vcw init` writes.

python tools/templates.py            write the copies
python tools/templates.py --check    exit 1 when one is out of date

The template of one endpoint is the starter of `vcw init`. The template of several endpoints has
files of its own; launcher, schema and policy pack are those of this checkout.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
PACKAGE = CHECKOUT / "provider" / "vertex_custom_weights_provider"
STARTER = PACKAGE / "cli" / "starter"
LAUNCHER = PACKAGE / "host" / "launcher" / "pulumi-resource-pulumi-python"
SCHEMA = PACKAGE / "cli" / "data" / "stack.schema.json"
POLICY = CHECKOUT / "stacks" / "policy"
ONE = CHECKOUT / "templates" / "custom-weights-gcp-python"
SEVERAL = CHECKOUT / "templates" / "custom-weights-stacks-gcp-python"


def copies() -> Iterator[tuple[Path, Path]]:
    """Yield source and copy."""
    for source in files(STARTER):
        yield source, ONE / source.relative_to(STARTER)
    for project in (ONE, SEVERAL):
        yield LAUNCHER, project / "plugin" / LAUNCHER.name
        yield SCHEMA, project / "plugin" / SCHEMA.name
    for source in files(POLICY):
        if source.suffix != ".json":  # what the stacks here allow is not what others do
            yield source, SEVERAL / "policy" / source.relative_to(POLICY)


def files(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder, without compiled Python."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path


def content(source: Path) -> bytes:
    """Return what the copy holds: a template's policy pack is one folder nearer to .venv."""
    data = source.read_bytes()
    if source.is_relative_to(POLICY):
        data = data.replace(b"../../.venv", b"../.venv").replace(b"stacks/policy", b"policy")
    return data


def outdated() -> list[Path]:
    """Return the copies that are not what they should be, and those that have no source."""
    wanted = dict((copy, source) for source, copy in copies())
    wrong = [
        copy
        for copy, source in wanted.items()
        if not copy.is_file()
        or copy.read_bytes() != content(source)
        or (copy.stat().st_mode ^ source.stat().st_mode) & 0o100
    ]
    made = [*files(ONE), *files(SEVERAL / "policy" / "endpoint_policy")]
    return wrong + [path for path in made if path not in wanted]


def main() -> int:
    """Write the copies, or compare them."""
    wrong = outdated()
    if "--check" in sys.argv[1:]:
        for path in wrong:
            print(f"{path.relative_to(CHECKOUT)} is out of date: run python tools/templates.py")
        return 1 if wrong else 0
    sources = dict((copy, source) for source, copy in copies())
    for path in wrong:
        if path not in sources:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content(sources[path]))
        path.chmod(sources[path].stat().st_mode & 0o777)
        print(path.relative_to(CHECKOUT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
