"""Everything that is kept while the engine is in one phase: a preview, an update, a destroy.

The host makes a phase and drops it, so that a process that serves the next one knows nothing of
the last. Providers hold nothing. Pulumi's bundled server has no phases and serves one command for
each process: there the process itself is the phase.
"""

from __future__ import annotations

import contextlib
import contextvars
import threading
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from vertex_custom_weights_provider.adapter.refusals import Refusals

if TYPE_CHECKING:
    from vertex_custom_weights_provider.adapter.words import Words
    from vertex_custom_weights_provider.api.cloud import Cloud
    from vertex_custom_weights_provider.backend import Connections
    from vertex_custom_weights_provider.call.call import Call
    from vertex_custom_weights_provider.lifecycle.lines import Line
    from vertex_custom_weights_provider.lifecycle.standing import Listings
    from vertex_custom_weights_provider.settings import Settings


@dataclass
class Noticed:
    """What one step of a resource leaves for the next.

    Attributes:
        same: Check found the inputs of the last run.
        living: Check saw that the resource exists: another check of it is that of a replacement.
        deleted: It has been deleted in this phase.
        in_use: Names of what it is now, which a replacement made beside it cannot have.
        seen: Status that a listing has just shown, for the step that follows the diff.
        changed: Something was done to it since: what was listed before does not show that.
        adopting: Outputs of what is to be adopted, for the preview.
        lines: What is to be said in the previewed step, which is the one that people read.
        warned: What has been warned of: the engine checks a resource twice when it is replaced.
    """

    same: bool = False
    living: bool = False
    deleted: bool = False
    in_use: frozenset[str] = frozenset()
    seen: str | None = None
    changed: bool = False
    adopting: dict[str, Any] = field(default_factory=dict[str, Any])
    lines: list[Line] = field(default_factory=list["Line"])
    warned: set[Line] = field(default_factory=set["Line"])

    def remember(self, lines: Iterable[Line]) -> None:
        """Keep lines for the preview, each once."""
        self.lines.extend(line for line in lines if line not in self.lines)

    def take_lines(self) -> list[Line]:
        """Return the lines that are to be said, and forget them."""
        lines, self.lines = self.lines, []
        return lines


class Phase:
    """One phase: what was refused, what was noticed of each resource, and the connections.

    Attributes:
        refusals: What was refused.
        endpoints: Those of the stack file, as its configuration has them.
        plugin: Programs of other languages are served.
    """

    def __init__(self) -> None:
        """Begin, knowing nothing."""
        self.refusals = Refusals()
        self.endpoints: Any = None
        self.plugin = False
        self._lock = threading.Lock()
        self._noticed: dict[str, Noticed] = {}
        self._connections: Connections | None = None
        self._listings: Listings | None = None

    def of(self, urn: str) -> Noticed:
        """Return what was noticed of a resource."""
        with self._lock:
            return self._noticed.setdefault(urn, Noticed())

    def words(self, urn: str) -> Words:
        """Return how the person who declared a resource calls its properties."""
        from vertex_custom_weights_provider.adapter import words

        return words.of(urn, self.endpoints, plugin=self.plugin)

    def cloud(self, settings: Settings, call: Call) -> Cloud:
        """Return the clients for one call; connections, and what came over them, are shared."""
        from vertex_custom_weights_provider.backend import Connections

        with self._lock:
            connections = self._connections = self._connections or Connections()
        return connections.connect(settings, call.cancelled, call)

    @property
    def listings(self) -> Listings:
        """What was listed, once for all resources."""
        from vertex_custom_weights_provider.lifecycle.standing import Listings

        with self._lock:
            self._listings = self._listings or Listings()
        return self._listings

    def close(self) -> None:
        """End the phase: close its connections. Nothing is to be asked of it any more."""
        if self._connections is not None:
            self._connections.close()

    @contextlib.contextmanager
    def serving(self) -> Generator[None]:
        """Make this the current phase inside the block, on this thread."""
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)


_current: contextvars.ContextVar[Phase | None] = contextvars.ContextVar("phase", default=None)


def current() -> Phase:
    """Return the phase being served; where the server has none, that of the process."""
    return _current.get() or _of_process()


@cache
def _of_process() -> Phase:
    return Phase()
