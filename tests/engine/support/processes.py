"""Find the processes a run left behind, by a variable that all of its descendants inherit."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

MARKER = "VCW_ENGINE_RUN"


def with_marker(value: str) -> dict[int, str]:
    """Return id and command of every living process whose environment carries the marker."""
    wanted = f"{MARKER}={value}"
    if not Path("/proc/self/environ").exists():
        listing = subprocess.check_output(["ps", "-A", "-E", "-o", "pid=,command="])
        lines = listing.decode(errors="replace").splitlines()
        pairs = [line.split(maxsplit=1) for line in lines if wanted in line]
        return {int(pid): command[:200] for pid, command in pairs}
    found: dict[int, str] = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if wanted.encode() in (process / "environ").read_bytes().split(b"\0"):
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                found[int(process.name)] = command.strip()
        except OSError:  # ended meanwhile, or somebody else's
            continue
    return found


def wait_until_gone(value: str, seconds: float) -> dict[int, str]:
    """Wait for the processes of a run to end; return those that did not."""
    deadline = time.monotonic() + seconds
    while (left := with_marker(value)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def end_language_host(value: str, seconds: float = 10) -> None:
    """End Pulumi's language host after its CLI was killed.

    It looks for its engine every five minutes only; everything else has to end by itself.
    """
    deadline = time.monotonic() + seconds
    while (left := with_marker(value)) and time.monotonic() < deadline:
        if all("pulumi-language-" in command for command in left.values()):
            for pid in left:
                os.kill(pid, signal.SIGKILL)
            return
        time.sleep(0.05)
