"""From settings to clients: Google, the embedded emulator, or a served one.

The clients always speak to Google's own URLs. A backend only chooses the transport beneath them:
the network, the emulator in this process, or the emulator at `emulatorUrl` (which still sees the
host that was meant, and routes by it). So one program runs unchanged against all three.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

import msgspec

from vertex_custom_weights_provider.api.clock import SystemClock
from vertex_custom_weights_provider.api.cloud import Cloud, Reporter, StackState
from vertex_custom_weights_provider.api.compute import ComputeClient
from vertex_custom_weights_provider.api.credentials import Anonymous, GoogleAuth
from vertex_custom_weights_provider.api.memory import Memory
from vertex_custom_weights_provider.api.rest import Authorizer, Rest
from vertex_custom_weights_provider.api.transport import Transport
from vertex_custom_weights_provider.api.vertex import VertexClient
from vertex_custom_weights_provider.pulumi_state import state_key
from vertex_custom_weights_provider.settings import Settings


class Connections:
    """Connection pools by settings, for as long as their maker keeps them; safe for any thread."""

    def __init__(self) -> None:
        """Start without any."""
        self._lock = threading.Lock()
        self._pools: dict[Settings, _Pool] = {}

    def connect(self, settings: Settings, cancelled: threading.Event, report: Reporter) -> Cloud:
        """Return the clients of one call."""
        clock = SystemClock(cancelled)
        with self._lock:  # of the first calls, which come at once, one makes what all of them share
            if settings not in self._pools:
                state = StackState(state_key(os.environ, Path.cwd()), settings.take_over)
                self._pools[settings] = _Pool(*_way(settings), state)
            pool = self._pools[settings]
        rest = Rest(pool.http, pool.authorizer, clock)
        return Cloud(
            vertex=VertexClient(rest),
            compute=ComputeClient(rest, clock),
            storage_rest=rest,
            clock=clock,
            report=report,
            memory=pool.memory,
            state=pool.state,
        )

    def close(self) -> None:
        """Close all connections, and forget identities and whatever came over them."""
        with self._lock:
            pools, self._pools = self._pools, {}
        for pool in pools.values():
            pool.http.close()


class _Pool(msgspec.Struct, frozen=True):
    """What calls with the same settings share, whatever thread they come from."""

    http: Transport
    authorizer: Authorizer
    state: StackState
    memory: Memory = msgspec.field(default_factory=Memory)


def connect(settings: Settings, cancelled: threading.Event, report: Reporter) -> Cloud:
    """Return clients with connections of their own, for commands that make one call."""
    return Connections().connect(settings, cancelled, report)


def _way(settings: Settings) -> tuple[Transport, Authorizer]:
    """Return how the cloud of these settings is reached, and as whom."""
    if settings.backend == "emulator" and not settings.emulator_url:
        return _embedded(settings), Anonymous()
    from vertex_custom_weights_provider.api.network import Network, Served

    if settings.backend == "emulator":
        return Served(settings.emulator_url), Anonymous()
    network = Network()
    return network, GoogleAuth(settings.credentials, network)


def _embedded(settings: Settings) -> Transport:
    from vertex_custom_weights_provider import emulator
    from vertex_custom_weights_provider.api.in_process import InProcess

    state = Path(settings.emulator_state)
    state.parent.mkdir(parents=True, exist_ok=True)
    buckets = {name: Path(folder) for name, folder in settings.emulator_buckets}
    app = emulator.create_app(
        emulator.Settings(
            state=state, buckets=buckets, deploy_seconds=settings.emulator_deploy_seconds
        )
    )
    return InProcess(app)
