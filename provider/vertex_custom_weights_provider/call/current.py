"""The current call: of our host, of Pulumi's bundled dynamic server, or of no server at all.

The bundled server tells its providers neither URN nor engine. Both can be found: the request is a
local variable of the servicer method further up the stack, the engine's address is the last
argument of the process. Everything is detected, nothing required: where the layout differs, lines
go to standard error.
"""

from __future__ import annotations

import contextlib
import contextvars
import functools
import re
import sys
from collections.abc import Generator
from typing import Any

from .call import Call, Sink, to_stderr

_METHODS = frozenset({"Check", "Diff", "Create", "Read", "Update", "Delete"})
_ADDRESS = re.compile(r"[\w.\-]+:\d+|\[[0-9a-fA-F:]+\]:\d+")

_current: contextvars.ContextVar[Call | None] = contextvars.ContextVar("call", default=None)


def current() -> Call:
    """Return the call being served; outside our host, the best stand-in that can be found.

    Fetch it once and hand it on: its status lines are throttled together, and a thread that a
    provider starts does not inherit it.
    """
    call = _current.get()
    if call is not None:
        return call
    return _outside_our_host()


@contextlib.contextmanager
def serving(call: Call) -> Generator[Call]:
    """Make `call` the current one inside the block."""
    token = _current.set(call)
    try:
        yield call
    finally:
        _current.reset(token)


def _outside_our_host() -> Call:
    """Return a call with whatever can be learned here."""
    request = _serving_request() if _is_bundled_server() else None
    return Call(
        urn=str(getattr(request, "urn", "")),
        preview=bool(getattr(request, "preview", False)),
        timeout=float(getattr(request, "timeout", 0.0)),
        sink=_sink(),
    )


def _is_bundled_server() -> bool:
    spec = getattr(sys.modules.get("__main__"), "__spec__", None)
    return getattr(spec, "name", "") == "pulumi.dynamic.__main__"


def _serving_request() -> Any:
    frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    while frame is not None:
        if frame.f_code.co_name in _METHODS and "request" in frame.f_locals:
            return frame.f_locals["request"]
        frame = frame.f_back
    return None


@functools.cache
def _sink() -> Sink:
    address = sys.argv[-1] if _is_bundled_server() and len(sys.argv) > 1 else ""
    if _ADDRESS.fullmatch(address):
        with contextlib.suppress(ImportError):
            from .engine_log import EngineLog

            return EngineLog(address)
    return to_stderr
