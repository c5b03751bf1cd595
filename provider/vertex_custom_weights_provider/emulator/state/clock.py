"""The virtual clock. It lives in the state file, so all processes agree on what time it is.

Real time by default. A test may run it faster, stop it, or move it forward; it never moves back,
and goes on from where it was when the machine's own clock is set back.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from .transaction import Transaction

_END = datetime(9000, 1, 1, tzinfo=UTC).timestamp()
_FASTEST = 1e6


class Clock(msgspec.Struct, frozen=True):
    """Virtual time as a line: at `real` it was `virtual`, and it runs `factor` times as fast."""

    real: float
    virtual: float
    factor: float

    def now(self) -> float:
        """Return the virtual time in seconds since the epoch."""
        return self.virtual + max(0.0, time.time() - self.real) * self.factor

    @property
    def overtaken(self) -> bool:
        """Whether the machine's clock shows less than it did: it has been set back."""
        return time.time() < self.real

    def real_seconds(self, virtual_seconds: float) -> float:
        """Return how long a span of virtual time takes; infinite while the clock is stopped."""
        return virtual_seconds / self.factor if self.factor > 0 else float("inf")


def read(tx: Transaction) -> Clock:
    """Read the clock of the state file."""
    row = tx.sql("SELECT real, virtual, factor FROM clock").fetchone()
    return Clock(*row)


def _write(tx: Transaction, clock: Clock) -> None:
    tx.sql(
        "UPDATE clock SET real = ?, virtual = ?, factor = ?",
        (clock.real, clock.virtual, clock.factor),
    )


def tick(tx: Transaction) -> float:
    """Return the virtual time and note that it has been that late; to be called by writers.

    So a machine's clock that is set back, even by hours, costs what has passed since the last
    write, and no operation stands still until the old time has come again.
    """
    known = read(tx)
    now = known.now()
    _write(tx, Clock(time.time(), now, known.factor))
    return now


def advance(tx: Transaction, seconds: float) -> Clock:
    """Move the clock forward by `seconds` of virtual time (negative is refused)."""
    if seconds < 0:
        message = f"cannot move the clock back by {-seconds:g} s: later state already depends on it"
        raise ValueError(message)
    old = read(tx)
    if not old.now() + seconds < _END:
        message = f"cannot move the clock by {seconds:g} s: it shows no time after the year 9000"
        raise ValueError(message)
    clock = Clock(time.time(), old.now() + seconds, old.factor)
    _write(tx, clock)
    return clock


def set_factor(tx: Transaction, factor: float) -> Clock:
    """Make the clock run `factor` times as fast as real time; 0 stops it."""
    if not 0 <= factor <= _FASTEST:
        message = f"factor {factor:g} is not between 0 (stopped) and {_FASTEST:g}"
        raise ValueError(message)
    clock = Clock(time.time(), read(tx).now(), factor)
    _write(tx, clock)
    return clock


def timestamp(seconds: float) -> str:
    """Write a point in time as aiplatform does: RFC 3339, microseconds, `Z`."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


_PACIFIC = timedelta(hours=-7)


def compute_timestamp(seconds: float) -> str:
    """Write a point in time as Compute does: milliseconds and a Pacific offset."""
    moment = datetime.fromtimestamp(seconds, UTC) + _PACIFIC
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}-07:00"
