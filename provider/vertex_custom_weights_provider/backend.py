"""From settings to clients: Google, the embedded emulator, or a served one.

The clients always speak to Google's own URLs. A backend only chooses the transport beneath them:
the network, the emulator in this process, or the emulator at `emulatorUrl` (which still sees the
host that was meant, and routes by it). So one program runs unchanged against all three.
"""

from __future__ import annotations

import threading
from functools import lru_cache
from pathlib import Path
from weakref import WeakSet

from vertex_custom_weights_provider.api.clock import SystemClock
from vertex_custom_weights_provider.api.cloud import Cloud, Reporter
from vertex_custom_weights_provider.api.compute import ComputeClient
from vertex_custom_weights_provider.api.credentials import Anonymous, GoogleAuth
from vertex_custom_weights_provider.api.rest import Authorizer, Rest
from vertex_custom_weights_provider.api.vertex import VertexClient
from vertex_custom_weights_provider.lean.httpx import httpx
from vertex_custom_weights_provider.settings import Settings

_TIMEOUT = httpx.Timeout(60.0, connect=20.0)
_CONNECTIONS = httpx.Limits(max_connections=256, max_keepalive_connections=128)


def connect(settings: Settings, cancelled: threading.Event, report: Reporter) -> Cloud:
    """Return the clients of one call. Connections are pooled across calls, identity is not kept."""
    clock = SystemClock(cancelled)
    with _CONNECTING:  # of the first calls, which come at once, one makes what all of them share
        rest = Rest(_http(settings), _authorizer(settings), clock)
    return Cloud(
        vertex=VertexClient(rest),
        compute=ComputeClient(rest, clock),
        storage_rest=rest,
        clock=clock,
        report=report,
    )


_CLIENTS: WeakSet[httpx.Client] = WeakSet()
_CONNECTING = threading.Lock()


@lru_cache(maxsize=8)
def _http(settings: Settings) -> httpx.Client:
    """Return the connection pool for these settings; httpx clients may be shared by threads."""
    client = _new_client(settings)
    _CLIENTS.add(client)
    return client


def _new_client(settings: Settings) -> httpx.Client:
    if settings.backend == "google":
        return httpx.Client(timeout=_TIMEOUT, limits=_CONNECTIONS, http2=False)
    if settings.emulator_url:
        transport: httpx.BaseTransport = _Served(settings.emulator_url)
    else:
        transport = _embedded(settings)
    return httpx.Client(transport=transport, timeout=_TIMEOUT, trust_env=False)


@lru_cache(maxsize=8)
def _authorizer(settings: Settings) -> Authorizer:
    if settings.backend == "google":
        return GoogleAuth(settings.credentials)
    return Anonymous()


def disconnect() -> None:
    """Close all connections, forget identities, and with them whatever is kept for their time."""
    for client in list(_CLIENTS):
        client.close()
    _http.cache_clear()
    _authorizer.cache_clear()


def _embedded(settings: Settings) -> httpx.BaseTransport:
    from vertex_custom_weights_provider import emulator

    state = Path(settings.emulator_state)
    state.parent.mkdir(parents=True, exist_ok=True)
    buckets = {name: Path(folder) for name, folder in settings.emulator_buckets}
    app = emulator.create_app(
        emulator.Settings(
            state=state, buckets=buckets, deploy_seconds=settings.emulator_deploy_seconds
        )
    )
    return httpx.WSGITransport(app=app)


class _Served(httpx.BaseTransport):
    """Sends every request to a served emulator, keeping the host that was meant."""

    def __init__(self, base: str) -> None:
        self._base = httpx.URL(base)
        self._inner = httpx.HTTPTransport(limits=_CONNECTIONS)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(
            scheme=self._base.scheme, host=self._base.host, port=self._base.port
        )
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()
