"""Runs when a provider process under test starts: it takes the time from the test's emulator.

Python imports this module by its name from PYTHONPATH. Waiting moves the emulator's clock and takes
no time, so minutes of retries are over at once and two runs make the same calls.
"""

from __future__ import annotations

import os
import urllib.request

from vertex_custom_weights_provider.api.clock import SystemClock
from vertex_custom_weights_provider.errors import Cancelled

_URL = os.environ["VCW_TEST_TIME"]
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _now(self: SystemClock) -> float:
    with _OPENER.open(_URL) as answer:
        return float(answer.read())


def _sleep(self: SystemClock, seconds: float) -> None:
    if self.cancelled.is_set():
        raise Cancelled("cancelled")
    with _OPENER.open(f"{_URL}?advance={max(0.0, seconds)}"):
        return


SystemClock.now = _now  # type: ignore[method-assign]
SystemClock.sleep = _sleep  # type: ignore[method-assign]
