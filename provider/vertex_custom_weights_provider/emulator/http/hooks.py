"""Where contract checks, faults and scenarios plug into the core.

The core works without any of them; `assembly.py` fills them in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import msgspec
from werkzeug.wrappers import Response

from vertex_custom_weights_provider.emulator.envelope import ApiError, Json

if TYPE_CHECKING:
    from vertex_custom_weights_provider.emulator.state.store import Transaction

    from .call import Call


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


@dataclass
class Hooks:
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
