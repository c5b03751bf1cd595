"""Reads from one listed folder, in parallel, within a budget of bytes and a deadline."""

from __future__ import annotations

from concurrent.futures import Future
from threading import Lock
from types import TracebackType

from vertex_custom_weights_provider.storage import Deadline, ObjectInfo, WeightsSource, Workers

PARALLEL_READS = 16
MODEL_BYTES = 64_000_000


class BudgetExceededError(Exception):
    """Reading on would take more bytes than a preview may read of one folder."""


class Reader:
    """Ranged, generation-pinned reads; never more than 64 MB of one folder.

    Attributes:
        deadline: When the answers are no longer waited for.
    """

    def __init__(self, source: WeightsSource, deadline: Deadline) -> None:
        self._source = source
        self._workers = Workers(PARALLEL_READS, "weights")
        self._lock = Lock()
        self.deadline = deadline
        self.bytes = 0

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._workers.dismiss()

    def read(self, item: ObjectInfo, start: int, length: int) -> bytes:
        """Read a range of an object, and wait for it.

        Raises:
            BudgetExceededError: instead of reading too much.
            OutOfTimeError: the deadline has passed.
            StorageError: the store refused, or the object changed.
        """
        return self.deadline.wait(self.later(item, start, length))

    def later(self, item: ObjectInfo, start: int, length: int) -> Future[bytes]:
        """Read a range of an object in one of sixteen threads."""
        return self._workers.submit(lambda: self._read(item, start, length))

    def _read(self, item: ObjectInfo, start: int, length: int) -> bytes:
        length = min(length, item.size - start)
        if length <= 0:
            return b""
        with self._lock:
            if self.bytes + length > MODEL_BYTES:
                raise BudgetExceededError
            self.bytes += length
        return self._source.read(item.name, start, length, item.generation)
