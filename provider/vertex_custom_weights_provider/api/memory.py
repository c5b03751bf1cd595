"""What is kept for as long as the same connections are: one object of a kind.

A listing that was taken, an answer that was given, a folder that was studied are worth keeping for
one run of the engine and no longer. Whoever makes the connections makes the memory, and drops both
together; nothing of the kind is kept in a module.
"""

from __future__ import annotations

import threading
from typing import Any, TypeVar, cast

T = TypeVar("T")


class Memory:
    """Objects by their class, each made when it is first asked for; safe for any thread."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._lock = threading.Lock()
        self._kept: dict[type[Any], Any] = {}

    def of(self, kind: type[T]) -> T:
        """Return the one object of a class, which is made without arguments."""
        with self._lock:
            if kind not in self._kept:
                self._kept[kind] = kind()
            return cast("T", self._kept[kind])
