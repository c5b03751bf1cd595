"""Bad inputs of many resources, reported in one preview instead of one by one.

The engine stops at the first resource whose Check reports a failure, so a stack with ten mistakes
would take eleven previews to mend. Where our host serves previews, Check keeps what is wrong, and
the previewed step that follows reports it. A failed step ends the preview, and the engine takes
only so many steps at a time: so the first one waits until no more resources are being checked, and
fails then, while the others leave their mistakes on their resources and go on.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from vertex_custom_weights_provider.adapter.served_call import named, served
from vertex_custom_weights_provider.errors import VcwError

if TYPE_CHECKING:
    from vertex_custom_weights_provider.properties.base import Problem

# Long enough for the program to register its next resource, short beside a preview.
_QUIET_SECONDS = 0.5
_LONGEST_WAIT = 30.0


class Refused(VcwError):
    """The inputs of a resource cannot be accepted; one line per property."""


class Refusals:
    """What Check refused in this process, by URN; safe for any number of threads."""

    def __init__(self) -> None:
        """Start with nothing refused."""
        self._lock = threading.Lock()
        self._problems: dict[str, tuple[Problem, ...]] = {}
        self._checking = 0
        self._first: str | None = None
        self._last_check = 0.0

    @contextmanager
    def checking(self) -> Generator[None]:
        """Mark that a resource is being checked."""
        with self._lock:
            self._checking += 1
        try:
            yield
        finally:
            with self._lock:
                self._checking -= 1
                self._last_check = time.monotonic()

    def keep(self, urn: str, problems: Sequence[Problem]) -> None:
        """Remember what is wrong with a resource; nothing clears what was remembered."""
        with self._lock:
            self._problems.pop(urn, None)
            if problems:
                self._problems[urn] = tuple(problems)

    def of(self, urn: str) -> tuple[Problem, ...]:
        """Return what is wrong with a resource."""
        with self._lock:
            return self._problems.get(urn, ())

    def enforce(self, urn: str, *, together: bool) -> None:
        """Fail a refused resource; of those that fail `together`, the first, after all others.

        Raises:
            Refused: it was refused.
        """
        problems = self.of(urn)
        if not problems:
            return
        told = "\n".join(f"{p.path}: {p.message}" if p.path else p.message for p in problems)
        if together:
            with self._lock:
                self._first = self._first or urn
            if urn != self._first:
                served().error(told)
                return
            self._wait_until_quiet()
        raise Refused(named(urn, told))

    def _wait_until_quiet(self) -> None:
        deadline = time.monotonic() + _LONGEST_WAIT
        while (now := time.monotonic()) < deadline:
            with self._lock:
                quiet = self._checking == 0 and now - self._last_check >= _QUIET_SECONDS
            if quiet:
                return
            time.sleep(_QUIET_SECONDS / 10)
