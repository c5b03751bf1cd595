"""A command at a terminal of a given width, with a person who may press Ctrl-C."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

VCW = str(Path(sys.prefix, "bin", "vcw"))
CTRL_C = b"\x03"


@dataclass(frozen=True)
class Seen:
    """What stood on the screen, and how the command ended."""

    text: str
    code: int

    @property
    def lines(self) -> list[str]:
        """The lines as they were printed, before the terminal breaks long ones."""
        return self.text.replace("\r\n", "\n").splitlines()


def at_terminal(
    *command: str,
    columns: int = 80,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    interrupt_after: str = "",
    seconds: float = 60,
) -> Seen:
    """Run a command at a terminal; press Ctrl-C once a text has appeared, where one is given."""
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    variables = {**(os.environ if environment is None else environment), "TERM": "xterm-256color"}
    variables.pop("COLUMNS", None)  # it would win over the terminal's own width
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=variables,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        # What Ctrl-C reaches is who has the terminal; nothing else can be told to take it.
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509
    )
    os.close(slave)
    try:
        text = _read(master, process, interrupt_after.encode(), time.monotonic() + seconds)
        return Seen(text.decode(errors="replace"), process.wait(10))
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        os.close(master)


def _read(master: int, process: subprocess.Popen[bytes], awaited: bytes, deadline: float) -> bytes:
    text = b""
    while time.monotonic() < deadline:
        ready, _, _ = select.select([master], [], [], 0.1)
        if not ready:
            if process.poll() is not None:
                break
            continue
        try:
            piece = os.read(master, 65536)
        except OSError:  # the other end has been closed
            break
        text += piece
        if not piece:
            break
        if awaited and awaited in text:
            os.write(master, CTRL_C)
            awaited = b""
    return text
