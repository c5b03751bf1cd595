"""CI must not be green because a test did not run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"
HEAD = "import pytest\ndef test_that_runs(): pass\n"


def run_pytest(folder: Path, body: str, *options: str, ci: str) -> subprocess.CompletedProcess[str]:
    shutil.copy(CONFTEST, folder)
    markers = "live: needs an account\n  browser: needs a browser\n"
    (folder / "pytest.ini").write_text(f"[pytest]\nmarkers =\n  {markers}")
    (folder / "test_it.py").write_text(HEAD + body)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options]
    # Without the plugins that happen to be installed it starts in a fraction of the time.
    env = {**os.environ, "CI": ci, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("workers", [(), ("-p", "xdist", "-n", "1")], ids=["in process", "xdist"])
@pytest.mark.parametrize(
    ("body", "options"),
    [
        ("@pytest.mark.skip\ndef test_left_out(): pass\n", ()),
        ("@pytest.mark.xfail\ndef test_left_out(): assert False\n", ()),
        ("def test_left_out(): pass\n", ("-k", "runs")),
    ],
    ids=["skip", "xfail", "deselected"],
)
def test_ci_run_fails_and_names_the_test_that_did_not_run(
    tmp_path: Path, body: str, options: tuple[str, ...], workers: tuple[str, ...]
) -> None:
    run = run_pytest(tmp_path, body, *options, *workers, ci="true")

    assert run.returncode == 1
    assert "test_it.py::test_left_out" in run.stdout


@pytest.mark.parametrize("marker", ["live", "browser"])
def test_ci_run_without_tests_that_have_a_target_of_their_own_passes(
    tmp_path: Path, marker: str
) -> None:
    body = f"@pytest.mark.{marker}\ndef test_elsewhere(): assert False\n"

    assert run_pytest(tmp_path, body, "-m", f"not {marker}", ci="true").returncode == 0


def test_run_outside_ci_may_skip(tmp_path: Path) -> None:
    body = "@pytest.mark.skip\ndef test_left_out(): pass\n"

    assert run_pytest(tmp_path, body, ci="").returncode == 0
