"""From configuration to clients: Google, the embedded emulator, or a served one.

The clients always speak to Google's own URLs. A backend only chooses the transport beneath them:
the network, the emulator in this process, or the emulator at `emulatorUrl` (which still sees the
host that was meant, and routes by it). So one program runs unchanged against all three.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from weakref import WeakSet

from vertex_custom_weights_provider.clock import SystemClock
from vertex_custom_weights_provider.compute.client import ComputeClient
from vertex_custom_weights_provider.credentials import Anonymous, CredentialSettings, GoogleAuth
from vertex_custom_weights_provider.errors import ConfigurationError
from vertex_custom_weights_provider.lean_httpx import httpx
from vertex_custom_weights_provider.lifecycle.context import Cloud, Reporter
from vertex_custom_weights_provider.rest import Authorizer, Rest
from vertex_custom_weights_provider.vertex.client import VertexClient

NAMESPACE = "vertex-custom-weights"
DEFAULT_STATE = ".local/emulator.db"
_TIMEOUT = httpx.Timeout(60.0, connect=20.0)
_CONNECTIONS = httpx.Limits(max_connections=256, max_keepalive_connections=128)


@dataclass(frozen=True)
class Settings:
    """Which cloud, and as whom.

    Attributes:
        backend: `google` or `emulator`.
        emulator_state: SQLite file of the embedded emulator, made absolute.
        emulator_buckets: Bucket name and folder, in pairs.
        emulator_deploy_seconds: How long an emulated deployment takes; None for its default.
        emulator_url: Base URL of a served emulator, instead of the embedded one.
        credentials: Identity, for Google.
    """

    backend: str = "google"
    emulator_state: str = DEFAULT_STATE
    emulator_buckets: tuple[tuple[str, str], ...] = ()
    emulator_deploy_seconds: float | None = None
    emulator_url: str = ""
    credentials: CredentialSettings = field(default_factory=CredentialSettings)

    @classmethod
    def resolve(
        cls,
        config: Mapping[str, str],
        environ: Mapping[str, str] | None = None,
        root: Path | None = None,
    ) -> Settings:
        """Read the settings from stack configuration (`namespace:key`) and environment.

        Args:
            config: The stack's configuration.
            environ: Environment variables; default the process's own.
            root: Folder that relative paths start from; default the working directory, which for
                a provider is the project's.

        Raises:
            ConfigurationError: a value cannot be used; the message names its key.
        """
        environ = os.environ if environ is None else environ

        def value(key: str, default: str = "") -> str:
            return str(config.get(f"{NAMESPACE}:{key}") or default)

        backend = value("backend", "google")
        if backend not in ("google", "emulator"):
            raise ConfigurationError(
                f"{NAMESPACE}:backend is {backend!r}; it must be google or emulator."
            )
        root = (root or Path()).absolute()
        state = root / Path(value("emulatorState", DEFAULT_STATE)).expanduser()
        return cls(
            backend=backend,
            emulator_state=str(state),
            emulator_buckets=_buckets(value("emulatorBuckets", "{}"), root),
            emulator_deploy_seconds=_seconds(value("emulatorDeploySeconds")),
            emulator_url=value("emulatorUrl").rstrip("/"),
            credentials=CredentialSettings.resolve(config, environ),
        )


def _buckets(text: str, root: Path) -> tuple[tuple[str, str], ...]:
    try:
        buckets: Any = json.loads(text)
        pairs = {str(name): Path(str(folder)).expanduser() for name, folder in buckets.items()}
    except (ValueError, AttributeError):
        raise ConfigurationError(
            f"{NAMESPACE}:emulatorBuckets must be an object of bucket names and folders."
        ) from None
    return tuple(sorted((name, str(root / folder)) for name, folder in pairs.items()))


def _seconds(text: str) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        raise ConfigurationError(
            f"{NAMESPACE}:emulatorDeploySeconds is {text!r}; it must be a number of seconds."
        ) from None


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
