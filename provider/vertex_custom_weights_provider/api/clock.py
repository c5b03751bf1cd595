"""Time as the lifecycle sees it: something to pass in, and something that can be given up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from typing import Protocol, TypeVar

import msgspec

from vertex_custom_weights_provider.errors import Cancelled

T = TypeVar("T")
_GLANCE_SECONDS = 0.1  # how late a Ctrl-C may be noticed during a blocking call


class Clock(Protocol):
    """What waiting code needs; a fake one makes a 40-minute deployment instant in tests."""

    def now(self) -> float:
        """Return seconds since an arbitrary fixed moment; never goes backwards."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait, or raise `Cancelled` as soon as the caller has given up."""
        ...

    def call(self, function: Callable[[], T]) -> T:
        """Run a call that may block for a minute; raise `Cancelled` without waiting for it."""
        ...


class SystemClock(msgspec.Struct, frozen=True):
    """The real clock, ended early by `cancelled`."""

    cancelled: threading.Event = msgspec.field(default_factory=threading.Event)

    def now(self) -> float:
        """Return the monotonic clock in seconds."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait `seconds`, or raise `Cancelled` at once when cancelled."""
        if self.cancelled.wait(max(0.0, seconds)):
            raise Cancelled("cancelled")

    def call(self, function: Callable[[], T]) -> T:
        """Run `function` on a thread of its own and leave it behind when cancelled.

        A long poll cannot be taken back once sent. The thread is a daemon, so it neither delays
        the process's exit nor outlives it.
        """
        result: Future[T] = Future()

        def run() -> None:
            try:
                result.set_result(function())
            except BaseException as error:  # noqa: BLE001 - handed to the caller, who raises it
                result.set_exception(error)

        threading.Thread(target=run, daemon=True, name="long-poll").start()
        while True:
            try:
                return result.result(timeout=_GLANCE_SECONDS)
            except NotYet:
                if self.cancelled.is_set():
                    raise Cancelled("cancelled") from None
