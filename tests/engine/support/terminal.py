"""A command in a terminal of some width, and what the terminal showed at every moment."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios
import time
from collections.abc import Mapping
from pathlib import Path

import pyte

_LINES = 50


def shown(
    command: list[str],
    folder: Path,
    environment: Mapping[str, str],
    *,
    columns: int,
    seconds: float = 120,
) -> list[list[str]]:
    """Run a command to its end and return each picture that differs from the one before.

    Args:
        command: What to run.
        folder: Where.
        environment: Its environment.
        columns: Width of the terminal.
        seconds: How long it may take.
    """
    screen = pyte.Screen(columns, _LINES)
    stream = pyte.ByteStream(screen)
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", _LINES, columns, 0, 0))
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**environment, "TERM": "xterm-256color"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    pictures: list[list[str]] = []
    deadline = time.monotonic() + seconds
    try:
        while data := _read(ours):
            assert time.monotonic() < deadline, screen.display
            stream.feed(data)
            if not pictures or screen.display != pictures[-1]:
                pictures.append(list(screen.display))
        assert process.wait(10) == 0, "\n".join(screen.display)
    finally:
        process.kill()
        os.close(ours)
    return pictures


def _read(ours: int) -> bytes:
    try:
        return os.read(ours, 65536)
    except OSError:  # on Linux the end of the other side is an error
        return b""
