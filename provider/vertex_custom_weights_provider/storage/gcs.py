"""Weights in Cloud Storage, by the JSON API: one listing, then ranged reads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import quote, urlsplit

import msgspec

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.properties.gcs_folder import GcsUri

from .objects import Listing, ObjectInfo
from .source import ChangedError, MissingError, UnreadableError

_API = "https://storage.googleapis.com"
_PAGE = 1000
_MAX_PAGES = 20
_MAX_PAGE_BYTES = 8_000_000
_MAX_BUCKET_BYTES = 64_000
# Characters of all names together: 20,000 names of the usual length are a tenth of it.
_MAX_NAMES = 10_000_000
_SIZE = re.compile(r"[0-9]{1,18}")
_ITEM_FIELDS = "name,size,generation,crc32c,md5Hash,updated,contentEncoding"


class StorageRest(Protocol):
    """The HTTP call this needs; raises the errors of the package's error tree."""

    def read(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        *,
        most: int,
        start: int | None = None,
    ) -> bytes:
        """GET at most `most` bytes, or exactly so many from `start`."""
        ...


class _Item(msgspec.Struct):
    """An object of a listing, as the JSON API sends it."""

    name: str
    size: str
    generation: str = ""
    crc32c: str = ""
    md5_hash: str = msgspec.field(default="", name="md5Hash")
    updated: str = ""
    content_encoding: str = msgspec.field(default="", name="contentEncoding")


class _Page(msgspec.Struct):
    """A page of a listing. What else the answer holds is skipped, not built."""

    items: tuple[_Item, ...] = ()
    next: str = msgspec.field(default="", name="nextPageToken")


class _Bucket(msgspec.Struct):
    """What is asked of the bucket itself."""

    location: str = ""


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
        return self._listing(objects, truncated)

    def list_first(self, pages: int) -> Listing:
        """List what is on the first pages of 1,000 objects each, in the order of their names."""
        return self._listing(*self._objects(pages))

    def _listing(self, objects: Mapping[str, ObjectInfo], truncated: bool) -> Listing:
        every = sorted(objects.values(), key=lambda item: item.name)
        return Listing(self.uri, tuple(every), truncated=truncated)

    def _objects(self, pages: int = _MAX_PAGES, **more: str) -> tuple[dict[str, ObjectInfo], bool]:
        """Return objects by name, and whether there are more than were listed."""
        params = {
            "prefix": self._uri.prefix,
            "maxResults": str(_PAGE),
            "fields": f"items({_ITEM_FIELDS}),nextPageToken",
            **more,
        }
        objects: dict[str, ObjectInfo] = {}
        token, length = "", 0
        for _ in range(pages):
            page = self._page({**params, **({"pageToken": token} if token else {})})
            found = [item for entry in page.items if (item := self._object(entry))]
            objects |= {item.name: item for item in found}
            length += sum(len(item.name) for item in found)
            token = page.next
            if not token or length > _MAX_NAMES:
                break
        return objects, bool(token)

    def _page(self, params: Mapping[str, str]) -> _Page:
        try:
            data = self._rest.read(f"{self._bucket_url}/o", params, most=_MAX_PAGE_BYTES)
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
        return self._parsed(data)

    def _parsed(self, data: bytes) -> _Page:
        try:
            page = msgspec.json.decode(data, type=_Page)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as broken:
            message = f"cannot list {self.uri}: the answer is no listing ({broken})"
            raise UnreadableError(message) from None
        strange = next((item for item in page.items if not self._listable(item)), None)
        if len(page.items) > _PAGE or strange is not None:
            what = f"{strange.name[:80]!r} of it" if strange else f"{len(page.items)} objects"
            message = f"cannot list {self.uri}: the answer is no listing of it ({what})"
            raise UnreadableError(message)
        return page

    def _listable(self, item: _Item) -> bool:
        """Whether an object can be one of this folder."""
        return _SIZE.fullmatch(item.size) is not None and item.name.startswith(self._uri.prefix)

    def _object(self, item: _Item) -> ObjectInfo | None:
        name = item.name.removeprefix(self._uri.prefix)
        if not name or name.endswith("/"):  # a folder's placeholder
            return None
        return ObjectInfo(
            name=name,
            size=int(item.size),
            generation=item.generation,
            checksum=_checksum(item),
            updated=item.updated,
            content_encoding=item.content_encoding,
        )

    def read(self, name: str, start: int, length: int, generation: str) -> bytes:
        """Return a range of one object, of exactly that generation."""
        url = f"{_API}/download/storage/v1/b/{quote(self._uri.bucket, safe='')}/o/"
        url += quote(self._uri.prefix + name, safe="")
        params = {"alt": "media"}
        if generation:
            params["ifGenerationMatch"] = generation
        try:
            return self._rest.read(url, params, most=length, start=start)
        except (errors.ConditionNotMet, errors.NotFound):
            message = "it was replaced or removed while it was being read"
            raise ChangedError(message) from None
        except errors.VcwError as refused:
            raise UnreadableError(_reason(refused, url)) from refused

    def location(self) -> str | None:
        """Return the bucket's location; None when the caller may not see the bucket itself."""
        try:
            data = self._rest.read(self._bucket_url, {"fields": "location"}, most=_MAX_BUCKET_BYTES)
            return msgspec.json.decode(data, type=_Bucket).location or None
        except (errors.VcwError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None


def _reason(refused: errors.VcwError, url: str) -> str:
    """Say why a read failed, without the object, so that the same reason is the same text."""
    if isinstance(refused, errors.ApiError):
        return f"{refused.status or f'HTTP {refused.http_status}'}: {refused.message}"
    return str(refused).removeprefix(f"GET {urlsplit(url).path}: ")


def _checksum(item: _Item) -> str:
    if item.crc32c:
        return f"crc32c:{item.crc32c}"
    return f"md5Hash:{item.md5_hash}" if item.md5_hash else ""
