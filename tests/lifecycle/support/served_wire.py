"""The wire between a provider in a process of its own and the emulated cloud: WSGI."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol
from urllib.parse import parse_qs

from waitress.channel import ClientDisconnected
from waitress.server import create_server

from vertex_custom_weights_provider.emulator import App
from vertex_custom_weights_provider.emulator.serve import HOST, Server

from .wire import Cut, Surroundings, Wire

TIME = "/time"
_THREADS = 8


class Process(Surroundings, Protocol):
    """The provider's process, as far as the wire is concerned."""

    rpc_over: threading.Event

    def now(self) -> float:
        """Return the virtual time."""
        ...

    def kill_provider(self) -> None:
        """End the provider's process with SIGKILL."""
        ...


@dataclass(frozen=True)
class Said:
    """A whole answer: what `start_response` is given, and the body."""

    head: tuple[Any, ...]
    body: list[bytes]


def _said(status: int, body: bytes) -> Said:
    length = [] if status == 204 else [("Content-Length", str(len(body)))]
    return Said((f"{status} Odd", length), [body])


class ServedWire(Wire):
    """Answers what `virtual_time` asks itself; counts and passes on everything else."""

    def __init__(self, world: Process, app: App) -> None:
        self._process = world
        self._app = app
        super().__init__(world)

    def heal(self) -> None:
        super().heal()
        self.cancelled = False

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path, query = environ["PATH_INFO"], environ["QUERY_STRING"]
        if path == TIME:
            return self._time(query, start_response)
        if path.endswith((":wait", "/wait")):
            environ = {**environ, "QUERY_STRING": "timeout=0s"}
        call = f"{environ['REQUEST_METHOD']} {path}"
        try:
            said = self.pass_on(call, query, lambda: self._whole(environ), _said)
        except ConnectionError:
            raise hung_up(environ) from None
        start_response(*said.head)
        return said.body

    def _whole(self, environ: dict[str, Any]) -> Said:
        heads: list[Any] = []
        with contextlib.closing(self._app(environ, lambda *head: heads.append(head))) as answer:
            body = list(answer)
        return Said(heads[-1], body)

    def _time(self, query: str, start_response: Any) -> Iterable[bytes]:
        for seconds in parse_qs(query).get("advance", []):
            self._process.advance(float(seconds))
        body = str(self._process.now()).encode()
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    def _break(self, cut: Cut) -> None:
        if cut.kills:
            self._process.kill_provider()
        raise ConnectionResetError

    def _left_behind(self) -> None:
        if self.cancelled:  # the long poll goes on when the one who asked has long gone
            self._process.rpc_over.wait(10)
            raise ConnectionResetError


def hung_up(environ: dict[str, Any]) -> ClientDisconnected:
    """Return what closes the connection as a crashed machine does it, not in good order."""
    channel = environ["waitress.client_disconnected"].__self__
    with contextlib.suppress(OSError):
        channel.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return ClientDisconnected()


@contextmanager
def listening(wire: ServedWire, app: App) -> Generator[str]:
    """Serve the wire on a free port of this machine; gives its URL, and closes the app at last."""
    sockets: dict[int, Any] = {}
    server: Any = create_server(
        wire, map=sockets, host=HOST, port=0, threads=_THREADS, asyncore_use_poll=True
    )
    dispatcher = server.task_dispatcher
    dispatcher.shutdown = partial(dispatcher.shutdown, timeout=1)
    served = Server(f"http://{HOST}:{server.effective_port}", server, sockets, app)
    thread = threading.Thread(target=served.run, daemon=True)
    thread.start()
    try:
        yield served.url
    finally:
        served.stop()
        thread.join(5)
