"""Waiting for a store that may be slow, silent or malicious: only until a deadline, never for good.

A read that has been sent cannot always be taken back, so waiting and working are apart: reads run
on threads that hold up nobody, and whoever wants their answers stops waiting when time is up.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from types import TracebackType
from typing import Any, TypeVar

from .source import OutOfTimeError

T = TypeVar("T")
PREVIEW_SECONDS = 30.0
_GLANCE_SECONDS = 0.5


class Deadline:
    """A moment after which nothing is waited for any longer; threads may share it.

    Attributes:
        seconds: How long it was when it was set.
    """

    def __init__(
        self,
        seconds: float = PREVIEW_SECONDS,
        *,
        waiting: Callable[[float], None] | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Set a deadline.

        Args:
            seconds: From now.
            waiting: Told the seconds that have passed, twice a second while somebody waits; what
                it raises ends the wait.
            now: A monotonic clock.
        """
        self.seconds = seconds
        self._now = now
        self._began = self._told = now()
        self._waiting = waiting

    @property
    def left(self) -> float:
        """Seconds until it has come; 0 from then on."""
        return max(0.0, self._began + self.seconds - self._now())

    def wait(self, answer: Future[T]) -> T:
        """Return an answer.

        Raises:
            OutOfTimeError: it had not come in time.
        """
        return next(self.completed([answer])).result()

    def completed(self, answers: Iterable[Future[T]]) -> Iterator[Future[T]]:
        """Yield answers as they come.

        Raises:
            OutOfTimeError: the others had not come in time.
        """
        pending = set(answers)
        while pending:
            left = self.left
            done, pending = wait(pending, min(left, _GLANCE_SECONDS), FIRST_COMPLETED)
            yield from done
            if not done and not left:
                message = f"the store had not answered within {self.seconds:g} s"
                raise OutOfTimeError(message)
            self._tell()

    def _tell(self) -> None:
        moment = self._now()
        if self._waiting and moment - self._told >= _GLANCE_SECONDS:
            self._told = moment
            self._waiting(moment - self._began)


class Workers:
    """Threads for work that may hang: they are daemons, so neither they nor it hold up an exit."""

    def __init__(self, count: int, name: str) -> None:
        """Start with no thread; there will be at most `count` of them."""
        self._jobs: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None]
        self._jobs = queue.SimpleQueue()
        self._count = count
        self._name = name
        self._started = 0
        self._lock = threading.Lock()

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.dismiss()

    def submit(self, job: Callable[[], T]) -> Future[T]:
        """Do something on one of the threads."""
        answer: Future[T] = Future()
        self._jobs.put((answer, job))
        with self._lock:
            if self._started < self._count:
                self._started += 1
                threading.Thread(target=self._work, name=self._name, daemon=True).start()
        return answer

    def dismiss(self) -> None:
        """Drop what has not begun, and wait for nothing; threads end with what they are at."""
        try:
            while job := self._jobs.get_nowait():
                job[0].cancel()
        except queue.Empty:
            pass
        for _ in range(self._started):
            self._jobs.put(None)

    def _work(self) -> None:
        while job := self._jobs.get():
            answer, work = job
            if answer.set_running_or_notify_cancel():
                try:
                    answer.set_result(work())
                except BaseException as failed:  # noqa: BLE001 - handed to whoever waits
                    answer.set_exception(failed)
            del job, answer, work  # an idle thread keeps nothing alive
