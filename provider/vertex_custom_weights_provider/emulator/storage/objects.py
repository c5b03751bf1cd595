"""Objects and buckets: lists, metadata, and ranged reads."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from werkzeug.http import http_date
from werkzeug.wrappers import Response

from vertex_custom_weights_provider.emulator.envelope import ApiError, Json
from vertex_custom_weights_provider.emulator.http.call import Call, assumed, documented
from vertex_custom_weights_provider.emulator.http.fields import whole_number
from vertex_custom_weights_provider.emulator.http.routing import Registry

from . import folders, ranges
from .folders import Blob

_BUCKETS = "/storage/v1/b"
_OBJECTS = "/storage/v1/b/{bucket}/o"
_BASE = "https://www.googleapis.com"
_LARGEST_PAGE = 1000
_CHUNK = 1 << 20

registry = Registry()


def _folder(call: Call) -> Path:
    """Return the folder that plays the bucket, or refuse with 404."""
    folder = call.settings.buckets.get(call.params["bucket"])
    if folder is None:
        raise ApiError(404, "NOT_FOUND", "The specified bucket does not exist.", reason="notFound")
    return Path(folder)


def _time(ns: int) -> str:
    moment = datetime.fromtimestamp(ns / 1e9, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _bucket(name: str, folder: Path) -> Json:
    made = _time(folder.stat().st_mtime_ns if folder.exists() else 0)
    return {
        "kind": "storage#bucket",
        "id": name,
        "name": name,
        "selfLink": f"{_BASE}{_BUCKETS}/{name}",
        "location": "US-CENTRAL1",
        "locationType": "region",
        "storageClass": "STANDARD",
        "metageneration": "1",
        "etag": "CAE=",
        "timeCreated": made,
        "updated": made,
        "iamConfiguration": {"uniformBucketLevelAccess": {"enabled": True}},
    }


def _resource(host: str, bucket: str, blob: Blob) -> Json:
    """Describe an object; clients follow its media link, so that leads back to this very host."""
    path = f"/b/{bucket}/o/{quote(blob.name, safe='')}"
    written = _time(blob.modified_ns)
    media = f"{host}download/storage/v1{path}?generation={blob.generation}&alt=media"
    return {
        "kind": "storage#object",
        "id": f"{bucket}/{blob.name}/{blob.generation}",
        "selfLink": f"{_BASE}/storage/v1{path}",
        "mediaLink": media,
        "name": blob.name,
        "bucket": bucket,
        "generation": blob.generation,
        "metageneration": "1",
        "contentType": blob.content_type,
        "storageClass": "STANDARD",
        "size": str(blob.size),
        "crc32c": blob.crc32c,
        "etag": _etag(blob),
        "timeCreated": written,
        "updated": written,
        "timeStorageClassUpdated": written,
    }


def _etag(blob: Blob) -> str:
    return base64.b64encode(f"{blob.generation}/1".encode()).decode()


@registry.route("GET", _BUCKETS, method="storage.buckets.list", access="none")
def list_buckets(call: Call) -> Json:
    """Return the folders that were given as buckets."""
    if not call.query.get("project"):
        raise ApiError(400, "INVALID_ARGUMENT", "Required parameter: project", reason="required")
    items = [_bucket(name, Path(path)) for name, path in sorted(call.settings.buckets.items())]
    return {"kind": "storage#buckets", **({"items": items} if items else {})}


@registry.route("GET", _BUCKETS + "/{bucket}", method="storage.buckets.get", access="none")
def get_bucket(call: Call) -> Json:
    """Return a bucket."""
    return _bucket(call.params["bucket"], _folder(call))


@registry.route(
    "GET",
    _OBJECTS,
    method="storage.objects.list",
    access="none",
    notes=[
        assumed("A bucket is a local folder; links that point out of it are no objects."),
        assumed("Generation and crc32c come from a file's time of change and size."),
    ],
)
def list_(call: Call) -> Json:
    """Return a page of objects, and of common prefixes where a delimiter is given."""
    prefix, delimiter = call.query.get("prefix", ""), call.query.get("delimiter", "")
    entries: dict[str, Blob | None] = {}
    for blob in folders.walk(_folder(call), prefix):
        end = blob.name.find(delimiter, len(prefix)) if delimiter else -1
        if end < 0:
            entries[blob.name] = blob
        else:
            entries[blob.name[: end + len(delimiter)]] = None
    after, size = _read_token(call.query.get("pageToken", "")), _page_size(call)
    start, stop = call.query.get("startOffset", ""), call.query.get("endOffset", "")
    names = sorted(
        name for name in entries if name > after and name >= start and (not stop or name < stop)
    )
    return _page(call, entries, names, size)


def _page(call: Call, entries: dict[str, Blob | None], names: list[str], size: int) -> Json:
    host, bucket = call.request.host_url, call.params["bucket"]
    shown = [(name, entries[name]) for name in names[:size]]
    page: Json = {"kind": "storage#objects"}
    if prefixes := [name for name, blob in shown if blob is None]:
        page["prefixes"] = prefixes
    if items := [_resource(host, bucket, blob) for _, blob in shown if blob is not None]:
        page["items"] = items
    if len(names) > size:
        page["nextPageToken"] = base64.b64encode(names[size - 1].encode()).decode()
    return page


def _page_size(call: Call) -> int:
    sent = call.query.get("maxResults", str(_LARGEST_PAGE))
    size = whole_number(sent)
    if not size:
        raise ApiError(400, "INVALID_ARGUMENT", f"Invalid value for maxResults: {sent}")
    return min(size, _LARGEST_PAGE)


def _read_token(token: str) -> str:
    try:
        return base64.b64decode(token, validate=True).decode()
    except ValueError:
        raise ApiError(400, "INVALID_ARGUMENT", "Invalid argument: pageToken.") from None


@registry.route(
    "GET",
    [_OBJECTS + "/{object=**}", "/download/storage/v1/b/{bucket}/o/{object=**}"],
    method="storage.objects.get",
    access="none",
    notes=[
        documented("alt=media answers the content, on both URL forms, with Range."),
        documented("Generation preconditions answer 412, or 304 when nothing has changed."),
    ],
)
def get(call: Call) -> Json | Response:
    """Return an object's metadata, or with `alt=media` its content."""
    bucket, name = call.params["bucket"], call.params["object"]
    blob = folders.find(_folder(call), name)
    wanted = call.query.get("generation", "")
    if blob is None or (wanted and wanted != blob.generation):
        raise ApiError(404, "NOT_FOUND", f"No such object: {bucket}/{name}", reason="notFound")
    unchanged = _check_preconditions(call, blob)
    if unchanged:
        return Response(status=304, headers={"ETag": _etag(blob)})
    if call.query.get("alt") == "media":
        return _media(call, blob)
    return _resource(call.request.host_url, bucket, blob)


def _check_preconditions(call: Call, blob: Blob) -> bool:
    """Refuse when a required generation is gone; say whether the client has this one already."""
    facts = {"Generation": blob.generation, "Metageneration": "1"}
    for fact, value in facts.items():
        if call.query.get(f"if{fact}Match", value) != value:
            message = "At least one of the pre-conditions you specified did not hold."
            raise ApiError(412, "FAILED_PRECONDITION", message, reason="conditionNotMet")
    return any(call.query.get(f"if{fact}NotMatch") == value for fact, value in facts.items())


def _media(call: Call, blob: Blob) -> Response:
    headers = {
        "Accept-Ranges": "bytes",
        "ETag": _etag(blob),
        "Last-Modified": http_date(blob.modified_ns / 1e9),
        "X-Goog-Generation": blob.generation,
        "X-Goog-Metageneration": "1",
        "X-Goog-Storage-Class": "STANDARD",
        "X-Goog-Stored-Content-Encoding": "identity",
        "X-Goog-Stored-Content-Length": str(blob.size),
    }
    try:
        span = ranges.parse(call.headers.get("Range"), blob.size)
    except ValueError:
        message = "Request range not satisfiable"
        raise ApiError(416, "OUT_OF_RANGE", message) from None
    if span is not None:
        last = span.start + span.length - 1
        headers["Content-Range"] = f"bytes {span.start}-{last}/{blob.size}"
    part = span or ranges.Span(0, blob.size)
    headers["Content-Length"] = str(part.length)
    source = blob.path.open("rb")
    response = Response(
        _chunks(source, part),
        status=200 if span is None else 206,
        headers=headers,
        content_type=blob.content_type,
    )
    response.call_on_close(source.close)
    return response


def _chunks(source: BinaryIO, part: ranges.Span) -> Iterator[bytes]:
    source.seek(part.start)
    left = part.length
    while left > 0 and (chunk := source.read(min(_CHUNK, left))):
        left -= len(chunk)
        yield chunk
