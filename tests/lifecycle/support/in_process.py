"""Calls a provider in the process of the test, as a server of dynamic providers would."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pulumi.dynamic import Config, ConfigureRequest

from vertex_custom_weights_provider.adapter import registry
from vertex_custom_weights_provider.adapter.phase import Phase
from vertex_custom_weights_provider.adapter.provider import VertexProvider
from vertex_custom_weights_provider.call.call import Call, Severity
from vertex_custom_weights_provider.call.current import serving as serving_call
from vertex_custom_weights_provider.tokens import token

from .wire import Killed

if TYPE_CHECKING:
    from .world import World


@contextmanager
def serving(world: World, kind: str, urn: str) -> Iterator[VertexProvider]:
    """Serve one call.

    Raises:
        Killed: nobody is left to hear how it ended.
    """

    def sink(severity: Severity, message: str, urn: str, ephemeral: bool) -> None:
        world.lines.shown.append((severity.name, message))

    provider: Any = registry.provider_for(token(kind))
    provider.configure(ConfigureRequest(Config({}, "shop")))
    provider._cloud = lambda call: world.cloud
    with (world.phase or Phase()).serving(), serving_call(Call(urn=urn, sink=sink)):
        try:
            yield provider
        finally:
            if world.wire.engine_gone:
                raise Killed
