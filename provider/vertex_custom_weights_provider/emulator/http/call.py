"""One request on its way through the emulator: its route, the call, and what may interfere.

Contract checks, faults and scenarios plug in as hooks. The core works without any of them;
`assembly` fills them in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec
from werkzeug.datastructures import Headers, MultiDict
from werkzeug.wrappers import Request, Response

from vertex_custom_weights_provider.emulator.envelope import ApiError, Json
from vertex_custom_weights_provider.emulator.settings import Settings
from vertex_custom_weights_provider.emulator.state.store import Store
from vertex_custom_weights_provider.emulator.state.transaction import Transaction

from .hosts import Host

Access = Literal["read", "write", "none"]
Basis = Literal["contract", "documented", "reported", "assumed"]
Handler = Callable[["Call"], "Json | Response"]


class Note(msgspec.Struct, frozen=True):
    """One sentence about behaviour, and what it rests on."""

    basis: Basis
    text: str


def documented(text: str) -> Note:
    """Tag behaviour that Google's documentation states."""
    return Note("documented", text)


def reported(text: str) -> Note:
    """Tag behaviour that somebody observed on the real service."""
    return Note("reported", text)


def assumed(text: str) -> Note:
    """Tag behaviour that is our inference."""
    return Note("assumed", text)


class Route(msgspec.Struct, frozen=True):
    """One method of one API.

    Attributes:
        verb: HTTP method.
        template: The path, as discovery documents write it, with the version as `{version}`.
        method: Discovery id, such as `aiplatform.projects.locations.deploy`.
        access: `read` and `write` run the handler inside such a transaction; `none` outside any.
        body: `json` parses the body; `raw` passes it through untouched.
        prediction: Answered on an endpoint's own host (and, where allowed, on the shared one).
        basis: What the route's existence and shape rest on.
        notes: What else is known or assumed about its behaviour.
    """

    verb: str
    template: str
    method: str
    handler: Handler
    access: Access = "read"
    body: Literal["json", "raw"] = "json"
    prediction: bool = False
    basis: Basis = "contract"
    notes: tuple[Note, ...] = ()

    @property
    def own(self) -> bool:
        """Whether it is of the emulator's own interface, which lets nothing happen by itself."""
        return self.method.startswith("emulator.")


class Outcome(msgspec.Struct, frozen=True):
    """What a scenario makes of a long-running operation that is about to start.

    Attributes:
        error: Ends the operation with this error instead of its result.
        after: Virtual seconds until the error; None means when it would have finished.
        seconds: Virtual seconds the whole operation takes instead of its usual time.
        stuck: The operation never finishes (it can still be cancelled).
        leaves: What a failed deployment leaves behind.
    """

    error: ApiError | None = None
    after: float | None = None
    seconds: float | None = None
    stuck: bool = False
    leaves: tuple[Literal["endpoint", "model"], ...] = ()


def _silent(call: Call) -> None:
    return None


def _identity(call: Call, body: Json) -> Json:
    return body


def _pass(call: Call, response: Response) -> Response:
    return response


def _accept(call: Call, result: Json | Response) -> None:
    return None


def _nothing_special(call: Call, stage: str) -> Outcome | None:
    return None


def _no_rule(tx: Transaction, address: str, now: float) -> str | None:
    return None


def _unreachable(tx: Transaction, attachment: str, now: float) -> bool:
    return False


def _unknown(verb: str, path: str) -> str | None:
    return None


class Hooks(msgspec.Struct):
    """Callables the core runs at fixed points of every request.

    Attributes:
        arrive: First of all, outside any transaction. May sleep, raise, or answer itself.
        canonicalise: Turns a `json` route's parsed body into canonical camelCase, or refuses it.
        accepted: After a `write` handler succeeded, inside its transaction (the mutation log).
        render: Turns a JSON result into what is sent (enum integers, contract check).
        leave: Last, after the commit. May sleep, raise (the answer is lost), or replace the answer.
        decide: Asked with stage `request` before a handler runs (it may raise `ApiError`) and with
            stage `operation` when one is about to start.
        psc_target: The service attachment that the ACCEPTED rule with this IP address leads to.
        psc_reachable: Whether any ACCEPTED rule leads to a service attachment.
        method_of: The discovery id of a request that no route serves, if the contract knows it.
    """

    arrive: Callable[[Call], Response | None] = _silent
    canonicalise: Callable[[Call, Json], Json] = _identity
    accepted: Callable[[Call, Json | Response], None] = _accept
    render: Callable[[Call, Json], Json] = _identity
    leave: Callable[[Call, Response], Response] = _pass
    decide: Callable[[Call, str], Outcome | None] = _nothing_special
    psc_target: Callable[[Transaction, str, float], str | None] = _no_rule
    psc_reachable: Callable[[Transaction, str, float], bool] = _unreachable
    method_of: Callable[[str, str], str | None] = _unknown


class Call(msgspec.Struct):
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
    body: Json = msgspec.field(default_factory=dict[str, Any])
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
