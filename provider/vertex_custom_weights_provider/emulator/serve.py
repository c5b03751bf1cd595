"""Serve the emulator over HTTP on this machine, for clients that cannot take it in process."""

from __future__ import annotations

import logging
import re
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from waitress import wasyncore
from waitress.channel import ClientDisconnected
from waitress.server import create_server

from . import create_app
from .operations.long_poll import CROWDED
from .settings import Settings

if TYPE_CHECKING:
    from .http.app import App

HOST = "127.0.0.1"
# More than any client has long polls open at once: each of those holds a thread for a minute.
THREADS = 128
MOST_LONG_POLLS = 96
_SECONDS_TO_STOP = 0.5

_SECRET = re.compile(r"\b(access_token|oauth_token|key)=[^&]*")

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


@dataclass
class Server:
    """A bound, not yet running server.

    Attributes:
        url: Where clients reach it.
    """

    url: str
    _server: Any
    _sockets: dict[int, Any]
    _app: App

    def run(self) -> None:
        """Answer requests until interrupted (`KeyboardInterrupt`, `SystemExit`) or stopped."""
        try:
            self._server.run()
        finally:
            self._server.task_dispatcher.shutdown()
            self._close()
            self._app.close()

    def stop(self) -> None:
        """Make `run` return, from another thread: its loop ends when no socket is left."""
        # A worker may wake the loop first: it then closes the trigger before this gets to pull it.
        with suppress(OSError):
            self._server.trigger.pull_trigger(self._close)

    def _close(self) -> None:
        # A worker that ends later must not wake the loop: the descriptor it would write to is
        # closed, and may be somebody else's file by then.
        self._server.pull_trigger = _nothing
        wasyncore.close_all(self._sockets, ignore_all=True)


def _nothing() -> None:
    return None


def bind(settings: Settings, port: int, *, log: Callable[[str], None] | None = None) -> Server:
    """Open the state, take a port (0 chooses a free one), and return the server.

    `log` receives one line per request.

    Raises:
        OSError: The port is taken.
        StateFileError: The state file cannot be used.
    """
    # A queue behind the threads is what a burst looks like, nothing a user should act on.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    _show_failures()
    app = create_app(settings)
    wsgi: Wsgi = _sparing(_hanging_up(app))
    if log is not None:
        wsgi = _logged(wsgi, log)
    sockets: dict[int, Any] = {}
    try:
        server: Any = create_server(
            wsgi,
            map=sockets,
            host=HOST,
            port=port,
            threads=THREADS,
            connection_limit=1000,
            channel_timeout=300,
            asyncore_use_poll=True,
            ident="vertex-custom-weights-emulator",
        )
    except OSError:
        wasyncore.close_all(sockets, ignore_all=True)
        app.close()
        raise
    dispatcher = server.task_dispatcher
    # Only threads in a long poll are still busy then, and nobody waits for their answer.
    dispatcher.shutdown = partial(dispatcher.shutdown, timeout=_SECONDS_TO_STOP)
    return Server(f"http://{HOST}:{server.effective_port}", server, sockets, app)


@contextmanager
def running(settings: Settings, port: int = 0) -> Generator[str]:
    """Serve in a thread for the length of the block; gives the URL."""
    server = bind(settings, port)
    thread = threading.Thread(target=server.run, name="emulator", daemon=True)
    thread.start()
    try:
        yield server.url
    finally:
        server.stop()
        thread.join(timeout=5)


def _hanging_up(app: Wsgi) -> Wsgi:
    """Close the socket where the application lets a connection fail."""

    def call(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        try:
            return app(environ, start_response)
        except ConnectionError:
            raise ClientDisconnected from None

    return call


def _sparing(app: Wsgi) -> Wsgi:
    """Answer long polls at once while too many are held: other calls need threads too."""
    held = threading.BoundedSemaphore(MOST_LONG_POLLS)

    def call(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if not environ["PATH_INFO"].endswith((":wait", "/wait")):
            return app(environ, start_response)
        if not held.acquire(blocking=False):
            return app({**environ, CROWDED: True}, start_response)
        try:
            return app(environ, start_response)
        finally:
            held.release()

    return call


def _logged(app: Wsgi, log: Callable[[str], None]) -> Wsgi:
    """Write a line per request: time, status, duration, verb, host where it matters, path."""

    def call(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        began = time.perf_counter()
        seen = ["---"]

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            seen[0] = status.split(" ", 1)[0]
            return start_response(status, headers, exc_info)

        try:
            return app(environ, start)
        finally:
            milliseconds = (time.perf_counter() - began) * 1000
            query = _SECRET.sub(r"\1=***", environ.get("QUERY_STRING", ""))
            path = environ.get("PATH_INFO", "/") + (f"?{query}" if query else "")
            clock = time.strftime("%H:%M:%S")
            verb = environ["REQUEST_METHOD"]
            log(f"{clock}  {seen[0]}  {milliseconds:6.1f} ms  {verb:6} {path}")

    return call


def _show_failures() -> None:
    """Print what the emulator itself fails at, with its traceback, where requests are printed."""
    failures = logging.getLogger(__package__)
    if not any(isinstance(known, logging.StreamHandler) for known in failures.handlers):
        failures.addHandler(logging.StreamHandler())


def to_stderr(line: str) -> None:
    """Write a log line where it does not mix with what the command prints."""
    sys.stderr.write(line + "\n")
