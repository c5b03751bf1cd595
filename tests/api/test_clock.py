"""The real clock: it waits, and stops waiting the moment the engine asks to stop."""

from __future__ import annotations

import threading
import time

import pytest

from vertex_custom_weights_provider.api.clock import SystemClock
from vertex_custom_weights_provider.errors import Cancelled


def test_a_cancelled_sleep_ends_at_once() -> None:
    clock = SystemClock()
    threading.Timer(0.05, clock.cancelled.set).start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        clock.sleep(30)
    assert time.monotonic() - began < 5


def test_a_blocking_call_is_left_behind_when_cancelled() -> None:
    clock, release = SystemClock(), threading.Event()
    threading.Timer(0.05, clock.cancelled.set).start()
    with pytest.raises(Cancelled):
        clock.call(lambda: release.wait(30))
    release.set()


def test_a_call_hands_on_what_it_returns_and_what_it_raises() -> None:
    clock = SystemClock()
    assert clock.call(lambda: 42) == 42
    with pytest.raises(ZeroDivisionError):
        clock.call(lambda: 1 // 0)
