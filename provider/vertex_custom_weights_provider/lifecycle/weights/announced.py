"""Folders of weights that will be checked soon, looked at all at once.

The engine checks one resource at a time, so a stack of many pays for many listings in turn, and for
many examinations. A program that knows its folders announces them first: they are listed side by
side, and when a check meets weights that are new, the next announced folders are studied while that
one is. Nothing here decides anything: a check takes what is ready, and does by itself what is not.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from concurrent.futures import Future
from typing import NamedTuple

import msgspec

from vertex_custom_weights_provider.api.cloud import Cloud
from vertex_custom_weights_provider.errors import Cancelled
from vertex_custom_weights_provider.storage import (
    Deadline,
    GcsSource,
    Listing,
    OutOfTimeError,
    Workers,
)
from vertex_custom_weights_provider.storage.inventory import listing_digest

_AT_ONCE = 16
# Few are lost when one new deployment stands among many that have not changed.
_STUDIES_AHEAD = 8
_FRESH_SECONDS = 60.0


class Folder(NamedTuple):
    """A folder, and where it will be deployed: empty where that is not known."""

    uri: str
    project: str = ""
    location: str = ""


class _Ahead(msgspec.Struct):
    """What is known of an announced folder.

    Attributes:
        folder: The folder.
        since: When it was announced.
        uses: How many checks were announced for it.
        listing: Taken, or being taken.
        studied: Its study has been asked for.
    """

    folder: Folder
    since: float
    uses: int = 1
    listing: Future[Listing] = msgspec.field(default_factory=Future[Listing])
    studied: bool = False


_LISTERS, _STUDENTS = Workers(_AT_ONCE, "listers"), Workers(_AT_ONCE, "students")


class LookAhead:
    """The announced folders, kept while the connections are; safe for any number of threads."""

    def __init__(self) -> None:
        """Start with nothing announced."""
        self._lock = threading.Lock()
        self._ahead: dict[str, _Ahead] = {}

    def announce(self, cloud: Cloud, folders: Iterable[Folder]) -> None:
        """Begin listing folders; one that is announced twice is listed once, for two checks."""
        new: dict[str, _Ahead] = {}
        for folder in folders:
            if folder.uri in new:
                new[folder.uri].uses += 1
            else:
                new[folder.uri] = _Ahead(folder, time.monotonic())
        with self._lock:
            self._ahead.update(new)
        for ahead in new.values():
            _LISTERS.submit(lambda ahead=ahead: _list(cloud, ahead))

    def take(self, uri: str, deadline: Deadline) -> Listing | None:
        """Return the listing of an announced folder, waiting for it if need be; None if stale.

        Raises:
            OutOfTimeError: it has not come in time.
        """
        with self._lock:
            ahead = self._ahead.get(uri)
            if ahead is None:
                return None
            ahead.uses -= 1
            fresh = time.monotonic() - ahead.since < _FRESH_SECONDS
            if not fresh or not ahead.uses:
                del self._ahead[uri]
        try:
            return deadline.wait(ahead.listing) if fresh else None
        except (OutOfTimeError, Cancelled):
            raise
        except Exception:
            return None  # the check lists again and says what is wrong

    def study_next(self, cloud: Cloud) -> None:
        """Begin studying some of the folders that have not been checked yet."""
        with self._lock:
            waiting = [ahead for ahead in self._ahead.values() if not ahead.studied]
            for ahead in waiting[:_STUDIES_AHEAD]:
                ahead.studied = True
        for ahead in waiting[:_STUDIES_AHEAD]:
            _STUDENTS.submit(lambda ahead=ahead: _study(cloud, ahead))


def _list(cloud: Cloud, ahead: _Ahead) -> None:
    try:
        ahead.listing.set_result(GcsSource(cloud.storage_rest, ahead.folder.uri).list())
    except Exception as failed:
        ahead.listing.set_exception(failed)


def _study(cloud: Cloud, ahead: _Ahead) -> None:
    from vertex_custom_weights_provider import preflight
    from vertex_custom_weights_provider.lifecycle.weights import answers

    folder = ahead.folder
    try:
        listing = ahead.listing.result()
        source = GcsSource(cloud.storage_rest, folder.uri)
        preflight.study_folder(source, listing=listing, memo=cloud.memory.of(preflight.Memo))
        if folder.project and folder.location:
            digest = listing_digest(listing)
            answers.service(cloud, folder.project, folder.location, digest)(folder.uri)
    except Exception:
        return  # the check meets the same, and says so


def listing(cloud: Cloud, uri: str, deadline: Deadline) -> Listing:
    """Return the listing that was taken ahead, or take one.

    Raises:
        StorageError: the folder cannot be listed, or not in time.
    """
    ahead = cloud.memory.of(LookAhead).take(uri, deadline)
    if ahead is not None:
        return ahead
    with Workers(1, "listing") as worker:
        return deadline.wait(worker.submit(GcsSource(cloud.storage_rest, uri).list))
