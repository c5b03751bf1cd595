"""Weights in Cloud Storage, by the JSON API: one listing, then ranged reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import quote

from vertex_custom_weights_provider import errors

from .objects import Listing, ObjectInfo
from .source import ChangedError, MissingError, UnreadableError
from .uri import GcsUri

_API = "https://storage.googleapis.com"
_PAGE = 1000
_MAX_PAGES = 20
_ITEM_FIELDS = "name,size,generation,crc32c,md5Hash,updated,contentEncoding"


class StorageRest(Protocol):
    """The HTTP calls this needs; raises the errors of the package's error tree."""

    def get_json(self, url: str, params: Mapping[str, str] | None = None) -> dict[str, Any]:
        """GET a JSON object."""
        ...

    def get_bytes(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """GET raw bytes."""
        ...


class GcsSource:
    """A folder in a bucket."""

    def __init__(self, rest: StorageRest, uri: str) -> None:
        """Refuse what is not a folder address.

        Raises:
            InvalidUriError: says what is wrong with it.
        """
        self._rest = rest
        self._uri = GcsUri.parse(uri)

    @property
    def uri(self) -> str:
        """The folder, as people write it."""
        return str(self._uri)

    @property
    def _bucket_url(self) -> str:
        return f"{_API}/storage/v1/b/{quote(self._uri.bucket, safe='')}"

    def list(self) -> Listing:
        """List everything below the folder, up to 20,000 objects, and the folder itself."""
        objects, truncated = self._objects()
        if truncated:
            # Subfolders may sort before config.json; a checkpoint lies in the folder itself.
            direct, _ = self._objects(delimiter="/")
            objects |= direct
        every = sorted(objects.values(), key=lambda item: item.name)
        return Listing(self.uri, tuple(every), truncated=truncated)

    def _objects(self, **more: str) -> tuple[dict[str, ObjectInfo], bool]:
        """Return objects by name, and whether there are more than were listed."""
        params = {
            "prefix": self._uri.prefix,
            "maxResults": str(_PAGE),
            "fields": f"items({_ITEM_FIELDS}),nextPageToken",
            **more,
        }
        objects: dict[str, ObjectInfo] = {}
        token = ""
        for _ in range(_MAX_PAGES):
            page = self._page({**params, **({"pageToken": token} if token else {})})
            found = filter(None, map(self._object, page.get("items", ())))
            objects |= {item.name: item for item in found}
            token = page.get("nextPageToken", "")
            if not token:
                break
        return objects, bool(token)

    def _page(self, params: Mapping[str, str]) -> dict[str, Any]:
        try:
            return self._rest.get_json(f"{self._bucket_url}/o", params)
        except errors.NotFound:
            message = f"bucket {self._uri.bucket} does not exist, or is not visible to you"
            raise MissingError(message) from None
        except errors.PermissionDenied as refused:
            message = (
                f"you may not list {self.uri}; reading weights takes storage.objects.list and "
                f"storage.objects.get (roles/storage.objectViewer): {refused.message}"
            )
            raise UnreadableError(message) from refused
        except errors.VcwError as refused:
            message = f"cannot list {self.uri}: {refused}"
            raise UnreadableError(message) from refused

    def _object(self, item: Mapping[str, Any]) -> ObjectInfo | None:
        name = str(item["name"]).removeprefix(self._uri.prefix)
        if not name or name.endswith("/"):  # a folder's placeholder
            return None
        return ObjectInfo(
            name=name,
            size=int(item["size"]),
            generation=str(item.get("generation", "")),
            checksum=_checksum(item),
            updated=str(item.get("updated", "")),
            content_encoding=str(item.get("contentEncoding", "")),
        )

    def read(self, name: str, start: int, length: int, generation: str) -> bytes:
        """Return a range of one object, of exactly that generation."""
        url = f"{_API}/download/storage/v1/b/{quote(self._uri.bucket, safe='')}/o/"
        url += quote(self._uri.prefix + name, safe="")
        params = {"alt": "media"}
        if generation:
            params["ifGenerationMatch"] = generation
        try:
            data = self._rest.get_bytes(
                url, params, {"Range": f"bytes={start}-{start + length - 1}"}
            )
        except (errors.ConditionNotMet, errors.NotFound):
            message = f"{name!r} was replaced or removed while it was being read"
            raise ChangedError(message) from None
        except errors.VcwError as refused:
            message = f"cannot read {name!r}: {refused}"
            raise UnreadableError(message) from refused
        if len(data) != length:
            message = f"{name!r}: asked for {length} bytes, got {len(data)}"
            raise UnreadableError(message)
        return data

    def location(self) -> str | None:
        """Return the bucket's location; None when the caller may not see the bucket itself."""
        try:
            found = self._rest.get_json(self._bucket_url, {"fields": "location"})
        except errors.VcwError:
            return None
        return str(found.get("location", "")) or None


def _checksum(item: Mapping[str, Any]) -> str:
    for key in ("crc32c", "md5Hash"):
        if item.get(key):
            return f"{key}:{item[key]}"
    return ""
