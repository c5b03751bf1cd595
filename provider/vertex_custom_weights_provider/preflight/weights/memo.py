"""Remembers studied folders by their listing, so that the same bytes are read once.

A preview asks about the same folder in Check, once more in the update that follows, and for every
endpoint that serves it. The listing is always taken anew; only what it vouches for is remembered.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock

from vertex_custom_weights_provider.storage import Listing

from .contents import Weights

_MOST = 128


class Memo:
    """A bounded, thread-safe memory of studies; one that is under way is waited for."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._lock = Lock()
        self._kept: OrderedDict[Listing, Future[Weights]] = OrderedDict()
        self._places: dict[str, str | None] = {}

    def place(self, uri: str, ask: Callable[[], str | None]) -> str | None:
        """Return where a folder's bucket is, asking once for each folder."""
        if uri not in self._places:
            self._places[uri] = ask()
        return self._places[uri]

    def get(self, listing: Listing, study: Callable[[], Weights]) -> Weights:
        """Return what is remembered of a folder, or study it; incomplete studies are not kept."""
        with self._lock:
            found = self._kept.get(listing)
            if found is None:
                mine: Future[Weights] = Future()
                self._kept[listing] = mine
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
            else:
                self._kept.move_to_end(listing)
                mine = found
        if found is None:
            self._study(listing, mine, study)
        return mine.result()

    def _study(self, listing: Listing, mine: Future[Weights], study: Callable[[], Weights]) -> None:
        try:
            weights = study()
        except BaseException as failed:
            self._forget(listing, mine)
            mine.set_exception(failed)
        else:
            if not weights.complete:
                self._forget(listing, mine)
            mine.set_result(weights)

    def _forget(self, listing: Listing, mine: Future[Weights]) -> None:
        with self._lock:
            if self._kept.get(listing) is mine:
                del self._kept[listing]
