"""Effects that happen when the virtual clock reaches a time.

There is no background thread: whoever looks at the state next first lets everything that has come
due happen, in order, each as of its own time. So a stopped process stops nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from vertex_custom_weights_provider.emulator.envelope import Json

from . import clock
from .store import Store, Transaction


class Moment(msgspec.Struct, frozen=True):
    """A point in virtual time, with the state to change."""

    tx: Transaction
    now: float


Effect = Callable[[Moment, Json], Any]
_EFFECTS: dict[str, Effect] = {}


def effect(name: str) -> Callable[[Effect], Effect]:
    """Register the decorated function under the name that is kept in the state file."""

    def register(function: Effect) -> Effect:
        _EFFECTS[name] = function
        return function

    return register


def run(name: str, moment: Moment, payload: Json) -> Any:
    """Let an effect happen now."""
    return _EFFECTS[name](moment, payload)


def settle(tx: Transaction, now: float) -> None:
    """Let everything happen that is due, in order of time."""
    while (due := tx.take_due(now)) is not None:
        at, name, payload = due
        run(name, Moment(tx, at), payload)


def catch_up(store: Store) -> None:
    """Bring the state to the present; costs one indexed read when nothing is due."""
    with store.read() as tx:
        due, now = tx.next_due(), clock.read(tx).now()
    if due is not None and due <= now:
        with store.write() as tx:
            settle(tx, clock.read(tx).now())
