"""Errors and bodies as Google's front ends write them.

Two envelopes exist: aiplatform's (`code`, `message`, `status`, `details`) and the older one of
Compute and Cloud Storage (`code`, `message`, `errors[]` with a `reason`).
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn, cast

from werkzeug.wrappers import Response

Json = dict[str, Any]

# google.rpc code -> (HTTP status, name); an operation's error carries only the code.
RPC = {
    1: (499, "CANCELLED"),
    2: (500, "UNKNOWN"),
    3: (400, "INVALID_ARGUMENT"),
    4: (504, "DEADLINE_EXCEEDED"),
    5: (404, "NOT_FOUND"),
    6: (409, "ALREADY_EXISTS"),
    7: (403, "PERMISSION_DENIED"),
    8: (429, "RESOURCE_EXHAUSTED"),
    9: (400, "FAILED_PRECONDITION"),
    10: (409, "ABORTED"),
    11: (400, "OUT_OF_RANGE"),
    12: (501, "UNIMPLEMENTED"),
    13: (500, "INTERNAL"),
    14: (503, "UNAVAILABLE"),
    16: (401, "UNAUTHENTICATED"),
}
RPC_CODE = {name: code for code, (_, name) in RPC.items()}

_REASON = {
    400: "invalid",
    401: "authError",
    403: "forbidden",
    404: "notFound",
    409: "alreadyExists",
    412: "conditionNotMet",
    416: "requestedRangeNotSatisfiable",
    429: "rateLimitExceeded",
    500: "backendError",
    501: "notImplemented",
    503: "backendError",
}


class ApiError(Exception):
    """A refusal, in terms both envelopes can be written from.

    Attributes:
        http: HTTP status.
        status: google.rpc name, such as `NOT_FOUND`.
        message: What the client shows.
        details: `google.rpc` detail messages, each with its `@type`.
        reason: The older envelope's reason; chosen from the HTTP status when empty.
    """

    def __init__(
        self,
        http: int,
        status: str,
        message: str,
        details: list[Json] | None = None,
        reason: str = "",
    ) -> None:
        super().__init__(message)
        self.http = http
        self.status = status
        self.message = message
        self.details = details or []
        self.reason = reason or _REASON.get(http, "invalid")

    @classmethod
    def of(cls, status: str, message: str, details: list[Json] | None = None) -> ApiError:
        """Make the error for a google.rpc status name, with the HTTP status that goes with it."""
        return cls(RPC[RPC_CODE[status]][0], status, message, details)

    def as_status(self) -> Json:
        """Return the `google.rpc.Status` form an operation carries."""
        body: Json = {"code": RPC_CODE.get(self.status, 2), "message": self.message}
        if self.details:
            body["details"] = self.details
        return body


def refuse(status: str, message: str, details: list[Json] | None = None) -> NoReturn:
    """Raise the `ApiError` of a google.rpc status name."""
    raise ApiError.of(status, message, details)


def bad_request(field: str, description: str) -> Json:
    """Return a `google.rpc.BadRequest` detail with one violation; `field` may be empty."""
    violation = {"description": description}
    if field:
        violation = {"field": field, **violation}
    return {
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [violation],
    }


def error_body(error: ApiError, *, legacy: bool) -> Json:
    """Write an error in the envelope of its family: `legacy` for Compute and Cloud Storage."""
    if legacy:
        first = {"message": error.message, "domain": "global", "reason": error.reason}
        body: Json = {"code": error.http, "message": error.message, "errors": [first]}
        if error.details:
            body["details"] = error.details
        return {"error": body}
    body = {"code": error.http, "message": error.message, "status": error.status}
    if error.details:
        body["details"] = error.details
    return {"error": body}


# A string (an unfinished one too: it must not be looked at again from within), or a comma between
# a value and the end of its list or object.
_TRAILING_COMMA = re.compile(
    r'("(?:[^"\\]|\\.)*+(?:"|\\?\Z))|(?<=[^\s{\[,:])\s*+,(?=\s*+[}\]])', re.DOTALL
)
_MOST_NESTED = 100  # as with Google's parser
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity are not JSON


def _loads(text: str | bytes) -> Any:
    return json.loads(text, parse_constant=_no_constant)


def parse_json(raw: bytes) -> Json:
    """Parse a request body as Google's parser does: empty is `{}`, trailing commas are taken.

    Raises:
        ApiError: 400 when it is not JSON of whole characters, too deep, or not an object.
    """
    if not raw.strip():
        return {}
    try:
        try:
            parsed = _loads(raw)
        except ValueError:
            parsed = _loads(_TRAILING_COMMA.sub(lambda m: m.group(1) or "", raw.decode("utf-8")))
        if _SURROGATE.search(raw):
            json.dumps(parsed, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        refuse("INVALID_ARGUMENT", "Invalid JSON payload received. Parsing terminated.")
    if raw.count(b"[") + raw.count(b"{") > _MOST_NESTED and _too_deep(parsed):
        refuse("INVALID_ARGUMENT", "Invalid JSON payload received. Nesting is too deep.")
    if not isinstance(parsed, dict):
        refuse("INVALID_ARGUMENT", "Invalid JSON payload received. Unexpected token; expected {.")
    return cast("Json", parsed)


def _too_deep(value: Any) -> bool:
    layer: list[Any] = [value]
    for _ in range(_MOST_NESTED):
        below = [_inside(item) for item in layer]
        layer = [item for items in below for item in items]
        if not layer:
            return False
    return True


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(cast("Json", value).values())
    return cast("list[Any]", value) if isinstance(value, list) else []


def json_response(body: Json, status: int = 200, *, pretty: bool = False) -> Response:
    """Write a JSON answer; compact unless `prettyPrint=true` was asked for."""
    text = json.dumps(body, indent=2) if pretty else json.dumps(body, separators=(",", ":"))
    return Response(text, status=status, content_type="application/json; charset=UTF-8")
