"""The process around the servicer: worker threads, the port, and an end when the engine ends."""

from __future__ import annotations

import atexit
import functools
import os
import signal
import stat
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, BinaryIO, NoReturn

import grpc
from pulumi.runtime._grpc_settings import (
    _GRPC_CHANNEL_OPTIONS,  # pyright: ignore[reportPrivateUsage]
)
from pulumi.runtime.proto import provider_pb2_grpc

from vertex_custom_weights_provider.adapter.phase import Phase
from vertex_custom_weights_provider.call.call import Sink, to_stderr
from vertex_custom_weights_provider.call.engine_log import EngineLog

from .servicer import Servicer

WORKERS = 128
"""Creates, reads, updates and deletes served at once; more of them wait their turn."""

_QUICK_WORKERS = 16
_QUICK_METHODS = (
    "CheckConfig",
    "Configure",
    "DiffConfig",
    "GetPluginInfo",
    "GetSchema",
    "Check",
    "Diff",
)
# A component waits for its children, which are served here too: it must not take their places.
_COMPONENTS = 1000

# The engine kills the process 5 s after it sent SIGINT.
_GRACE = 3.0
_HARD_END = 4.0
_PARENT_INTERVAL = 2.0


Front = Callable[[Sink, threading.Event, Phase], Servicer]
"""Makes what answers the engine, of the form that is served."""


def serve(argv: list[str], front: Front = Servicer) -> None:
    """Serve until the engine is gone or sends SIGINT; `argv` ends with the engine's address."""
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        # Set explicitly: a parent that ignores SIGINT hands that down. Not as KeyboardInterrupt:
        # a second signal would hit the farewell to the first.
        signal.signal(number, lambda _number, _frame: over.set())
    serve_phase(argv, over, os.getppid(), front)
    leave()


def serve_phase(
    argv: list[str], over: threading.Event, parent: int | None = None, front: Front = Servicer
) -> bool:
    """Serve one phase of a command; return whether the process is as good as new afterwards.

    Args:
        argv: Arguments; the last is the engine's address.
        over: Ends the phase when it is set. It is set too when the engine is gone.
        parent: Process whose end is the end of the phase too.
        front: Makes what answers.
    """
    port_stream = _claim_stdout()
    cancelled = threading.Event()
    phase = Phase()
    servicer = front(_sink_for(argv), cancelled, phase)
    server, port = build(servicer)
    server.start()
    port_stream.write(f"{port}\n".encode())
    port_stream.flush()
    _wait_until_alone(parent, over)
    _end(server, cancelled)
    port_stream.close()
    spotless = servicer.spotless
    if spotless:
        phase.close()
    return spotless


def leave() -> NoReturn:
    """End the process, whatever threads a provider may have started.

    The engine waits for the end in every phase of a command. Taking the interpreter down piece by
    piece is 40 ms of it (2026-11) that nobody needs: only what was registered for the end is run.
    """
    _leave_at_last(_HARD_END - _GRACE)
    atexit._run_exitfuncs()  # pyright: ignore[reportPrivateUsage]
    sys.stderr.flush()
    os._exit(0)


def build(servicer: Servicer) -> tuple[Any, int]:
    """Return a server that is not started yet, and its port on the loopback interface."""
    # The engine's one deployment loop waits for each Check: behind a thousand creates it would see
    # no other registration, of any provider, and no Ctrl-C. Cancel must not wait for anything.
    _serve_apart(servicer, _QUICK_METHODS, ThreadPoolExecutor(_QUICK_WORKERS, "quick"))
    _serve_apart(servicer, ("Cancel",), ThreadPoolExecutor(1, "cancel"))
    _serve_apart(servicer, ("Construct",), ThreadPoolExecutor(_COMPONENTS, "component"))
    server: Any = grpc.server(ThreadPoolExecutor(WORKERS, "work"), options=_GRPC_CHANNEL_OPTIONS)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    return server, server.add_insecure_port("127.0.0.1:0")


def _serve_apart(servicer: Servicer, methods: tuple[str, ...], pool: ThreadPoolExecutor) -> None:
    """Give methods their own threads, by the attribute that gRPC looks for on a behaviour."""
    for name in methods:
        behaviour: Any = functools.partial(getattr(servicer, name))
        behaviour.experimental_thread_pool = pool
        setattr(servicer, name, behaviour)


def _claim_stdout() -> BinaryIO:
    """Return standard output and let everything else that writes there write to standard error.

    The engine reads the port from it: a `print` in a provider, or in a child of one, must not end
    up in front.
    """
    port_stream = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return port_stream


def _sink_for(argv: list[str]) -> Sink:
    return EngineLog(argv[-1]) if len(argv) > 1 else to_stderr


def _wait_until_alone(parent: int | None, gone: threading.Event) -> None:
    """Return when it is over, or the engine gone: it holds our standard input open while it lives.

    The parent process is watched too, for starters that give no pipe.
    """
    mode = os.fstat(0).st_mode
    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        threading.Thread(target=_drain_stdin, args=(gone,), daemon=True).start()
    while not gone.wait(_PARENT_INTERVAL):
        if parent is not None and os.getppid() != parent:
            return


def _drain_stdin(gone: threading.Event) -> None:
    while os.read(0, 4096):
        pass
    gone.set()


def _end(server: Any, cancelled: threading.Event) -> None:
    """Let running calls say goodbye."""
    cancelled.set()
    watchdog = _leave_at_last(_HARD_END)
    server.stop(_GRACE).wait()
    watchdog.cancel()


def _leave_at_last(seconds: float) -> threading.Timer:
    watchdog = threading.Timer(seconds, os._exit, (0,))
    watchdog.daemon = True
    watchdog.start()
    return watchdog
