"""A store on this machine that speaks Cloud Storage's JSON API and means no good.

It lists one checkpoint, and then answers in one of the ways of `WAYS`.
"""

from __future__ import annotations

import json
import threading
import time
import zlib
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FOLDER = "gs://bucket/run"
SIZES = {
    "config.json": 800,
    "tokenizer.json": 9_000_000,
    "tokenizer_config.json": 300,
    "model.safetensors.index.json": 20_000,
    **{f"model-{n:05}-of-00032.safetensors": 2_000_000_000 for n in range(1, 33)},
}
LISTING = {
    "items": [
        {"name": f"run/{name}", "size": str(size), "generation": "1", "crc32c": "AAAAAA=="}
        for name, size in SIZES.items()
    ]
}
_MB = 1_000_000
_DRIP_SECONDS = 0.2


def _bomb(megabytes: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(bytes(_MB)) for _ in range(megabytes)) + packer.flush()


BOMB = _bomb(100)


class Handler(BaseHTTPRequestHandler):
    """Answers a request as `way` says."""

    protocol_version = "HTTP/1.1"
    way: Callable[[Handler], None]

    def do_GET(self) -> None:
        try:
            type(self).way(self)
        except OSError:  # the other side has had enough
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    @property
    def lists(self) -> bool:
        """Whether the folder is listed, or the bucket asked for, rather than an object read."""
        return "/o/" not in self.path

    @property
    def range(self) -> str:
        """The range that is asked for."""
        return self.headers.get("Range", "bytes=0-0").removeprefix("bytes=")

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        """Send a whole answer."""
        self.head(status, length=len(body), **headers)
        self.wfile.write(body)

    def head(self, status: int, length: int | None = None, **headers: str) -> None:
        """Send the beginning of an answer."""
        self.send_response(status)
        if length is not None:
            self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def listing(self) -> bool:
        """Answer a listing honestly; False when something else was asked for."""
        if self.lists:
            self.answer(200, json.dumps(LISTING).encode())
        return self.lists

    def endless(self) -> None:
        """Send chunks until the other side hangs up."""
        while True:
            self.wfile.write(b"f4240\r\n" + bytes(_MB) + b"\r\n")

    def drip(self, piece: bytes = b" ") -> None:
        """Send a little at a time, for minutes."""
        for _ in range(1500):
            self.wfile.write(piece)
            self.wfile.flush()
            time.sleep(_DRIP_SECONDS)


def gzip_body(to: Handler) -> None:
    if not to.listing():
        first, _, last = to.range.partition("-")
        to.answer(206, BOMB, Content_Encoding="gzip", Content_Range=f"bytes {first}-{last}/*")


def gzip_refusal(to: Handler) -> None:
    if not to.listing():
        to.answer(403, BOMB, Content_Encoding="gzip")


def range_ignored(to: Handler) -> None:
    if not to.listing():
        to.head(200, length=400 * _MB)
        for _ in range(400):
            to.wfile.write(bytes(_MB))


def another_range(to: Handler) -> None:
    if not to.listing():
        to.head(206, Content_Range="bytes 5-9/10", Transfer_Encoding="chunked")
        to.endless()


def endless_range(to: Handler) -> None:
    if not to.listing():
        first, _, last = to.range.partition("-")
        to.head(206, Content_Range=f"bytes {first}-{last}/*", Transfer_Encoding="chunked")
        to.endless()


def endless_refusal(to: Handler) -> None:
    if not to.listing():
        to.head(403, Transfer_Encoding="chunked")
        to.endless()


def dripping_body(to: Handler) -> None:
    if not to.listing():
        first, _, last = to.range.partition("-")
        size = int(last) - int(first) + 1
        to.head(206, length=size, Content_Range=f"bytes {first}-{last}/*")
        to.drip()


def dripping_headers(to: Handler) -> None:
    if not to.listing():
        to.wfile.write(b"HTTP/1.1 206 Partial Content\r\nX-Slow: ")
        to.drip(b"a")


def silent(to: Handler) -> None:
    if not to.listing():
        time.sleep(300)


def silent_listing(to: Handler) -> None:
    time.sleep(300)


def dripping_listing(to: Handler) -> None:
    to.head(200, length=5 * _MB)
    to.drip()


def gzip_listing(to: Handler) -> None:
    to.answer(200, BOMB, Content_Encoding="gzip")


def endless_listing(to: Handler) -> None:
    to.head(200, Transfer_Encoding="chunked")
    to.endless()


def nested_listing(to: Handler) -> None:
    to.answer(200, b'{"x":' + b"[" * 3_900_000 + b"]" * 3_900_000 + b"}")


def crowded_listing(to: Handler) -> None:
    item = b'{"name":"run/a","size":"1"}'
    to.answer(200, b'{"items":[' + b",".join([item] * 250_000) + b"]}")


def web_page(to: Handler) -> None:
    to.answer(200, b"<!DOCTYPE html><html><body>Sign in</body></html>")


def listing_of(*items: object) -> Callable[[Handler], None]:
    """Return a way that lists these items."""
    return lambda to: to.answer(200, json.dumps({"items": items}).encode())


READS = (
    gzip_body,
    gzip_refusal,
    range_ignored,
    another_range,
    endless_range,
    endless_refusal,
    dripping_body,
    dripping_headers,
    silent,
)
LISTINGS = (
    silent_listing,
    dripping_listing,
    gzip_listing,
    endless_listing,
    nested_listing,
    crowded_listing,
    web_page,
)
WAYS = {way.__name__: way for way in (*READS, *LISTINGS)}


@contextmanager
def serving(way: Callable[[Handler], None]) -> Generator[int]:
    """Serve a hostile store on a free port of this machine."""
    handler = type("Hostile", (Handler,), {"way": staticmethod(way)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.block_on_close = False
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
