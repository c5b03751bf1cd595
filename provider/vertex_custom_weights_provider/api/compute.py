"""Regional compute resources: read, insert, change, delete, each waited for.

Every mutation carries a `requestId`, so repeating it after a broken connection is safe.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import msgspec

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.clock import Clock
from vertex_custom_weights_provider.api.messages import (
    ComputeError,
    ComputeOperation,
    Regional,
    page_of,
)
from vertex_custom_weights_provider.api.names import checked
from vertex_custom_weights_provider.api.rest import Rest, absent

R = TypeVar("R", bound=Regional)
_WAIT_SECONDS = 120  # regionOperations.wait answers within two minutes
_POLL_SECONDS = 0.5
_LONGEST_SECONDS = 600.0  # they take seconds; one that hangs is not to keep a run for ever


class ComputeClient(msgspec.Struct, frozen=True):
    """Compute v1 over REST, for resources named `projects/p/regions/r/{collection}/{name}`."""

    rest: Rest
    clock: Clock
    base: str = "https://compute.googleapis.com/compute/v1"

    def _url(self, name: str) -> str:
        return f"{self.base}/{checked(name)}"

    def find(self, kind: type[R], name: str) -> R | None:
        """Read an address or a rule, or return None when there is none."""
        url = self._url(name)
        try:
            return self.rest.fetch(kind.reader(name), "GET", url, idempotent=True)
        except errors.NotFound as refusal:
            return absent(refusal)

    def list(self, kind: type[R], parent: str) -> Iterator[R]:
        """Yield the addresses or the rules of `projects/p/regions/r`."""
        url, query = self._url(f"{parent}/{kind.collection}"), dict[str, str]()
        read = page_of("items", kind.of)
        while True:
            page = self.rest.fetch(read, "GET", url, params=query, idempotent=True)
            yield from page.items
            if not page.next:
                return
            query = {"pageToken": page.next}

    def insert(self, collection: str, body: Mapping[str, Any]) -> None:
        """Insert into `projects/p/regions/r/{addresses|forwardingRules}` and wait."""
        self._mutate("POST", collection, body)

    def patch(self, name: str, body: Mapping[str, Any]) -> None:
        """Patch a resource and wait; `body` carries the fingerprint it was read with."""
        self._mutate("PATCH", name, body)

    def set_labels(self, name: str, labels: Mapping[str, str], fingerprint: str) -> None:
        """Replace all labels; `fingerprint` is the `labelFingerprint` they were read with."""
        body = {"labels": dict(labels), "labelFingerprint": fingerprint}
        self._mutate("POST", f"{name}/setLabels", body)

    def delete(self, name: str) -> None:
        """Delete a resource and wait; gone already is fine."""
        try:
            self._mutate("DELETE", name, None)
        except errors.NotFound as refusal:
            absent(refusal)

    def _mutate(self, method: str, path: str, body: Mapping[str, Any] | None) -> None:
        operation = self.rest.fetch(
            ComputeOperation.of,
            method,
            self._url(path),
            params={"requestId": str(uuid.uuid4())},
            body=body,
            idempotent=True,
        )
        self._wait(path, operation)

    def _wait(self, path: str, operation: ComputeOperation) -> None:
        region = "/".join(path.split("/")[:4])
        url = f"{self.base}/{region}/operations/{operation.name}"
        started = self.clock.now()
        while operation.status != "DONE":
            if self.clock.now() - started >= _LONGEST_SECONDS:
                raise errors.StillRunning(url.removeprefix(f"{self.base}/"), _LONGEST_SECONDS)
            try:
                operation = self._asked(url, operation.name)
            except errors.NotFound as gone:
                absent(gone)
                return  # operations are kept for a while only; the resource tells how it ended
            except errors.ApiError as refused:
                raise errors.NoAnswer(f"what was begun cannot be followed: {refused}") from None
            if operation.status != "DONE":
                self.clock.sleep(_POLL_SECONDS)
        for failed in operation.error.errors[:1]:
            raise _operation_error(operation, failed)

    def _asked(self, url: str, name: str) -> ComputeOperation:
        """Long-poll an operation; when that brings no answer, look at it."""
        read = ComputeOperation.again(name)
        try:
            return self.clock.call(
                lambda: self.rest.fetch(
                    read, "POST", f"{url}/wait", idempotent=True, timeout=_WAIT_SECONDS + 30
                )
            )
        except errors.NoAnswer:
            return self.rest.fetch(read, "GET", url, idempotent=True)


def _operation_error(operation: ComputeOperation, first: ComputeError) -> errors.ApiError:
    """Map an error inside a finished operation to what a synchronous one would have been."""
    kinds: dict[str, type[errors.ApiError]] = {
        "RESOURCE_IN_USE_BY_ANOTHER_RESOURCE": errors.FailedPrecondition,
        "RESOURCE_ALREADY_EXISTS": errors.AlreadyExists,
        "RESOURCE_NOT_FOUND": errors.NotFound,
        "QUOTA_EXCEEDED": errors.ResourceExhausted,
    }
    return kinds.get(first.code, errors.ApiError)(
        first.message or first.code,
        http_status=operation.http_error_status_code,
        status=first.code,
        call=f"{operation.operation_type} {operation.name}",
    )
