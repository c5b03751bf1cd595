"""Effects that happen when the virtual clock reaches a time.

There is no background thread: whoever looks at the state next first lets everything that has come
due happen, in order, each as of its own time. So a stopped process stops nothing.
"""

from __future__ import annotations

import logging
import secrets
import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec

from vertex_custom_weights_provider.emulator.envelope import Json

from . import clock
from .store import Store
from .transaction import Transaction


class Moment(msgspec.Struct, frozen=True):
    """A point in virtual time, with the state to change."""

    tx: Transaction
    now: float


Effect = Callable[[Moment, Json], Any]
# Ends what an effect that failed was part of; gets the sentence about the failure.
Recovery = Callable[[Moment, Json, str], None]
_EFFECTS: dict[str, Effect] = {}
_RECOVERIES: dict[str, Recovery] = {}
_LOG = logging.getLogger(__name__)


def effect(name: str, *, broken: Recovery | None = None) -> Callable[[Effect], Effect]:
    """Register the decorated function under the name that is kept in the state file.

    `broken` is what happens instead when it raises.
    """

    def register(function: Effect) -> Effect:
        _EFFECTS[name] = function
        if broken is not None:
            _RECOVERIES[name] = broken
        return function

    return register


def run(name: str, moment: Moment, payload: Json) -> Any:
    """Let an effect happen now."""
    return _EFFECTS[name](moment, payload)


def settle(tx: Transaction, now: float) -> None:
    """Let everything happen that is due, in order of time.

    An effect that fails is taken back, told in the log, and what it was part of ends; the next one
    goes on, and so does whoever looks at the state.
    """
    while (due := tx.take_due(now)) is not None:
        at, name, payload = due
        moment = Moment(tx, at)
        failure = _attempted(tx, name, partial(run, name, moment, payload))
        recovery = _RECOVERIES.get(name)
        if failure and recovery is not None:
            _attempted(tx, f"{name} (ended)", partial(recovery, moment, payload, failure))


def _attempted(tx: Transaction, name: str, action: Callable[[], Any]) -> str:
    """Do something wholly or not at all; return what went wrong, empty when nothing did."""
    try:
        with tx.savepoint():
            action()
    except sqlite3.Error:
        raise
    except Exception:  # noqa: BLE001 - whatever it is, the state must stay usable
        reference = secrets.token_hex(4)
        _LOG.exception("effect %s failed, reference %s", name, reference)
        return f"Internal error encountered. Reference: {reference}"
    return ""


def catch_up(store: Store) -> None:
    """Bring the state to the present; costs one indexed read when nothing is due."""
    with store.read() as tx:
        due, ticking = tx.next_due(), clock.read(tx)
    if ticking.overtaken or (due is not None and due <= ticking.now()):
        with store.write() as tx:
            settle(tx, clock.tick(tx))
