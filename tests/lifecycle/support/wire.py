"""What lies between a provider and the emulated cloud: counts calls, and breaks on demand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar
from urllib.parse import parse_qs

import httpx

from vertex_custom_weights_provider import errors

T = TypeVar("T")
_UNSERVED = "/quotaInfos/"  # of a service that the emulator has not, nor faults for it


class Killed(BaseException):
    """The process died here; nothing after this line runs."""


@dataclass(frozen=True)
class Cut:
    """Where the wire breaks.

    Attributes:
        at: Number of the call, from 0.
        after_answer: The call is carried out first, and only its answer lost.
        kills: The provider's process dies of it.
        ends_engine: Not the wire breaks but the engine dies: what the provider goes on to say,
            nobody hears.
        lasts: All later calls break as well.
        refuses: The wire holds, and the answer is no: not allowed.
    """

    at: int
    after_answer: bool = False
    kills: bool = False
    ends_engine: bool = False
    lasts: bool = False
    refuses: bool = False

    def strikes(self, number: int) -> bool:
        return number == self.at or (self.lasts and number > self.at)


@dataclass(frozen=True)
class Odd:
    """A call that is answered with what is no answer to it, however often it is repeated.

    Attributes:
        at: Number of the call, from 0.
        status: HTTP status of the answer.
        content: Its body; of a listing a malformed one, where this would be an empty listing.
        carried_out: The call is carried out first.
    """

    at: int
    status: int = 200
    content: bytes = b""
    carried_out: bool = False

    def body(self, call: str) -> bytes:
        lists = call.endswith(_LISTED) and call.startswith("GET ") and self.content == b"{}"
        return (
            b'{"endpoints": 1, "models": 1, "operations": 1, "items": 1}' if lists else self.content
        )


_MALFORMED = b'{"endpoints": 1, "models": 1, "operations": 1, "items": 1}'
_LISTED = ("/operations", "/endpoints", "/models", "/addresses", "/forwardingRules", "/o")


class Refused(Exception):
    """The service says no."""


class Surroundings(Protocol):
    """What a wire needs of the world it is in."""

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        ...

    def cancel(self) -> None:
        """Tell the provider to stop."""
        ...

    def lose_engine(self) -> None:
        """Let the engine die."""
        ...


class Wire:
    """Passes calls on; subclasses know how."""

    def __init__(self, world: Surroundings) -> None:
        self._world = world
        self.calls: list[str] = []
        self.honours_wait = True
        self.heal()

    def heal(self) -> None:
        """Forget all plans and all calls so far."""
        self.calls.clear()
        self.interrupt_when: Callable[[str], bool] = lambda _: False
        self.cut: Cut | None = None
        self.odd: Odd | None = None
        self._odd_call = ""
        self.cuts = 0
        self.engine_gone = False
        self.beside: Callable[[], None] = lambda: None

    def pass_on(
        self, call: str, query: str, carry_out: Callable[[], T], say: Callable[[int, bytes], T]
    ) -> T:
        """Carry a call out, unless something is to happen to it.

        Args:
            call: Method and path.
            query: Query of the URL.
            carry_out: Has the emulator answer it.
            say: Answers with a status and a body instead.
        """
        if _UNSERVED in call:
            return carry_out()
        number = len(self.calls)
        self.calls.append(call)
        if self.odd and number == self.odd.at:
            self._odd_call = call
        if self.odd and call == self._odd_call:
            self.cuts += 1
            if self.odd.carried_out:
                self._pass_time(call, query)
                self._discard(carry_out())
            return say(self.odd.status, self.odd.body(call))
        cut = self.cut if self.cut and self.cut.strikes(number) else None
        if cut and cut.ends_engine:
            self.cuts += 1
            self.engine_gone = True
            self._world.lose_engine()
            cut = None
        if cut and not cut.after_answer:
            self._cut(cut)
        if self.interrupt_when(call):
            self._world.cancel()
        self._pass_time(call, query)
        answer = carry_out()
        self.beside()
        if cut:
            self._discard(answer)
            self._cut(cut)
        return answer

    def _discard(self, answer: Any) -> None:
        """Close an answer that nobody gets; a file may be open behind it."""

    def _cut(self, cut: Cut) -> None:
        self.cuts += 1
        self._break(cut)

    def _break(self, cut: Cut) -> None:
        """Raise what the side of the provider is to see."""
        raise NotImplementedError

    def _left_behind(self) -> None:
        """Return at once, or raise when the one who polls is to stop."""
        raise NotImplementedError

    def _pass_time(self, call: str, query: str) -> None:
        """Let the time pass that a long poll may last; it is then carried out without waiting."""
        if not call.endswith((":wait", "/wait")):
            return
        self._left_behind()
        # Compute's wait takes no time-out; its operations take two seconds here.
        asked = parse_qs(query).get("timeout", ["3s"])[0]
        if self.honours_wait:
            self._world.advance(float(asked.removesuffix("s")))


class WireInProcess(Wire, httpx.BaseTransport):
    """The transport beneath a provider that runs in the process of the test."""

    def __init__(self, world: Surroundings, app: object, cancelled: Callable[[], bool]) -> None:
        super().__init__(world)
        self._inner = httpx.WSGITransport(app=app)
        self._cancelled = cancelled

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        call = f"{request.method} {request.url.path}"
        query = request.url.query.decode()
        try:
            return self.pass_on(
                call,
                query,
                lambda: self._inner.handle_request(_unheld(request)),
                lambda status, body: httpx.Response(status, content=body),
            )
        except Refused:
            no = {"code": 403, "message": "not allowed", "status": "PERMISSION_DENIED"}
            return httpx.Response(403, json={"error": no})

    def _discard(self, answer: httpx.Response) -> None:
        answer.close()

    def _break(self, cut: Cut) -> None:
        if cut.refuses:
            raise Refused
        raise Killed if cut.kills else httpx.ReadError("connection reset")

    def _left_behind(self) -> None:
        if self._cancelled():  # a long poll is left behind, not waited for
            raise errors.Cancelled("cancelled")


def _unheld(request: httpx.Request) -> httpx.Request:
    if not request.url.path.endswith((":wait", "/wait")):
        return request
    return httpx.Request(
        request.method,
        request.url.copy_set_param("timeout", "0s"),
        headers=request.headers,
        content=request.read(),
    )
