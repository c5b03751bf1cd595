"""The emulator is loaded when it is first wanted, which may be by several threads at once."""

from __future__ import annotations

import subprocess
import sys

# One thread is held up where werkzeug has been begun and nothing in it yet; the other overtakes it,
# and comes to the same modules through others of them.
TWO_AT_ONCE = """
import sys
import threading
import time
from importlib.machinery import SourceFileLoader
from pathlib import Path
from vertex_custom_weights_provider import emulator

begun, made = threading.Event(), []
code_of = SourceFileLoader.get_code


def held_up(loader, name):
    if name == "werkzeug":
        begun.set()
        time.sleep(0.5)
    return code_of(loader, name)


def first_call(name):
    if name == "second":
        begun.wait()
    made.append(emulator.create_app(emulator.Settings(state=Path(sys.argv[1], name))))


SourceFileLoader.get_code = held_up
threads = [threading.Thread(target=first_call, args=(name,)) for name in ("first", "second")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print([type(app).__name__ for app in made])
"""


def test_calls_that_come_at_once_do_not_meet_half_a_package(tmp_path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", TWO_AT_ONCE, tmp_path], capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines() == ["['App', 'App']"], done.stderr
