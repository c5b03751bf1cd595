"""Vertex AI regions."""

from __future__ import annotations

from functools import cache

import msgspec

from ._data import load
from .accelerators import accelerators
from .suggest import hint


class UnknownRegionError(LookupError):
    """Not a Vertex AI region of the catalog."""


class Region(msgspec.Struct, frozen=True):
    """One region.

    Attributes:
        id: Its name, such as `us-central1`.
        multi_region: Cloud Storage multi-region that contains it, if any.
    """

    id: str
    multi_region: str | None

    def holds(self, location: str) -> bool:
        """Whether a bucket in `location` keeps its data in or around this region."""
        wanted = location.upper()
        return wanted in (self.id.upper(), self.multi_region)

    @property
    def default_quota(self) -> dict[str, int]:
        """Default serving quota of each GPU that is offered here."""
        return {
            a.id: a.default_quota[self.id] for a in accelerators() if self.id in a.default_quota
        }


@cache
def regions() -> tuple[Region, ...]:
    """Return all regions."""
    return tuple(Region(**row) for row in load("regions")["regions"])


def region(name: str) -> Region:
    """Return one region.

    Raises:
        UnknownRegionError: with what may have been meant.
    """
    for row in regions():
        if row.id == name:
            return row
    known = hint(name, (row.id for row in regions()), "vcw catalog regions")
    message = f"{name!r} is not a Vertex AI region. {known}"
    raise UnknownRegionError(message)
