"""Whether another process is still there."""

from __future__ import annotations

import os
import select
import socket
import time
from types import TracebackType
from typing import Self

# Between a preview and its update somebody may be reading. Longer than this, and memory is worth
# more than half a second.
_PATIENCE_SECONDS = 600.0
_GLANCE_SECONDS = 0.25


class Watch:
    """Watches a process that is not a child. Linux tells of its end; elsewhere it is looked for."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._descriptor = -1

    def __enter__(self) -> Self:
        """Begin; a process that is gone already is noticed as well."""
        if hasattr(os, "pidfd_open"):
            try:
                self._descriptor = os.pidfd_open(self._pid)
            except OSError:  # gone, or an old kernel: looking tells
                self._descriptor = -1
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop watching."""
        if self._descriptor >= 0:
            os.close(self._descriptor)

    def outlives(self, listener: socket.socket) -> bool:
        """Wait until somebody connects; return False when the process ends first, or it is late."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        waiting = select.poll()
        waiting.register(listener, select.POLLIN)
        if self._descriptor >= 0:
            waiting.register(self._descriptor, select.POLLIN)
        glance = _GLANCE_SECONDS if self._descriptor < 0 else _PATIENCE_SECONDS
        while self._lives() and time.monotonic() < deadline:
            ready = [descriptor for descriptor, _ in waiting.poll(glance * 1000)]
            if self._descriptor in ready:
                return False
            if listener.fileno() in ready:
                return True
        return False

    def _lives(self) -> bool:
        try:
            os.kill(self._pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True
