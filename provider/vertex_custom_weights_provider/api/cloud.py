"""What lifecycle functions are given to act with."""

from __future__ import annotations

from typing import Protocol

import msgspec

from vertex_custom_weights_provider.api.clock import Clock
from vertex_custom_weights_provider.api.compute import ComputeClient
from vertex_custom_weights_provider.api.memory import Memory
from vertex_custom_weights_provider.api.rest import Rest
from vertex_custom_weights_provider.api.vertex import VertexClient


class Reporter(Protocol):
    """Speaks to the person who waits, on the resource concerned."""

    def status(self, message: str) -> None:
        """Show what is going on; replaced by the next one."""
        ...

    def info(self, message: str) -> None:
        """Leave a line on the resource."""
        ...

    def warn(self, message: str) -> None:
        """Leave a warning on the resource."""
        ...


class StackState(msgspec.Struct, frozen=True):
    """The state that whoever acts is kept in.

    Attributes:
        key: What tells it from others; empty when nobody knows.
        takes_over: It takes over what another state of the same stack has made and finished.
    """

    key: str = ""
    takes_over: bool = False

    def holding(self) -> StackState:
        """Return the same for one who holds the object already: there is nothing to take over."""
        return StackState(self.key, takes_over=True)


class Cloud(msgspec.Struct, frozen=True):
    """The clients, the clock and the reporter of one call. Holds no credentials of its own.

    `memory` is shared by all calls over the same connections, `state` is that of the stack.
    """

    vertex: VertexClient
    compute: ComputeClient
    storage_rest: Rest
    clock: Clock
    report: Reporter
    memory: Memory = msgspec.field(default_factory=Memory)
    state: StackState = StackState()
