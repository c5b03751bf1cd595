"""JSON over HTTP to Google: authorisation, retries and error mapping, in one place.

What is safe to repeat is repeated here (reads, and calls the caller declares idempotent). What is
not, such as the POST that starts a deployment, is sent once: the lifecycle looks before it
asks again.
"""

from __future__ import annotations

import json
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

    def get_bytes(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """GET raw bytes, such as a range of an object."""
        sent = ("GET", url, params, None, headers)
        return self._attempts(*sent, lambda answer: answer.content, idempotent=True)

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
        sent = (method, url, params, body, None)
        return self._attempts(*sent, self._object, idempotent=idempotent, timeout=timeout)

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
                    answer.read()
                    raise _error(answer, "POST", url, self.hidden)
                yield from answer.iter_lines()
        except (httpx.TransportError, ConnectionError) as broken:
            raise errors.NoAnswer(self._broken("POST", url, broken)) from None

    def _attempts(
        self,
        method: str,
        url: str,
        params: Mapping[str, str] | None,
        body: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None,
        parse: Callable[[httpx.Response], T],
        *,
        idempotent: bool,
        timeout: float | None = None,
    ) -> T:
        renew = False
        pauses = iter(_BACKOFF_SECONDS)
        while True:
            sent = {**self.auth.headers(renew=renew), **(headers or {})}
            self.hidden.sent(sent, body)
            try:
                answer = self.http.request(
                    method,
                    url,
                    params=params,
                    json=body,
                    headers=sent,
                    timeout=_patience(timeout) if timeout else httpx.USE_CLIENT_DEFAULT,
                )
                if answer.status_code < 400:
                    return parse(answer)
                problem: errors.VcwError = _error(answer, method, url, self.hidden)
            except (httpx.RequestError, ConnectionError) as broken:
                problem = errors.NoAnswer(self._broken(method, url, broken))
            except errors.NoAnswer as unreadable:
                problem = unreadable
            if isinstance(problem, errors.Unauthenticated) and not renew:
                renew = True
                continue
            pause = next(pauses, None) if idempotent and _may_pass(problem) else None
            if pause is None:
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
    if isinstance(problem, errors.ApiError):
        return problem.http_status in _RETRIED_STATUS or problem.status in _TOO_FAST
    return True


def _patience(seconds: float) -> httpx.Timeout:
    """Wait this long for an answer, but not for somebody to take the call."""
    return httpx.Timeout(seconds, connect=_CONNECT_SECONDS)


def _call(method: str, url: str) -> str:
    return f"{method} {urlsplit(url).path}"


def _envelope(answer: httpx.Response, hidden: Hidden) -> Json:
    try:
        parsed: Any = hidden.throughout(json.loads(answer.content))
    except ValueError:
        return {}
    if isinstance(parsed, list):  # a streaming method wraps its error in a list
        parsed = next(iter(cast("list[Any]", parsed)), None)
    found: Any = cast("Json", parsed).get("error", {}) if isinstance(parsed, dict) else {}
    return cast("Json", found) if isinstance(found, dict) else {"message": str(found)}


def _error(answer: httpx.Response, method: str, url: str, hidden: Hidden) -> errors.ApiError:
    """Map both error envelopes (aiplatform's and compute/storage's) to one exception tree."""
    envelope = _envelope(answer, hidden)
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
