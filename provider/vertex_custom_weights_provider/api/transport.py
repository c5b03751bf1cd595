"""One request out, one answer in. What carries them knows nothing of who asks, and what for.

None follows a redirect: an answer from elsewhere is no answer, and what was sent is for nobody
else. Whatever breaks on the way is a `ConnectionError`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Protocol, Self

import msgspec

ANSWER_SECONDS = 60.0


class Request(msgspec.Struct, frozen=True):
    """What is sent.

    Attributes:
        url: Whole URL, its query included.
        seconds: How long to wait for an answer, and for each next piece of one.
    """

    method: str
    url: str
    headers: Mapping[str, str] = msgspec.field(default_factory=dict[str, str])
    body: bytes | None = None
    seconds: float = ANSWER_SECONDS


class Answer(Protocol):
    """What comes back, its body still unread. To be closed, which `with` does."""

    @property
    def status(self) -> int:
        """HTTP status."""
        ...

    @property
    def reason(self) -> str:
        """The words beside the status; may be empty."""
        ...

    def header(self, name: str) -> str:
        """Return a header; empty when there is none."""
        ...

    def read(self, limit: int) -> bytes:
        """Return the body, unpacked; no more than `limit` bytes of it."""
        ...

    def pieces(self) -> Iterator[bytes]:
        """Yield the body as it arrives."""
        ...

    def __enter__(self) -> Self:
        """Return the answer."""
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it; the connection of one that was read to its end is used again."""
        ...


class Transport(Protocol):
    """Carries requests; any number of threads may use one at once."""

    def open(self, request: Request) -> Answer:
        """Send a request and return its answer.

        Raises:
            ConnectionError: nobody answered, or the connection broke.
        """
        ...

    def close(self) -> None:
        """Give up connections that are kept open."""
        ...
