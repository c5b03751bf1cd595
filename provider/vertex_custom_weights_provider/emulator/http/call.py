"""One request on its way through the emulator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from werkzeug.datastructures import Headers, MultiDict
from werkzeug.wrappers import Request

from vertex_custom_weights_provider.emulator.envelope import Json
from vertex_custom_weights_provider.emulator.settings import Settings
from vertex_custom_weights_provider.emulator.state.store import Store, Transaction

if TYPE_CHECKING:
    from .hooks import Hooks
    from .hosts import Host
    from .routing import Route


@dataclass
class Call:
    """A request with everything a handler may need.

    Attributes:
        params: Variables of the path template, as sent (a project may be an id).
        query: Query parameters.
        body: The JSON body in canonical camelCase; `{}` for raw routes.
        version: `v1` or `v1beta1` (`ui` counts as `v1beta1`).
        host: What the Host header named.
        now: Virtual time of this call; the same for all it writes.
    """

    request: Request
    route: Route
    params: Mapping[str, str]
    version: str
    settings: Settings
    store: Store
    hooks: Hooks
    host: Host
    now: float = 0.0
    body: Json = field(default_factory=dict[str, Any])
    _tx: Transaction | None = None

    @property
    def tx(self) -> Transaction:
        """The transaction the handler runs in; only for routes with access `read` or `write`."""
        if self._tx is None:
            message = f"{self.route.method} runs outside a transaction"
            raise RuntimeError(message)
        return self._tx

    def bind(self, tx: Transaction | None, now: float) -> None:
        """Enter a transaction at a virtual time."""
        self._tx = tx
        self.now = now

    @property
    def method(self) -> str:
        """Discovery id of the method called."""
        return self.route.method

    @property
    def query(self) -> MultiDict[str, str]:
        """Query parameters; a repeated one has several values."""
        return self.request.args

    @property
    def raw(self) -> bytes:
        """The body as sent."""
        return self.request.get_data(cache=True)

    @property
    def headers(self) -> Headers:
        """Request headers."""
        return self.request.headers
