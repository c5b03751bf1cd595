"""Reads from one listed folder, in parallel and within a budget."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from types import TracebackType
from typing import TypeVar

from vertex_custom_weights_provider.storage import ObjectInfo, WeightsSource

_T = TypeVar("_T")

PARALLEL_READS = 16
MODEL_BYTES = 64_000_000


class BudgetExceededError(Exception):
    """Reading on would take more bytes than a preview may read of one folder."""


class Reader:
    """Ranged, generation-pinned reads; never more than 64 MB of one folder."""

    def __init__(self, source: WeightsSource) -> None:
        self._source = source
        self._pool = ThreadPoolExecutor(PARALLEL_READS, thread_name_prefix="weights")
        self._lock = Lock()
        self.bytes = 0

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def read(self, item: ObjectInfo, start: int, length: int) -> bytes:
        """Read a range of an object, here and now.

        Raises:
            BudgetExceededError: instead of reading too much.
            StorageError: the store refused, or the object changed.
        """
        length = min(length, item.size - start)
        if length <= 0:
            return b""
        with self._lock:
            if self.bytes + length > MODEL_BYTES:
                raise BudgetExceededError
            self.bytes += length
        return self._source.read(item.name, start, length, item.generation)

    def call(self, ask: Callable[[], _T]) -> Future[_T]:
        """Ask something else of the store, beside the reads."""
        return self._pool.submit(ask)

    def later(self, item: ObjectInfo, start: int, length: int) -> Future[bytes]:
        """Read a range of an object in one of sixteen threads."""
        return self._pool.submit(self.read, item, start, length)
