"""The embedded emulator: a WSGI application that is called where others are sent a request."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote_to_bytes, urlsplit

import msgspec

from vertex_custom_weights_provider.api.transport import Request

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class InProcess:
    """Calls an application; what it raises is raised here."""

    def __init__(self, app: WsgiApp) -> None:
        """Take the application; closing it stays its owner's affair."""
        self._app = app

    def open(self, request: Request) -> _Given:
        """Call the application with a request."""
        began: list[tuple[str, dict[str, str]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _info: Any = None) -> None:
            began.append((status, {name.lower(): value for name, value in headers}))

        body = self._app(_environ(request), start_response)
        status, headers = began[-1]
        code, _, reason = status.partition(" ")
        return _Given(int(code), reason, headers, body)

    def close(self) -> None:
        """Nothing is kept open."""


class _Given(msgspec.Struct, frozen=True):
    """An answer of the application."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: Iterable[bytes]

    def header(self, name: str) -> str:
        return self.headers.get(name.lower(), "")

    def read(self, limit: int) -> bytes:
        found = bytearray()
        for piece in self.body:
            found += piece
            if len(found) >= limit:
                break
        return bytes(found[:limit])

    def pieces(self) -> Iterator[bytes]:
        return iter(self.body)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        close: Any = getattr(self.body, "close", None)
        if close is not None:
            close()


def _environ(request: Request) -> dict[str, Any]:
    """Return a request as WSGI has it."""
    parts = urlsplit(request.url)
    body = request.body or b""
    environ: dict[str, Any] = {
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": parts.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(parts.path).decode("latin-1"),
        "QUERY_STRING": parts.query,
        "SERVER_NAME": parts.hostname or "",
        "SERVER_PORT": str(parts.port or 80),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": parts.netloc,
        "CONTENT_LENGTH": str(len(body)),
    }
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    return environ
