"""One look at all folders that a program has announced, enough to call their weights unchanged.

A preview in which nothing is new asks one question for each bucket, not one for each deployment.
When something is new, what has not been checked yet is looked at folder by folder, side by side.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING

from vertex_custom_weights_provider.lifecycle.weights.announced import Folder, LookAhead
from vertex_custom_weights_provider.storage import Deadline, Listing, Workers, list_together

if TYPE_CHECKING:
    from vertex_custom_weights_provider.api.cloud import Cloud

_FRESH_SECONDS = 60.0
_LISTERS = Workers(4, "glances")


class Glance:
    """The announced folders, kept while the connections are; safe for any number of threads."""

    def __init__(self) -> None:
        """Start with nothing announced."""
        self._lock = threading.Lock()
        self._since = 0.0
        self._listings: dict[str, Future[Mapping[str, Listing]]] = {}
        self._unstudied: list[Folder] = []

    def announce(self, cloud: Cloud, folders: Collection[Folder]) -> None:
        """Begin listing folders together, and return at once."""
        uris = {folder.uri for folder in folders}
        taken = _LISTERS.submit(lambda: list_together(cloud.storage_rest, uris))
        with self._lock:
            self._since = time.monotonic()
            self._listings |= dict.fromkeys(uris, taken)
            self._unstudied += folders

    def listing(self, uri: str, deadline: Deadline) -> Listing | None:
        """Return what an announced folder holds; None when that has to be asked by itself.

        Raises:
            OutOfTimeError: the answer has not come in time.
        """
        with self._lock:
            taken = self._listings.get(uri)
            fresh = time.monotonic() - self._since < _FRESH_SECONDS
        return deadline.wait(taken).get(uri) if taken is not None and fresh else None

    def look_closer(self, cloud: Cloud) -> None:
        """Have the announced folders listed one by one, and studied: something is new."""
        with self._lock:
            folders, self._unstudied = self._unstudied, []
        if folders:
            cloud.memory.of(LookAhead).announce(cloud, folders)
