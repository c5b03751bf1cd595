"""What a provider can know about the RPC it serves, and how it speaks to the person waiting.

Owns the context of one call: its URN, whether it is a preview, whether the engine asked to stop,
and the lines shown on the resource. Deliberately does not know gRPC: the host puts a sink in, and
outside our host the sink is found in `bundled.py` or is standard error. Nothing here raises or
writes to standard output, which belongs to the plugin protocol.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

# In a log that is not a terminal the engine prints every status as a line of its own: a deployment
# of forty minutes must not become a thousand lines.
STATUS_INTERVAL = 15.0
"""Seconds that pass at least between two status lines of one call."""


class Severity(IntEnum):
    """Mirror the engine's severities."""

    DEBUG = 0
    INFO = 1
    WARNING = 2
    ERROR = 3


Sink = Callable[[Severity, str, str, bool], None]
"""Takes severity, message, URN and whether the line is ephemeral."""


class InitFailed(Exception):
    """Say that a resource exists but is not ready: it is recorded and the next `up` resumes.

    Raised by create, update or read. Under our host the engine saves the resource with its id, its
    outputs and the reasons, and the next `up` updates it even when nothing else changed. The
    bundled server knows no such answer: there the message alone survives, and the next create has
    to adopt.
    """

    def __init__(self, id: str, outputs: Mapping[str, Any], reasons: Sequence[str]) -> None:
        super().__init__("; ".join(reasons))
        self.id = id
        self.outputs = dict(outputs)
        self.reasons = tuple(reasons)


class _Throttle:
    """Let one line through per interval; thread-safe because a provider may report from threads."""

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._lock = threading.Lock()
        self._next = 0.0

    def admits(self) -> bool:
        now = time.monotonic()
        with self._lock:
            if now < self._next:
                return False
            self._next = now + self._interval
            return True


def _no_sink(severity: Severity, message: str, urn: str, ephemeral: bool) -> None:
    """Swallow a line; the default of a `Call` that a test builds by hand."""


@dataclass(frozen=True)
class Call:
    """One RPC as its provider sees it.

    Attributes:
        urn: URN of the resource, empty when unknown.
        preview: True when nothing may be created, changed or waited for.
        timeout: `customTimeouts` of the resource in seconds, 0 when the user gave none.
        cancelled: Set once the engine asks to stop; a wait ends by raising `InitFailed`.
        sink: Where lines go.
        serves_previews: The server asks for the outputs of previewed steps, as our host does.
        hidden: Secret texts, which are left out of everything that is said.
        status_interval: Seconds between two lines that `status` lets through.
    """

    urn: str = ""
    preview: bool = False
    timeout: float = 0.0
    cancelled: threading.Event = field(default_factory=threading.Event)
    sink: Sink = _no_sink
    serves_previews: bool = False
    hidden: tuple[str, ...] = ()
    status_interval: float = STATUS_INTERVAL
    _throttle: _Throttle = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_throttle", _Throttle(self.status_interval))

    def status(self, message: str) -> None:
        """Show what is going on in the resource's status column.

        At most one line per `status_interval` is sent and the others are dropped, so say the whole
        truth every time. Call it as often as you like.
        """
        if self._throttle.admits():
            self._send(Severity.INFO, message, ephemeral=True)

    def info(self, message: str) -> None:
        """Attach a lasting line to the resource, shown under "Diagnostics"."""
        self._send(Severity.INFO, message)

    def warn(self, message: str) -> None:
        """Attach a lasting warning to the resource."""
        self._send(Severity.WARNING, message)

    def error(self, message: str) -> None:
        """Attach an error to the resource, which fails the run as a whole but not this call."""
        self._send(Severity.ERROR, message)

    def debug(self, message: str) -> None:
        """Attach a line that only `--debug` shows."""
        self._send(Severity.DEBUG, message)

    def masked(self, text: str) -> str:
        """Return a text without what is secret, as the engine shows secrets."""
        for secret in self.hidden:
            text = text.replace(secret, "[secret]")
        return text

    def _send(self, severity: Severity, message: str, *, ephemeral: bool = False) -> None:
        # A line that cannot be delivered must never fail the cloud operation it talks about.
        with contextlib.suppress(Exception):
            self.sink(severity, self.masked(message), self.urn, ephemeral)


def to_stderr(severity: Severity, message: str, urn: str, ephemeral: bool) -> None:
    """Write the line for whoever reads the process's standard error; DEBUG is dropped."""
    if severity is not Severity.DEBUG:
        name = urn.rsplit("::", 1)[-1]
        named = not name or message.startswith(f"{name}: ")
        sys.stderr.write(f"{message}\n" if named else f"{name}: {message}\n")
        sys.stderr.flush()
