"""The embedded emulator with time that only moves when somebody waits, and a wire to watch and cut.

A long poll moves the clock instead of blocking, so a 40-minute deployment takes no time and two
runs of a test make the same calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import httpx
from msgspec.structs import replace

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.adapter.phase import Phase
from vertex_custom_weights_provider.api.cloud import Cloud, StackState
from vertex_custom_weights_provider.api.compute import ComputeClient
from vertex_custom_weights_provider.api.credentials import Anonymous
from vertex_custom_weights_provider.api.rest import Rest
from vertex_custom_weights_provider.api.vertex import VertexClient
from vertex_custom_weights_provider.emulator import Settings, create_app
from vertex_custom_weights_provider.emulator.state import clock

from ...support.transport import Beneath
from . import in_process
from .wire import Cut, Killed, Wire, WireInProcess

__all__ = ["Cut", "Killed"]  # of the wire, for those who cut it
T = TypeVar("T")
PROJECT, REGION = "my-proj", "us-central1"
LOCATION = f"projects/{PROJECT}/locations/{REGION}"
REGIONAL = f"projects/{PROJECT}/regions/{REGION}"
API = "https://us-central1-aiplatform.googleapis.com/v1beta1"
COMPUTE = "https://compute.googleapis.com/compute/v1"


class Lines:
    """What the person who waits is told."""

    def __init__(self) -> None:
        self.shown: list[tuple[str, str]] = []

    def status(self, message: str) -> None:
        self.shown.append(("status", message))

    def info(self, message: str) -> None:
        self.shown.append(("info", message))

    def warn(self, message: str) -> None:
        self.shown.append(("warn", message))

    @property
    def text(self) -> str:
        return "\n".join(message for _, message in self.shown)


class World:
    """One emulated cloud, and the clock, wire and lines of those who act on it."""

    def __init__(
        self,
        folder: Path,
        deploy_seconds: float = 30 * 60.0,
        buckets: Mapping[str, Path] = MappingProxyType({}),
        dialects: Iterable[str] = (),
    ) -> None:
        self.app = create_app(
            Settings(
                folder / "emulator.db",
                buckets,
                deploy_seconds=deploy_seconds,
                operation_seconds=2.0,
                dialects=tuple(dialects),
            )
        )
        with self.app.store.write() as tx:
            clock.set_factor(tx, 0)
        self.lines = Lines()
        self.phase: Phase | None = None  # of several calls; without one each call has its own
        self.clock = VirtualClock(self)
        self._bundled = False
        self.state = StackState()
        self.wire: Wire = self._wired()
        self.direct = httpx.Client(transport=httpx.WSGITransport(app=self.app))

    def _wired(self) -> Wire:
        """Have the provider run in this process."""
        wire = WireInProcess(self, self.app, lambda: self.clock.cancelled)
        self.http = Beneath(wire)
        rest = Rest(self.http, Anonymous(), self.clock)
        compute = ComputeClient(rest, self.clock)
        vertex = VertexClient(rest)
        self.cloud = Cloud(vertex, compute, rest, self.clock, self.lines, state=self.state)
        return wire

    def kept_in(self, state: StackState) -> None:
        """Have those who act from now on keep their stack in this state."""
        self.state = state
        self.cloud = replace(self.cloud, state=state)

    def close(self) -> None:
        self.http.close()
        self.direct.close()
        self.app.close()

    # --- the provider and what becomes of it --------------------------------------------------

    def serving(self, kind: str, urn: str, bundled: bool) -> AbstractContextManager[Any]:
        """Return a provider for the length of one call."""
        self._bundled = bundled
        return in_process.serving(self, kind, urn)

    def cancel(self) -> None:
        """Press Ctrl-C."""
        self.clock.cancelled = True

    def lose_engine(self) -> None:
        """Let the engine die: the host ends with it, the bundled server does not notice."""
        self.clock.cancelled = not self._bundled

    def forget(self) -> None:
        """Have the next call served by a process that has learnt nothing yet."""
        self.http.close()
        self.wire = self._wired()

    def recover(self) -> None:
        """Let the next run begin: in a new process, and without faults."""
        self.clock.cancelled = False
        if self.wire.cut and self.wire.cut.kills:
            self.forget()
        self.wire.heal()

    def now(self) -> float:
        with self.app.store.read() as tx:
            return clock.read(tx).now()

    def advance(self, seconds: float) -> None:
        with self.app.store.write() as tx:
            clock.advance(tx, seconds)

    def reset(self) -> None:
        """Start with an empty cloud again."""
        self.admin("POST", "reset")
        with self.app.store.write() as tx:
            clock.set_factor(tx, 0)
        self.lines.shown.clear()
        self.wire.heal()

    # --- what strangers and operators do ------------------------------------------------------

    def call(self, verb: str, url: str, body: Any = None, **query: str) -> httpx.Response:
        return self.direct.request(verb, url, json=body, params=query or None)

    def get(self, name: str) -> dict[str, Any] | None:
        answer = self.call("GET", _url(name))
        return None if answer.status_code == 404 else answer.raise_for_status().json()

    def must(self, verb: str, name: str, body: Any = None, **query: str) -> dict[str, Any]:
        """Do something as somebody else would, and let it finish."""
        done: dict[str, Any] = self.call(verb, _url(name), body, **query).raise_for_status().json()
        if "/operations/" in str(done.get("name")) or done.get("kind") == "compute#operation":
            self.advance(3600)
        return done

    def admin(self, verb: str, path: str, body: Any = None) -> dict[str, Any]:
        answer = self.call(verb, f"http://localhost/_emulator/{path}", body)
        return answer.raise_for_status().json()

    def scenario(self, *names: str) -> None:
        self.admin("PUT", "scenarios/active", {"names": list(names)})

    def fault(self, **rule: Any) -> None:
        self.admin("POST", "faults", rule)

    def unused_faults(self) -> list[str]:
        return self.admin("GET", "faults")["unused"]

    def mutations(self, method: str = "*") -> list[str]:
        """Return the accepted changes as `method resource`, in order."""
        log = self.call("GET", "http://localhost/_emulator/log", method=f"*{method}").json()
        return [f"{entry['method']} {entry['resource']}" for entry in log["entries"]]

    # --- what is there ----------------------------------------------------------------------

    def things(self) -> dict[str, list[str]]:
        """Return what exists, by collection; an empty one is left out."""
        found = self.admin("GET", "state")["resources"]
        kinds = ("endpoints", "models", "addresses", "forwardingRules")
        return {kind: [_last(n) for n in found[kind]] for kind in kinds if found[kind]}

    def running(self) -> list[str]:
        return self.admin("GET", "state")["running"]


def _url(name: str) -> str:
    if name.startswith("https://"):
        return name
    return f"{COMPUTE}/{name}" if "/regions/" in name else f"{API}/{name}"


def _last(name: str) -> str:
    return name.rsplit("/", 1)[-1]


class VirtualClock:
    """The lifecycle's clock, which is the emulator's."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.cancelled = False
        self.slept = 0.0

    def now(self) -> float:
        return self._world.now()

    def sleep(self, seconds: float) -> None:
        self._check()
        self.slept += seconds
        self._world.advance(max(0.0, seconds))

    def call(self, function: Callable[[], T]) -> T:
        self._check()
        return function()

    def _check(self) -> None:
        if self.cancelled:
            raise errors.Cancelled("cancelled")


@contextmanager
def opened(folder: Path, **settings: Any) -> Iterator[World]:
    world = World(folder, **settings)
    try:
        yield world
    finally:
        world.close()
