"""Requests over the network, by urllib3: to Google, or to a server that stands for it."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, NoReturn, Self
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from msgspec.structs import replace
from urllib3.exceptions import HTTPError
from urllib3.util import make_headers, parse_url

from vertex_custom_weights_provider.api.transport import Request

CONNECT_SECONDS = 20.0

# More than the calls that a host serves at once, and the long polls that were left behind.
_CONNECTIONS_KEPT = 256
_HOSTS_KEPT = 64
_PIECE = 2**16
_AGENT = "vertex-custom-weights"


class Network:
    """The network, by the proxies and certificates that the environment names.

    HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY; SSL_CERT_FILE or SSL_CERT_DIR in place of the
    certificates that come with certifi.
    """

    def __init__(self, certificate: tuple[str, str] | None = None) -> None:
        """Look at the environment; nothing is connected before the first request.

        Args:
            certificate: Files of a certificate and its key, for servers that ask for them.
        """
        trusted = _trusted()
        if certificate:
            trusted.load_cert_chain(*certificate)
        self._options: dict[str, Any] = {
            "num_pools": _HOSTS_KEPT,
            "maxsize": _CONNECTIONS_KEPT,
            "ssl_context": trusted,
        }
        self._direct = urllib3.PoolManager(**self._options)
        self._by_proxy: dict[str, urllib3.PoolManager] = {}

    def open(self, request: Request) -> _Received:
        """Send a request, through a proxy where one is named for its host."""
        return _sent(self._way, request)

    def _way(self, url: str) -> urllib3.PoolManager:
        parts, proxies = urlsplit(url), getproxies()
        proxy = proxies.get(parts.scheme) or proxies.get("all")
        if not proxy or proxy_bypass(parts.netloc):
            return self._direct
        if proxy not in self._by_proxy:
            self._by_proxy.setdefault(proxy, _proxied(proxy, self._options))
        return self._by_proxy[proxy]

    def close(self) -> None:
        """Close idle connections; one in use is closed when its answer has come."""
        for way in (self._direct, *self._by_proxy.values()):
            way.clear()


class Served:
    """A server that stands for all of Google's: it sees in `Host` which one was meant."""

    def __init__(self, base: str) -> None:
        """Take the server's base URL."""
        self._base = base.rstrip("/")
        self._way = urllib3.PoolManager(num_pools=1, maxsize=_CONNECTIONS_KEPT)

    def open(self, request: Request) -> _Received:
        """Send a request to the server, whatever host it is for."""
        parts = urlsplit(request.url)
        target = parts._replace(scheme="", netloc="").geturl()
        headers = {"Host": parts.netloc, **request.headers}
        moved = replace(request, url=f"{self._base}{target}", headers=headers)
        return _sent(lambda _: self._way, moved)

    def close(self) -> None:
        """Close idle connections."""
        self._way.clear()


@dataclass(frozen=True)
class _Received:
    """urllib3's answer, whose troubles are those of a connection."""

    inner: urllib3.BaseHTTPResponse

    @property
    def status(self) -> int:
        return self.inner.status

    @property
    def reason(self) -> str:
        return self.inner.reason or ""

    def header(self, name: str) -> str:
        return self.inner.headers.get(name, "")

    def read(self, limit: int) -> bytes:
        try:
            return self.inner.read(limit)
        except HTTPError as trouble:
            _broken(trouble)

    def pieces(self) -> Iterator[bytes]:
        try:
            while piece := self.inner.read1(_PIECE):
                yield piece
        except HTTPError as trouble:
            _broken(trouble)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.inner.close()


def _sent(way: Callable[[str], urllib3.PoolManager], request: Request) -> _Received:
    try:
        answer = way(request.url).request(
            request.method,
            request.url,
            body=request.body,
            headers={"User-Agent": _AGENT, **request.headers},
            timeout=urllib3.Timeout(
                connect=min(request.seconds, CONNECT_SECONDS), read=request.seconds
            ),
            redirect=False,
            retries=False,
            preload_content=False,
        )
    except (HTTPError, ValueError) as trouble:  # ValueError: no URL, or no value for a header
        _broken(trouble)
    return _Received(answer)


def _broken(trouble: Exception) -> NoReturn:
    raise ConnectionError(f"{type(trouble).__name__}: {trouble}") from trouble


def _proxied(proxy: str, options: Mapping[str, Any]) -> urllib3.PoolManager:
    url = proxy if "://" in proxy else f"http://{proxy}"
    login = parse_url(url).auth
    headers = make_headers(proxy_basic_auth=unquote(login)) if login else None
    return urllib3.ProxyManager(url, proxy_headers=headers, **options)


def _trusted() -> ssl.SSLContext:
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if file or folder:
        return ssl.create_default_context(cafile=file, capath=folder)
    import certifi

    return ssl.create_default_context(cafile=certifi.where())
