"""Everything this package raises on purpose.

    VcwError
    ├── ConfigurationError        a setting is missing or wrong
    │   └── NoCredentials         nobody is signed in, or no longer
    ├── ApiError                  Google answered, and the answer is no
    │   ├── InvalidArgument       400
    │   ├── FailedPrecondition    400, the object is not in the state the call needs
    │   ├── Unauthenticated       401
    │   ├── PermissionDenied      403
    │   ├── NotFound              404
    │   ├── AlreadyExists         409, the id is taken (or still a tombstone)
    │   ├── Aborted               409, somebody else changed the object meanwhile
    │   ├── ConditionNotMet       412, a fingerprint or generation is stale
    │   ├── ResourceExhausted     429, a quota, or the request rate
    │   └── Unavailable           5xx
    ├── NoAnswer                  the request may or may not have been carried out
    │   └── UntrueAnswer          what came is not what was asked for
    ├── OperationFailed           a long-running operation finished with an error
    ├── StillRunning              the deadline passed; the operation goes on at Google
    ├── Cancelled                 the engine asked to stop
    ├── CutOff                    something was begun, and its end not seen
    ├── Unfinished                the object exists but is not ready; the next run resumes
    └── ForeignOwner              the object exists and belongs to another program

Messages are for people: what happened to which thing, and what to do next. They never hold a
token, a header or a request body.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def span(seconds: float) -> str:
    """Return how long something took, in words."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


class VcwError(Exception):
    """Base of all errors raised on purpose."""


class ConfigurationError(VcwError):
    """A setting or a credential is missing or cannot be used."""


class NoCredentials(ConfigurationError):
    """There are no credentials, they cannot be used, or they have expired and stay so."""


class ApiError(VcwError):
    """Google answered a request with an error.

    Attributes:
        http_status: HTTP status code of the answer.
        status: Canonical RPC code name such as `PERMISSION_DENIED`, or compute's `reason`.
        reason: `ErrorInfo.reason` when given, such as `SERVICE_DISABLED`.
        call: Method and path of the request, without host and query.
        metadata: `ErrorInfo.metadata` when given.
    """

    def __init__(
        self,
        message: str,
        *,
        http_status: int,
        status: str = "",
        reason: str = "",
        call: str = "",
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.http_status = http_status
        self.status = status
        self.reason = reason
        self.call = call
        self.metadata: Mapping[str, Any] = metadata or {}

    def __str__(self) -> str:
        code = self.status or f"HTTP {self.http_status}"
        where = f" [{self.call}]" if self.call else ""
        return f"{code}: {self.message}{where}"


class InvalidArgument(ApiError):
    """400: the request itself is wrong."""


class FailedPrecondition(ApiError):
    """400: the object is not in the state that the call needs; it may be, a little later."""


class Unauthenticated(ApiError):
    """401: no credentials, or ones that have expired."""


class PermissionDenied(ApiError):
    """403: the caller lacks a permission, or the API is disabled."""


class NotFound(ApiError):
    """404."""


class AlreadyExists(ApiError):
    """409: the id is in use, or was until lately."""


class Aborted(ApiError):
    """409: a concurrent change; read again and retry."""


class ConditionNotMet(ApiError):
    """412: a fingerprint or generation is stale."""


class ResourceExhausted(ApiError):
    """429: a quota, or the request rate."""


class Unavailable(ApiError):
    """5xx: Google could not answer."""


class NoAnswer(VcwError):
    """The connection broke: nobody knows whether the request was carried out."""


class UntrueAnswer(NoAnswer):
    """What came is not what was asked for; asking again brings no better."""


class OperationFailed(VcwError):
    """A long-running operation finished with an error.

    Attributes:
        operation: Full operation name.
        code: google.rpc code (8 quota, 9 precondition, 13 internal, 14 capacity ...).
        message: The operation's own words.
    """

    def __init__(self, operation: str, code: int, message: str) -> None:
        super().__init__(f"{message} (code {code}, operation {operation})")
        self.operation = operation
        self.code = code
        self.message = message


class StillRunning(VcwError):
    """Our deadline passed while the operation goes on at Google; nothing was lost."""

    def __init__(self, operation: str, waited: float, waiting: str = "") -> None:
        """Say so; `waiting` tells what waits for it, where the operation is somebody else's."""
        whose = f"{waiting} waits for another operation, " if waiting else ""
        super().__init__(
            f"{whose}still running after {span(waited)}: operation {operation} goes on at Google. "
            "Run `pulumi up` again to resume waiting, or raise `timeouts`."
        )
        self.operation = operation
        self.waited = waited


class Cancelled(VcwError):
    """The engine asked to stop (Ctrl-C); what runs at Google goes on."""


class CutOff(VcwError):
    """Something was begun and its end not seen: it may come, whatever is to be seen of it now.

    Attributes:
        operation: Name of the operation that goes on, where it is known.
    """

    def __init__(self, message: str, operation: str = "") -> None:
        super().__init__(message)
        self.operation = operation


class Unfinished(VcwError):
    """An object was begun and is not ready. Nothing is lost: state keeps it, the next run resumes.

    Attributes:
        id: Resource id to keep.
        outputs: What is known of it so far.
    """

    def __init__(self, id: str, outputs: Mapping[str, Any], reason: str) -> None:
        super().__init__(reason)
        self.id = id
        self.outputs = dict(outputs)


class ForeignOwner(VcwError):
    """An object with our id exists and was made by another program."""
