"""The aiplatform calls of a deployment's life, by full resource name.

v1beta1 only: custom weights, scale-to-zero and secure PSC exist nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.rest import Json, Rest

_LOCATION = re.compile(r"projects/[^/]+/locations/([^/:]+)")


class VertexClient(msgspec.Struct, frozen=True):
    """One REST client for all regions: the region is read from the resource name.

    Attributes:
        rest: The authorised transport.
        base: Base URL; `{location}` in it is filled in per call.
    """

    rest: Rest
    base: str = "https://{location}-aiplatform.googleapis.com"

    def url(self, name: str) -> str:
        """Return the URL of a resource name such as `projects/p/locations/l/endpoints/e`."""
        match = _LOCATION.match(name)
        location = match.group(1) if match else "us-central1"
        return f"{self.base.format(location=location)}/v1beta1/{name}"

    def get(self, name: str) -> Json:
        """Read a resource."""
        return self.rest.get_json(self.url(name))

    def find(self, name: str) -> Json | None:
        """Read a resource, or return None when there is none."""
        try:
            return self.get(name)
        except errors.NotFound:
            return None

    def list(self, parent: str, collection: str, **params: str) -> Iterator[Json]:
        """Yield the resources of a collection, page by page."""
        query = {"pageSize": "100", **params}
        while True:
            page = self.rest.get_json(self.url(f"{parent}/{collection}"), query)
            yield from page.get(collection, [])
            if not page.get("nextPageToken"):
                return
            query["pageToken"] = page["nextPageToken"]

    def start(self, target: str, body: Mapping[str, Any], **params: str) -> Json:
        """POST once and return the operation. Never repeated: there is no idempotency key."""
        return self.rest.send("POST", self.url(target), body=body, params=params or None)

    def ask(self, target: str, body: Mapping[str, Any]) -> Json:
        """POST a question that changes nothing; repeated when it has to be."""
        return self.rest.send("POST", self.url(target), body=body, idempotent=True)

    def patch(self, name: str, body: Mapping[str, Any], mask: str) -> Json:
        """Change fields of a resource; synchronous on Vertex AI."""
        params = {"updateMask": mask}
        return self.rest.send("PATCH", self.url(name), body=body, params=params, idempotent=True)

    def delete(self, name: str) -> Json | None:
        """Start deleting a resource; None when it is gone already."""
        try:
            return self.rest.send("DELETE", self.url(name), idempotent=True)
        except errors.NotFound:
            return None

    def wait(self, operation: str, seconds: int) -> Json:
        """Long-poll an operation on the server's side; it may answer early and unfinished."""
        return self.rest.send(
            "POST",
            self.url(f"{operation}:wait"),
            params={"timeout": f"{seconds}s"},
            idempotent=True,
            timeout=seconds + 30,
        )
