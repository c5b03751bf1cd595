"""`stacks/policy/launch`: which Python runs the policy pack."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PACK = Path(__file__).parents[2] / "stacks" / "policy"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A copy of the pack in a project of its own."""
    copied = tmp_path / "project" / "checks" / "policy"
    shutil.copytree(PACK, copied, ignore=shutil.ignore_patterns("__pycache__"))
    return copied


def interpreter(venv: Path, script: str) -> None:
    """Put a program in the place of a virtual environment's Python."""
    python = venv / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)


def launch(pack: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    known = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
    return subprocess.run(
        [pack / "launch", "127.0.0.1:1"],
        env={**known, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_pack_runs_on_the_environment_of_pulumis_run(pack: Path, tmp_path: Path) -> None:
    interpreter(tmp_path / "active", 'echo "$@"')
    interpreter(pack.parents[1] / ".venv", "echo not this one")

    told = launch(pack, VIRTUAL_ENV=str(tmp_path / "active")).stdout
    assert told == f"-u {pack} 127.0.0.1:1\n"


def test_pack_without_one_runs_on_the_nearest_environment_above(pack: Path) -> None:
    interpreter(pack.parents[1] / ".venv", "echo above")
    assert launch(pack).stdout == "above\n"


def test_environment_that_lacks_the_packages_is_told_how_to_get_them(pack: Path) -> None:
    interpreter(pack.parents[1] / ".venv", f'exec {sys.executable} -S "$@"')

    done = launch(pack, PYTHONPATH="")
    assert done.returncode == 1
    assert "has no pulumi_policy and no vertex_custom_weights_provider" in done.stderr
    assert "-m pip install pulumi-policy vertex-custom-weights" in done.stderr
    assert "Traceback" not in done.stderr


def test_pack_of_the_template_is_the_same() -> None:
    """After a change: copy `launch`, `__main__.py` and `endpoint_policy/*.py` there."""
    template = PACK.parents[1] / "templates" / "custom-weights-stacks-gcp-python" / "policy"
    for path in (PACK / "launch", PACK / "__main__.py", *PACK.glob("endpoint_policy/*.py")):
        assert (template / path.relative_to(PACK)).read_bytes() == path.read_bytes()
