"""Waiting for a long-running operation.

The server's own long poll comes first: the end is seen at once, and a 40-minute deployment costs
about 40 calls. It is best effort, so when it answers early we fall back to polling at growing
intervals.
"""

from __future__ import annotations

from collections.abc import Callable

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.clock import Clock
from vertex_custom_weights_provider.api.messages import Json, Operation
from vertex_custom_weights_provider.api.vertex import VertexClient

LONG_POLL_SECONDS = 60
_FIRST_PAUSE = 2.0
# With the time of the call itself the end is seen within 20 s.
_LONGEST_PAUSE = 19.0
_GROWTH = 1.5
# A network that comes back within this does not end a wait of forty minutes.
_SILENCE_SECONDS = 120.0
_PASSING = (errors.NoAnswer, errors.Unavailable, errors.ResourceExhausted)


def wait(
    vertex: VertexClient,
    operation: Operation,
    *,
    clock: Clock,
    deadline: float,
    progress: Callable[[float], None] = lambda _: None,
) -> Json:
    """Wait for an operation and return its `response`.

    Args:
        vertex: Where to ask.
        operation: The operation as last seen.
        clock: Time.
        deadline: Value of `clock.now()` at which to give up.
        progress: Called before each request with the seconds waited so far.

    Raises:
        errors.OperationFailed: it finished with an error.
        errors.StillRunning: the deadline passed.
        errors.NoAnswer: nobody has answered for two minutes; `Unavailable` likewise.
        errors.Cancelled: the engine asked to stop.
    """
    name = operation.name
    started = heard = clock.now()
    pause = _FIRST_PAUSE
    while not operation.done:
        asked = clock.now()
        progress(asked - started)
        if asked >= deadline:
            raise errors.StillRunning(name, asked - started)
        seconds = max(1, min(LONG_POLL_SECONDS, int(deadline - asked)))
        answer = _asked(vertex, name, seconds, clock, heard)
        if answer is not None:
            operation, heard = answer, clock.now()
        if not operation.done and clock.now() - asked < seconds / 2:  # not a long poll
            clock.sleep(min(pause, max(0.0, deadline - clock.now())))
            pause = min(pause * _GROWTH, _LONGEST_PAUSE)
    if operation.error is not None:
        raise errors.OperationFailed(name, operation.error.code, operation.error.message)
    return operation.response


def _asked(
    vertex: VertexClient, name: str, seconds: int, clock: Clock, heard: float
) -> Operation | None:
    """Return the operation; None when nobody answers, which may go on for a while since `heard`."""
    try:
        return clock.call(lambda: _polled(vertex, name, seconds))
    except _PASSING:
        if clock.now() - heard >= _SILENCE_SECONDS:
            raise
        return None


def _polled(vertex: VertexClient, name: str, seconds: int) -> Operation:
    """Long-poll an operation; when that brings no answer, look at it."""
    try:
        return vertex.wait(name, seconds)
    except errors.NoAnswer:
        return vertex.operation(name)
