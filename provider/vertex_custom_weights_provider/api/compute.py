"""Regional compute resources: read, insert, change, delete, each waited for.

Every mutation carries a `requestId`, so repeating it after a broken connection is safe.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.clock import Clock
from vertex_custom_weights_provider.api.rest import Json, Rest

_WAIT_SECONDS = 120  # regionOperations.wait answers within two minutes
_POLL_SECONDS = 0.5
_LONGEST_SECONDS = 600.0  # they take seconds; one that hangs is not to keep a run for ever


class ComputeClient(msgspec.Struct, frozen=True):
    """Compute v1 over REST, for resources named `projects/p/regions/r/{collection}/{name}`."""

    rest: Rest
    clock: Clock
    base: str = "https://compute.googleapis.com/compute/v1"

    def find(self, name: str) -> Json | None:
        """Read a resource, or return None when there is none."""
        try:
            return self.rest.get_json(f"{self.base}/{name}")
        except errors.NotFound:
            return None

    def list(self, collection: str) -> Iterator[Json]:
        """Yield the resources of `projects/p/regions/r/{addresses|forwardingRules}`."""
        query: dict[str, str] = {}
        while True:
            page = self.rest.get_json(f"{self.base}/{collection}", query)
            yield from page.get("items", [])
            if not page.get("nextPageToken"):
                return
            query = {"pageToken": page["nextPageToken"]}

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
        except errors.NotFound:
            return

    def _mutate(self, method: str, path: str, body: Mapping[str, Any] | None) -> None:
        operation = self.rest.send(
            method,
            f"{self.base}/{path}",
            params={"requestId": str(uuid.uuid4())},
            body=body,
            idempotent=True,
        )
        self._wait(path, operation)

    def _wait(self, path: str, operation: Json) -> None:
        region = "/".join(path.split("/")[:4])
        url = f"{self.base}/{region}/operations/{operation['name']}/wait"
        started = self.clock.now()
        while operation.get("status") != "DONE":
            if self.clock.now() - started >= _LONGEST_SECONDS:
                raise errors.StillRunning(url.removeprefix(f"{self.base}/"), _LONGEST_SECONDS)
            try:
                operation = self.clock.call(
                    lambda: self.rest.send("POST", url, idempotent=True, timeout=_WAIT_SECONDS + 30)
                )
            except errors.NotFound:
                return  # operations are kept for a while only; the resource tells how it ended
            except errors.ApiError as refused:
                raise errors.NoAnswer(f"what was begun cannot be followed: {refused}") from None
            if operation.get("status") != "DONE":
                self.clock.sleep(_POLL_SECONDS)
        failed = operation.get("error", {}).get("errors", [])
        if failed:
            raise _operation_error(operation, failed[0])


def _operation_error(operation: Json, first: Json) -> errors.ApiError:
    """Map an error inside a finished operation to what a synchronous one would have been."""
    code = str(first.get("code", ""))
    kinds: dict[str, type[errors.ApiError]] = {
        "RESOURCE_IN_USE_BY_ANOTHER_RESOURCE": errors.FailedPrecondition,
        "RESOURCE_ALREADY_EXISTS": errors.AlreadyExists,
        "RESOURCE_NOT_FOUND": errors.NotFound,
        "QUOTA_EXCEEDED": errors.ResourceExhausted,
    }
    kind = kinds.get(code, errors.ApiError)
    return kind(
        str(first.get("message", code)),
        http_status=int(operation.get("httpErrorStatusCode", 400)),
        status=code,
        call=f"{operation.get('operationType', 'operation')} {operation.get('name', '')}",
    )
