"""Long polls: a call is held until the operation it asks about is done."""

from __future__ import annotations

import time
from collections.abc import Callable

from vertex_custom_weights_provider.emulator.envelope import Json
from vertex_custom_weights_provider.emulator.http.call import Call
from vertex_custom_weights_provider.emulator.state import clock, timers
from vertex_custom_weights_provider.emulator.state.transaction import Transaction

# Set by a server that has no thread to spare: the answer is then given at once, as Google may.
CROWDED = "emulator.crowded"
_STEP = 0.2


def until_done(
    call: Call, look: Callable[[Transaction], Json], seconds: float
) -> tuple[Json, float]:
    """Hold the call until what `look` returns is done, at most `seconds` of real time.

    Returns the operation's document and the virtual time. It looks again now and then: another
    process may cancel the operation, or move the clock.
    """
    if CROWDED in call.request.environ:
        seconds = 0.0
    deadline = time.monotonic() + seconds
    while True:
        timers.catch_up(call.store)
        with call.store.read() as tx:
            ticking = clock.read(tx)
            body, now = look(tx), ticking.now()
        left = deadline - time.monotonic()
        if "done" in body or left <= 0:
            return body, now
        pause = min(_STEP, left)
        if body["finish"] is not None:
            pause = min(pause, max(0.001, ticking.real_seconds(body["finish"] - now)))
        time.sleep(pause)
