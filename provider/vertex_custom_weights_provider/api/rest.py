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
from urllib.parse import urlsplit

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.clock import Clock
from vertex_custom_weights_provider.api.redaction import Hidden
from vertex_custom_weights_provider.lean.httpx import httpx

Json = dict[str, Any]
T = TypeVar("T")

_BACKOFF_SECONDS = (0.25, 0.5, 1.0, 2.0, 4.0)
_CONNECT_SECONDS = 20.0
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
    """One authorised connection pool. Thread-safe, like the httpx client it wraps."""

    http: httpx.Client
    auth: Authorizer
    clock: Clock
    hidden: Hidden = field(default_factory=Hidden, repr=False, compare=False)

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

        def attempt(headers: Mapping[str, str]) -> bytes:
            sent = {**headers, **asked}
            self.hidden.sent(sent, None)
            patience = _patience(max(until - self.clock.now(), _LEAST_SECONDS))
            with self.http.stream(
                "GET", url, params=params, headers=sent, timeout=patience
            ) as answer:
                # Unpacked, a small answer may be of any size.
                pieces = iter(()) if _encoding(answer) else answer.iter_bytes()
                pieces = self._in_time(pieces, until, seconds)
                if answer.status_code >= 400:
                    content = _beginning(pieces)
                    raise _error(answer, content, "GET", url, self.hidden)
                _demand(answer, span, most)
                return _no_more(pieces, most, exactly=span is not None)

        return self._attempts("GET", url, attempt, idempotent=True, until=until)

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
            errors.NoAnswer: the connection broke and the call was not declared idempotent, or
                broke on every attempt.
        """

        def attempt(headers: Mapping[str, str]) -> Json:
            self.hidden.sent(headers, body)
            answer = self.http.request(
                method,
                url,
                params=params,
                json=body,
                headers=dict(headers),
                timeout=_patience(timeout) if timeout else httpx.USE_CLIENT_DEFAULT,
            )
            if answer.status_code >= 400:
                raise _error(answer, answer.content, method, url, self.hidden)
            return self._object(answer)

        return self._attempts(method, url, attempt, idempotent=idempotent)

    def stream(self, url: str, body: Mapping[str, Any], timeout: float = 600) -> Iterator[str]:
        """POST and yield the lines of the answer as they arrive.

        Raises:
            errors.ApiError: Google said no.
            errors.NoAnswer: the connection could not be made, or broke on the way.
        """
        headers = dict(self.auth.headers())
        self.hidden.sent(headers, body)
        patience = _patience(timeout)
        try:
            with self.http.stream(
                "POST", url, json=dict(body), headers=headers, timeout=patience
            ) as answer:
                if answer.status_code >= 400:
                    raise _error(answer, answer.read(), "POST", url, self.hidden)
                yield from answer.iter_lines()
        except (httpx.TransportError, ConnectionError) as broken:
            raise errors.NoAnswer(self._broken("POST", url, broken)) from None

    def _attempts(
        self,
        method: str,
        url: str,
        attempt: Callable[[Mapping[str, str]], T],
        *,
        idempotent: bool,
        until: float | None = None,
    ) -> T:
        """Make a request, given the headers that authorise it, until it succeeds or may not."""
        renew = False
        pauses = iter(_BACKOFF_SECONDS)
        while True:
            headers = self.auth.headers(renew=renew)
            try:
                return attempt(headers)
            except (httpx.RequestError, ConnectionError) as broken:
                problem: errors.VcwError = errors.NoAnswer(self._broken(method, url, broken))
            except (errors.ApiError, errors.NoAnswer) as refused:
                problem = refused
            if isinstance(problem, errors.Unauthenticated) and not renew:
                renew = True
                continue
            pause = next(pauses, None) if idempotent and _may_pass(problem) else None
            if pause is None or (until is not None and self.clock.now() + pause >= until):
                raise problem from None
            self.clock.sleep(pause)

    def _object(self, answer: httpx.Response) -> Json:
        if not answer.content:
            return {}
        try:
            parsed: Any = json.loads(answer.content)
        except ValueError:
            # A proxy or a captive portal has answered, not Google.
            raise errors.NoAnswer(
                f"{answer.request.method} {answer.request.url.path}: the answer is not JSON"
            ) from None
        if not isinstance(parsed, dict):
            return {"items": parsed}
        found = cast("Json", parsed)
        if "error" in found:  # an operation that has failed says why in an answer that has not
            found["error"] = self.hidden.throughout(found["error"])
        return found

    def _broken(self, method: str, url: str, cause: Exception) -> str:
        return f"{_call(method, url)}: {type(cause).__name__}: {self.hidden.without(str(cause))}"


def _may_pass(problem: errors.VcwError) -> bool:
    """Tell trouble that the same request may not meet again."""
    if isinstance(problem, errors.UntrueAnswer):
        return False
    if isinstance(problem, errors.ApiError):
        return problem.http_status in _RETRIED_STATUS or problem.status in _TOO_FAST
    return True


def _patience(seconds: float) -> httpx.Timeout:
    """Wait this long for an answer, but not for somebody to take the call."""
    return httpx.Timeout(seconds, connect=min(seconds, _CONNECT_SECONDS))


def _call(method: str, url: str) -> str:
    return f"{method} {urlsplit(url).path}"


def _demand(answer: httpx.Response, span: tuple[int, int] | None, most: int) -> None:
    """Refuse an answer that is not what was asked for, before any of it is read."""
    if encoding := _encoding(answer):
        raise errors.UntrueAnswer(f"it was asked for as it is, and came compressed ({encoding})")
    if answer.status_code != (200 if span is None else 206):
        what = "the whole" if span is None else "a range"
        raise errors.UntrueAnswer(
            f"{what} was asked for, and the answer is another (HTTP {answer.status_code})"
        )
    if span is not None:
        given = answer.headers.get("Content-Range", "")
        match = _CONTENT_RANGE.fullmatch(given.strip())
        if match is None or (int(match[1]), int(match[2])) != span:
            raise errors.UntrueAnswer(
                f"bytes {span[0]} to {span[1]} were asked for, and others came ({given[:_SHOWN]!r})"
            )
    size = answer.headers.get("Content-Length", "")
    if size.isdecimal() and int(size) > most:
        raise errors.UntrueAnswer(f"{size[:_SHOWN]} bytes are announced where {most} are the most")


def _encoding(answer: httpx.Response) -> str:
    """Return how a body is encoded; empty when it is as it is."""
    encoding = answer.headers.get("Content-Encoding", "").strip().lower()
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


def _beginning(pieces: Iterator[bytes]) -> bytes:
    """Return what an error says, and not what somebody sends after it."""
    found = bytearray()
    for piece in pieces:
        found += piece
        if len(found) >= _MAX_ERROR_BYTES:
            break
    return bytes(found[:_MAX_ERROR_BYTES])


def _envelope(content: bytes, hidden: Hidden) -> Json:
    try:
        parsed: Any = hidden.throughout(json.loads(content))
    except ValueError:
        return {}
    if isinstance(parsed, list):  # a streaming method wraps its error in a list
        parsed = next(iter(cast("list[Any]", parsed)), None)
    found: Any = cast("Json", parsed).get("error", {}) if isinstance(parsed, dict) else {}
    return cast("Json", found) if isinstance(found, dict) else {"message": str(found)}


def _error(
    answer: httpx.Response, content: bytes, method: str, url: str, hidden: Hidden
) -> errors.ApiError:
    """Map both error envelopes (aiplatform's and compute/storage's) to one exception tree."""
    envelope = _envelope(content, hidden)
    details: list[Json] = envelope.get("details", [])
    nothing: Json = {}
    info = next((d for d in details if str(d.get("@type", "")).endswith("ErrorInfo")), nothing)
    listed: list[Json] = envelope.get("errors", [])
    first = next(iter(listed), nothing)
    status = str(envelope.get("status") or first.get("reason") or "")
    http_status = answer.status_code
    kind = (
        _BY_STATUS_NAME.get(status)
        or _BY_HTTP_STATUS.get(http_status)
        or (errors.Unavailable if http_status >= 500 else errors.ApiError)
    )
    return kind(
        str(envelope.get("message") or hidden.without(answer.reason_phrase)),
        http_status=http_status,
        status=status,
        reason=str(info.get("reason", "")),
        call=_call(method, url),
        metadata=info.get("metadata"),
    )
