"""A world whose providers are processes: real servers over gRPC, and an emulator behind a port."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from ...host.support.dynamic_harness import BUNDLED, HOST, DynamicServer, FakeEngine
from .remote import Remote
from .served_wire import TIME, ServedWire, listening
from .world import World

_TIME_HOOK = Path(__file__).parent / "virtual_time"
_SECONDS_TO_END = 10


class ServedWorld(World):
    """Starts a provider's process when one is needed, and keeps it while nothing happens to it."""

    wire: ServedWire

    def __init__(self, folder: Path, **settings: Any) -> None:
        super().__init__(folder, **settings)
        self.rpc_over = threading.Event()
        self._folder = folder
        self._servers: dict[bool, DynamicServer] = {}
        self._spent = False  # whether the process last called will not serve another run
        self._open = ExitStack()
        self._url = self._open.enter_context(listening(self.wire, self.app))
        self._engine = self._open.enter_context(FakeEngine())

    def _wired(self) -> ServedWire:
        return ServedWire(self, self.app)

    def close(self) -> None:
        for bundled in list(self._servers):
            self._end(bundled)
        self.direct.close()
        self._open.close()

    @contextmanager
    def serving(self, kind: str, urn: str, bundled: bool) -> Iterator[Any]:
        self._bundled = bundled
        if bundled not in self._servers:
            self._servers[bundled] = self._start(bundled)
        self.rpc_over.clear()
        try:
            yield Remote(self._servers[bundled], kind, urn, self._lost)
        finally:
            self.rpc_over.set()

    def _start(self, bundled: bool) -> DynamicServer:
        path = [str(_TIME_HOOK), *filter(None, [os.environ.get("PYTHONPATH")])]
        server = DynamicServer(
            command=BUNDLED if bundled else HOST,
            engine=self._engine,
            config={
                "vertex-custom-weights:backend": "emulator",
                "vertex-custom-weights:emulatorUrl": self._url,
            },
            env={"PYTHONPATH": os.pathsep.join(path), "VCW_TEST_TIME": self._url + TIME},
            cwd=self._folder,
        )
        return server.__enter__()

    def _end(self, bundled: bool) -> None:
        server = self._servers.pop(bundled, None)
        if server is not None:
            server.__exit__()

    def _lost(self) -> bool:
        """Tell whether the engine is gone; a host must have ended with it."""
        if not self.wire.engine_gone:
            return False
        if not self._bundled:
            self._servers[False].process.wait(_SECONDS_TO_END)
        return True

    # --- what happens to the provider ---------------------------------------------------------

    def cancel(self) -> None:
        self._spent = True
        self.wire.cancelled = True
        self._servers[self._bundled].cancel()

    def lose_engine(self) -> None:
        if not self._bundled:
            self._spent = True
            self._servers[False].process.stdin.close()

    def kill_provider(self) -> None:
        self._spent = True
        self._servers[self._bundled].kill()

    def forget(self) -> None:
        for bundled in list(self._servers):
            self._end(bundled)

    def recover(self) -> None:
        super().recover()
        if self._spent:
            self._end(self._bundled)
            self._spent = False


@contextmanager
def served(folder: Path, **settings: Any) -> Iterator[ServedWorld]:
    world = ServedWorld(folder, **settings)
    try:
        yield world
    finally:
        world.close()
