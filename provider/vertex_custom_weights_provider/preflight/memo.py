"""Remembers studied folders by their listing, so that the same bytes are read once.

A preview asks about the same folder in Check, once more in the update that follows, and for every
endpoint that serves it. The listing is always taken anew; only what it vouches for is remembered.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from vertex_custom_weights_provider.storage import Listing

from .study import Weights

_MOST = 128


class Memo:
    """A bounded, thread-safe memory of studies."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._lock = Lock()
        self._kept: OrderedDict[Listing, Weights] = OrderedDict()

    def get(self, listing: Listing, study: Callable[[], Weights]) -> Weights:
        """Return what is remembered of a folder, or study it; incomplete studies are not kept."""
        with self._lock:
            found = self._kept.get(listing)
            if found is not None:
                self._kept.move_to_end(listing)
                return found
        weights = study()
        if weights.complete:
            with self._lock:
                self._kept[listing] = weights
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
        return weights
