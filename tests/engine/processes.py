"""Find the processes a run left behind, by a variable that all of its descendants inherit."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

MARKER = "VCW_ENGINE_RUN"


def with_marker(value: str) -> list[str]:
    """Return `pid command` of every living process whose environment carries the marker."""
    wanted = f"{MARKER}={value}"
    if not Path("/proc/self/environ").exists():
        listing = subprocess.check_output(["ps", "-A", "-E", "-o", "pid=,command="])
        lines = listing.decode(errors="replace").splitlines()
        return [line.strip()[:200] for line in lines if wanted in line]
    found: list[str] = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if wanted.encode() in (process / "environ").read_bytes().split(b"\0"):
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                found.append(f"{process.name} {command}")
        except OSError:  # ended meanwhile, or somebody else's
            continue
    return found


def wait_until_gone(value: str, seconds: float) -> list[str]:
    """Wait for the processes of a run to end; return those that did not."""
    deadline = time.monotonic() + seconds
    while (left := with_marker(value)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left
