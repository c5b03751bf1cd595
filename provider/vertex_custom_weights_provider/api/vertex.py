"""The aiplatform calls of a deployment's life, by full resource name.

v1beta1 only: custom weights, scale-to-zero and secure PSC exist nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.messages import N, Operation, Recommendation, page_of
from vertex_custom_weights_provider.api.names import checked, location_of
from vertex_custom_weights_provider.api.rest import Rest, absent


class VertexClient(msgspec.Struct, frozen=True):
    """One REST client for all regions: the region is read from the resource name.

    Attributes:
        rest: The authorised transport.
        base: Base URL; `{location}` in it is filled in per call.
    """

    rest: Rest
    base: str = "https://{location}-aiplatform.googleapis.com"

    def url(self, name: str) -> str:
        """Return the URL of a resource name such as `projects/p/locations/l/endpoints/e`.

        Raises:
            errors.ConfigurationError: it is no name.
        """
        location = location_of(checked(name)) or "us-central1"
        return f"{self.base.format(location=location)}/v1beta1/{name}"

    def get(self, kind: type[N], name: str) -> N:
        """Read an endpoint or a model."""
        return self.rest.fetch(kind.reader(name), "GET", self.url(name), idempotent=True)

    def find(self, kind: type[N], name: str) -> N | None:
        """Read an endpoint or a model, or return None when there is none."""
        try:
            return self.get(kind, name)
        except errors.NotFound as refusal:
            return absent(refusal)

    def list(self, kind: type[N], parent: str, **params: str) -> Iterator[N]:
        """Yield the objects of a kind, page by page."""
        query, read = {"pageSize": "100", **params}, page_of(kind.collection, kind.of)
        url = self.url(f"{parent}/{kind.collection}")
        while True:
            page = self.rest.fetch(read, "GET", url, params=query, idempotent=True)
            yield from page.items
            if not page.next:
                return
            query["pageToken"] = page.next

    def start(self, target: str, body: Mapping[str, Any], **params: str) -> Operation:
        """POST once and return the operation. Never repeated: there is no idempotency key."""
        url = self.url(target)
        return self.rest.fetch(Operation.begun, "POST", url, body=body, params=params or None)

    def recommend(self, parent: str, gcs_uri: str) -> Recommendation:
        """Ask how weights would be served."""
        url, body = self.url(f"{parent}:recommendSpec"), {"gcsUri": gcs_uri}
        return self.rest.fetch(Recommendation.of, "POST", url, body=body, idempotent=True)

    def patch(self, kind: type[N], name: str, body: Mapping[str, Any], mask: str) -> N:
        """Change fields of an endpoint or a model; synchronous on Vertex AI."""
        url, params = self.url(name), {"updateMask": mask}
        read = kind.reader(name)
        return self.rest.fetch(read, "PATCH", url, body=body, params=params, idempotent=True)

    def delete(self, name: str) -> Operation | None:
        """Start deleting an object; None when it is gone already."""
        try:
            return self.rest.fetch(Operation.begun, "DELETE", self.url(name), idempotent=True)
        except errors.NotFound as refusal:
            return absent(refusal)

    def cancel(self, operation: Operation) -> None:
        """Ask for the end of an operation; it may go on nevertheless."""
        self.rest.send("POST", self.url(f"{operation.name}:cancel"), body={})

    def wait(self, operation: str, seconds: int) -> Operation:
        """Long-poll an operation on the server's side; it may answer early and unfinished."""
        return self.rest.fetch(
            Operation.again(operation),
            "POST",
            self.url(f"{operation}:wait"),
            params={"timeout": f"{seconds}s"},
            idempotent=True,
            timeout=seconds + 30,
        )

    def operation(self, name: str) -> Operation:
        """Read an operation, without waiting for its end."""
        return self.rest.fetch(Operation.again(name), "GET", self.url(name), idempotent=True)
