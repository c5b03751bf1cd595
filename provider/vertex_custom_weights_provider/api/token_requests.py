"""How google-auth asks for tokens: by the same way as everything else.

So proxies and certificates of the environment hold for both, and the library needs no other one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vertex_custom_weights_provider.api.network import Network
from vertex_custom_weights_provider.api.transport import Request

_SECONDS = 120.0  # google-auth's own patience
_LARGEST_ANSWER = 2**20


@dataclass(frozen=True)
class _Answer:
    """What `google.auth.transport.Response` asks for."""

    status: int
    headers: Mapping[str, str]
    data: bytes


class TokenRequests:
    """A `google.auth.transport.Request`."""

    def __init__(self, network: Network) -> None:
        """Take the network that requests go by."""
        self._network = network

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        cert: tuple[str, str] | None = None,
        **_unused: Any,
    ) -> _Answer:
        """Send a request of google-auth's.

        Args:
            url: Whole URL.
            method: HTTP method.
            body: What is sent.
            headers: Headers.
            timeout: Seconds to wait for an answer; default two minutes.
            cert: Files of certificate and key, where an identity provider asks for them.

        Raises:
            google.auth.exceptions.TransportError: nobody answered.
        """
        from google.auth.exceptions import TransportError

        way = Network(certificate=cert) if cert else self._network
        sent = body.encode() if isinstance(body, str) else body
        request = Request(method, url, headers or {}, sent, timeout or _SECONDS)
        try:
            with way.open(request) as answer:
                return _Answer(answer.status, answer.inner.headers, answer.read(_LARGEST_ANSWER))
        except ConnectionError as broken:
            raise TransportError(broken) from broken
