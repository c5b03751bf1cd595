"""Many folders by one listing: that of the folder that holds them all."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping
from itertools import takewhile

from msgspec.structs import replace

from vertex_custom_weights_provider.properties.gcs_folder import GcsUri

from .gcs import GcsSource, StorageRest
from .objects import Listing
from .source import StorageError

# One page of 1,000 objects for so many folders: what else lies among them costs no more than that.
_FOLDERS_A_PAGE = 8


def list_together(rest: StorageRest, uris: Collection[str]) -> Mapping[str, Listing]:
    """Return the listings of folders by their addresses, from one listing for each bucket.

    A folder is left out when it lies beyond the pages that are read, or where the bucket may only
    be listed folder by folder: whoever needs it lists it by itself.

    Args:
        rest: Reaches the store.
        uris: Valid addresses of folders.
    """
    buckets: dict[str, set[GcsUri]] = {}
    for folder in map(GcsUri.parse, uris):
        buckets.setdefault(folder.bucket, set()).add(folder)
    found: dict[str, Listing] = {}
    for folders in buckets.values():
        found.update(_of_one_bucket(rest, folders))
    return found


def _of_one_bucket(rest: StorageRest, folders: Collection[GcsUri]) -> Iterator[tuple[str, Listing]]:
    parent = _parent(folders)
    try:
        listing = GcsSource(rest, str(parent)).list_first(-(-len(folders) // _FOLDERS_A_PAGE))
    except StorageError:
        return
    names = [item.name for item in listing.objects]
    for folder in folders:
        prefix = folder.prefix.removeprefix(parent.prefix)
        first, end = 0, len(names)
        if prefix:
            # Names below it sort before what follows its slash.
            first, end = bisect_left(names, prefix), bisect_left(names, prefix[:-1] + "0")
        if listing.truncated and end == len(names):
            continue
        below = (
            replace(item, name=item.name.removeprefix(prefix))
            for item in listing.objects[first:end]
        )
        yield str(folder), Listing(str(folder), tuple(below))


def _parent(folders: Collection[GcsUri]) -> GcsUri:
    """Return the deepest folder that holds all of them."""
    paths = [folder.folder.split("/") for folder in folders]
    same = takewhile(lambda level: len(set(level)) == 1, zip(*paths, strict=False))
    return replace(next(iter(folders)), folder="/".join(level[0] for level in same))
