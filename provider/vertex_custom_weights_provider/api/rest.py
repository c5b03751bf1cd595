"""JSON over HTTP to Google: authorisation, retries and error mapping, in one place.

What is safe to repeat is repeated here (reads, and calls the caller declares idempotent). What is
not, such as the POST that starts a deployment, is sent once: the lifecycle looks before it
asks again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar, cast
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.clock import Clock
from vertex_custom_weights_provider.api.google_hosts import is_google, is_plain
from vertex_custom_weights_provider.api.messages import Json
from vertex_custom_weights_provider.api.redaction import Hidden
from vertex_custom_weights_provider.api.transport import (
    ANSWER_SECONDS,
    Answer,
    Request,
    Transport,
)

T = TypeVar("T")

_BACKOFF_SECONDS = (0.25, 0.5, 1.0, 2.0, 4.0)
# A listing of a thousand objects has half a megabyte. Whoever sends more than this is not Google.
_LARGEST_ANSWER = 64 * 2**20
READ_SECONDS = 30.0
_LEAST_SECONDS = 0.1
_MAX_ERROR_BYTES = 64 * 1024
_SHOWN = 60
_CONTENT_RANGE = re.compile(r"bytes (\d{1,19})-(\d{1,19})/(?:\d{1,19}|\*)")
_RETRIED_STATUS = frozenset({408, 429, 500, 502, 503, 504})
_TOO_FAST = ("rateLimitExceeded", "userRateLimitExceeded")
_BY_STATUS_NAME: Mapping[str, type[errors.ApiError]] = {
    "FAILED_PRECONDITION": errors.FailedPrecondition,
    "ABORTED": errors.Aborted,
    # Compute Engine answers these with 403, as if a right were missing.
    **dict.fromkeys(("quotaExceeded", *_TOO_FAST), errors.ResourceExhausted),
}
_BY_HTTP_STATUS: Mapping[int, type[errors.ApiError]] = {
    400: errors.InvalidArgument,
    401: errors.Unauthenticated,
    403: errors.PermissionDenied,
    404: errors.NotFound,
    409: errors.AlreadyExists,
    412: errors.ConditionNotMet,
    429: errors.ResourceExhausted,
}


class Authorizer(Protocol):
    """Supplies request headers; called for every attempt, so an expired token is renewed."""

    def headers(self, *, renew: bool = False) -> Mapping[str, str]:
        """Return authorisation headers, with a fresh token when `renew` is set."""
        ...


@dataclass(frozen=True)
class Rest:
    """One authorised way to Google. Thread-safe.

    Attributes:
        http: Carries the requests.
        auth: Who asks. Only Google's hosts are told.
        also_told: Hosts beside Google's that are told who asks, because somebody said so.
    """

    http: Transport
    auth: Authorizer
    clock: Clock
    hidden: Hidden = field(default_factory=Hidden, repr=False, compare=False)
    also_told: frozenset[str] = frozenset()

    def get_json(self, url: str, params: Mapping[str, str] | None = None) -> Json:
        """GET a JSON object, retrying what is worth retrying."""
        return self.send("GET", url, params=params, idempotent=True)

    def read(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        *,
        most: int,
        start: int | None = None,
        seconds: float = READ_SECONDS,
    ) -> bytes:
        """GET bytes as they are stored, and no more of them than were asked for.

        Args:
            url: Of the object.
            params: Query parameters.
            most: Bytes that may come. With `start`, exactly so many.
            start: First byte of a range; None reads from the beginning to the end.
            seconds: For all attempts together, however slowly the bytes come.

        Raises:
            errors.ApiError: the store said no.
            errors.UntrueAnswer: it sent something else than was asked for.
            errors.NoAnswer: it did not answer, or not in time.
        """
        span = None if start is None else (start, start + most - 1)
        asked = {"Accept-Encoding": "identity"}
        if span:
            asked["Range"] = f"bytes={span[0]}-{span[1]}"
        until = self.clock.now() + seconds

        def attempt(renew: bool) -> bytes:
            left = max(until - self.clock.now(), _LEAST_SECONDS)
            call = _Call("GET", url, params, headers=asked, seconds=left)
            with self._opened(call, renew) as answer:
                _demand(answer, span, most)
                pieces = self._in_time(answer.pieces(), until, seconds)
                return _no_more(pieces, most, exactly=span is not None)

        return self._attempts(_Call("GET", url), attempt, idempotent=True, until=until)

    def _in_time(self, pieces: Iterator[bytes], until: float, seconds: float) -> Iterator[bytes]:
        for piece in pieces:
            yield piece
            if self.clock.now() > until:
                raise errors.NoAnswer(f"not all of it had come after {seconds:.0f} seconds")

    def send(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        idempotent: bool = False,
        timeout: float | None = None,
    ) -> Json:
        """Send a request and return the JSON object of its answer.

        Raises:
            errors.ApiError: Google said no; the subclass tells how.
            errors.NoAnswer: the connection broke or what came is no JSON object, and the call was
                not declared idempotent, or it went so on every attempt.
        """
        return self.fetch(
            lambda answer: answer,
            method,
            url,
            params=params,
            body=body,
            idempotent=idempotent,
            timeout=timeout,
        )

    def fetch(
        self,
        read: Callable[[Json], T],
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        idempotent: bool = False,
        timeout: float | None = None,
    ) -> T:
        """Send a request and return what `read` makes of its answer.

        Raises:
            errors.ApiError: Google said no; the subclass tells how.
            errors.NoAnswer: nobody knows whether it was carried out: the connection broke, or what
                came back is not what was asked for.
        """
        packed = {"Accept-Encoding": "gzip"}
        call = _Call(method, url, params, body, packed, timeout or ANSWER_SECONDS)

        def attempt(renew: bool) -> T:
            with self._opened(call, renew) as answer:
                found = self._object(call, answer)
            try:
                return read(found)
            except errors.NoAnswer as odd:
                raise errors.NoAnswer(f"{call}: {odd}") from None

        return self._attempts(call, attempt, idempotent=idempotent)

    def stream(self, url: str, body: Mapping[str, Any], timeout: float = 600) -> Iterator[str]:
        """POST and yield the lines of the answer as they arrive.

        Raises:
            errors.ApiError: Google said no.
            errors.NoAnswer: the connection could not be made, or broke on the way.
        """
        call = _Call("POST", url, None, body, seconds=timeout)
        try:
            with self._opened(call) as answer:
                yield from _lines(answer)
        except ConnectionError as broken:
            raise errors.NoAnswer(self._broken(call, broken)) from None

    def _attempts(
        self,
        call: _Call,
        attempt: Callable[[bool], T],
        *,
        idempotent: bool,
        until: float | None = None,
    ) -> T:
        """Make a request, with a fresh token or not, until it succeeds or may not."""
        renew = False
        pauses = iter(_BACKOFF_SECONDS)
        while True:
            try:
                return attempt(renew)
            except ConnectionError as broken:
                problem: errors.VcwError = errors.NoAnswer(self._broken(call, broken))
            except (errors.ApiError, errors.NoAnswer) as refused:
                problem = refused
            if isinstance(problem, errors.Unauthenticated) and not renew:
                renew = True
                continue
            pause = next(pauses, None) if idempotent and _may_pass(problem) else None
            if pause is None or (until is not None and self.clock.now() + pause >= until):
                raise problem from None
            self.clock.sleep(pause)

    def _opened(self, call: _Call, renew: bool = False) -> Answer:
        """Send a call once, and return an answer that is neither a refusal nor a detour.

        Raises:
            errors.ConfigurationError: something in the URL leads elsewhere than it seems to.
        """
        if not is_plain(call.url):
            raise errors.ConfigurationError(
                f"{call.url!r} is not asked: a name in it holds what names do not hold."
            )
        told = is_google(call.url) or urlsplit(call.url).netloc in self.also_told
        headers = {**(self.auth.headers(renew=renew) if told else {}), **call.headers}
        self.hidden.sent(headers, call.body)
        answer = self.http.open(call.request(headers))
        if answer.status < 300:
            return answer
        with answer:
            if answer.status < 400:
                raise errors.NoAnswer(f"{call}: the answer points elsewhere (HTTP {answer.status})")
            raise _error(answer, call, self.hidden)

    def _object(self, call: _Call, answer: Answer) -> Json:
        content = answer.read(_LARGEST_ANSWER + 1)
        try:
            parsed: Any = json.loads(content) if len(content) <= _LARGEST_ANSWER else None
        except (ValueError, RecursionError):
            parsed = None
        if not isinstance(parsed, dict):
            # A proxy or a captive portal has answered, not Google.
            raise errors.NoAnswer(f"{call}: the answer is not JSON, or not an object")
        found = cast("Json", parsed)
        if "error" in found:  # an operation that has failed says why in an answer that has not
            found["error"] = self.hidden.throughout(found["error"])
        return found

    def _broken(self, call: _Call, cause: Exception) -> str:
        return f"{call}: {self.hidden.without(str(cause) or type(cause).__name__)}"


class _Call(msgspec.Struct, frozen=True):
    """What is asked, before it is known who asks. As text it holds neither host nor query."""

    method: str
    url: str
    params: Mapping[str, str] | None = None
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = msgspec.field(default_factory=dict[str, str])
    seconds: float = ANSWER_SECONDS

    def request(self, headers: Mapping[str, str]) -> Request:
        query = f"?{urlencode(self.params, quote_via=quote)}" if self.params else ""
        body = None
        if self.body is not None:
            headers = {"Content-Type": "application/json", **headers}
            body = json.dumps(self.body, separators=(",", ":"), allow_nan=False).encode()
        return Request(self.method, f"{self.url}{query}", headers, body, self.seconds)

    def __str__(self) -> str:
        return f"{self.method} {urlsplit(self.url).path}"


def absent(refusal: errors.NotFound) -> None:
    """Take it that there is no such object, if Google itself says so.

    Raises:
        errors.NoAnswer: the 404 bears no error of Google's: something on the way has sent it.
    """
    if not refusal.status:
        told = f"a 404 that is not Google's ({refusal.call}): nobody knows whether it is there"
        raise errors.NoAnswer(told) from None


def _lines(answer: Answer) -> Iterator[str]:
    """Yield the lines of an answer as they arrive, without their ends."""
    left = b""
    for piece in answer.pieces():
        *lines, left = (left + piece).split(b"\n")
        yield from (line.removesuffix(b"\r").decode(errors="replace") for line in lines)
    if left:
        yield left.decode(errors="replace")


def _may_pass(problem: errors.VcwError) -> bool:
    """Tell trouble that the same request may not meet again."""
    if isinstance(problem, errors.UntrueAnswer):
        return False
    if isinstance(problem, errors.ApiError):
        return problem.http_status in _RETRIED_STATUS or problem.status in _TOO_FAST
    return True


def _demand(answer: Answer, span: tuple[int, int] | None, most: int) -> None:
    """Refuse an answer that is not what was asked for, before any of it is read."""
    if encoding := _encoding(answer):
        raise errors.UntrueAnswer(f"it was asked for as it is, and came compressed ({encoding})")
    if answer.status != (200 if span is None else 206):
        what = "the whole" if span is None else "a range"
        raise errors.UntrueAnswer(
            f"{what} was asked for, and the answer is another (HTTP {answer.status})"
        )
    if span is not None:
        given = answer.header("Content-Range")
        match = _CONTENT_RANGE.fullmatch(given.strip())
        if match is None or (int(match[1]), int(match[2])) != span:
            raise errors.UntrueAnswer(
                f"bytes {span[0]} to {span[1]} were asked for, and others came ({given[:_SHOWN]!r})"
            )
    size = answer.header("Content-Length")
    if size.isdecimal() and int(size) > most:
        raise errors.UntrueAnswer(f"{size[:_SHOWN]} bytes are announced where {most} are the most")


def _encoding(answer: Answer) -> str:
    """Return how a body is encoded; empty when it is as it is."""
    encoding = answer.header("Content-Encoding").strip().lower()
    return "" if encoding == "identity" else encoding[:_SHOWN]


def _no_more(pieces: Iterator[bytes], most: int, *, exactly: bool) -> bytes:
    """Put together what comes, and stop when it is more than was asked for."""
    found = bytearray()
    for piece in pieces:
        found += piece
        if len(found) > most:
            raise errors.UntrueAnswer(f"more came than the {most} bytes that were asked for")
    if exactly and len(found) < most:
        raise errors.NoAnswer(f"asked for {most} bytes, got {len(found)}")
    return bytes(found)


def _envelope(content: bytes, hidden: Hidden) -> Json:
    try:
        parsed: Any = hidden.throughout(json.loads(content))
    except (ValueError, RecursionError):
        return {}
    if isinstance(parsed, list):  # a streaming method wraps its error in a list
        parsed = next(iter(cast("list[Any]", parsed)), None)
    found: Any = cast("Json", parsed).get("error", {}) if isinstance(parsed, dict) else {}
    return cast("Json", found) if isinstance(found, dict) else {"message": str(found)}


def _error(answer: Answer, call: _Call, hidden: Hidden) -> errors.ApiError:
    """Map both error envelopes (aiplatform's and compute/storage's) to one exception tree."""
    envelope = _envelope(answer.read(_MAX_ERROR_BYTES), hidden)
    details: list[Json] = envelope.get("details", [])
    nothing: Json = {}
    info = next((d for d in details if str(d.get("@type", "")).endswith("ErrorInfo")), nothing)
    listed: list[Json] = envelope.get("errors", [])
    first = next(iter(listed), nothing)
    status = str(envelope.get("status") or first.get("reason") or "")
    http_status = answer.status
    kind = (
        _BY_STATUS_NAME.get(status)
        or _BY_HTTP_STATUS.get(http_status)
        or (errors.Unavailable if http_status >= 500 else errors.ApiError)
    )
    return kind(
        str(envelope.get("message") or hidden.without(answer.reason)),
        http_status=http_status,
        status=status,
        reason=str(info.get("reason", "")),
        call=str(call),
        metadata=info.get("metadata"),
    )
