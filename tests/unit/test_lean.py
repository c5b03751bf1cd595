"""What is left out when packages are imported is left out only there."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
from pathlib import Path
from vertex_custom_weights_provider import emulator
from vertex_custom_weights_provider.lean_httpx import httpx
emulator.create_app(emulator.Settings(state=Path(sys.argv[1])))
unused = {"http.server", "rich", "click", "pygments", "werkzeug.test", "httpx._main"}
print(sorted(unused & sys.modules.keys()))
httpx.Client().close()

import httpx._main
import werkzeug.serving
import werkzeug.test
print(werkzeug.test.Client.__name__, werkzeug.serving.run_simple.__name__, httpx._main.main.name)
try:
    werkzeug.run_simple()
except NotImplementedError as error:
    print(error)
"""


def test_command_lines_and_development_servers_are_not_imported_until_asked_for(tmp_path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, tmp_path / "state.db"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines() == [
        "[]",
        "Client run_simple main",
        "werkzeug.serving.run_simple was left out; import it from its own module",
    ], done.stderr
