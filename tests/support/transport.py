"""httpx's doubles for tests, beneath the provider's clients."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx

from vertex_custom_weights_provider.api.transport import Request


class Beneath:
    """A transport of the provider that hands requests to one of httpx, or to a function."""

    def __init__(
        self, inner: httpx.BaseTransport | Callable[[httpx.Request], httpx.Response]
    ) -> None:
        given = isinstance(inner, httpx.BaseTransport)
        self._inner = inner if given else httpx.MockTransport(inner)

    def open(self, request: Request) -> Given:
        sent = httpx.Request(
            request.method, request.url, headers=request.headers, content=request.body
        )
        try:
            return Given(self._inner.handle_request(sent))
        except httpx.RequestError as broken:
            raise ConnectionError(f"{type(broken).__name__}: {broken}") from broken

    def close(self) -> None:
        self._inner.close()


class Given:
    """An answer of httpx; one that breaks off on the way does so here."""

    def __init__(self, answer: httpx.Response) -> None:
        self._answer = answer
        self.status, self.reason = answer.status_code, answer.reason_phrase

    def header(self, name: str) -> str:
        return self._answer.headers.get(name, "")

    def read(self, limit: int) -> bytes:
        return b"".join(self.pieces())[:limit]

    def pieces(self) -> Iterator[bytes]:
        try:
            yield from self._answer.iter_bytes()
        except httpx.RequestError as broken:
            raise ConnectionError(f"{type(broken).__name__}: {broken}") from broken

    def __enter__(self) -> Given:
        return self

    def __exit__(self, *_: Any) -> None:
        self._answer.close()
