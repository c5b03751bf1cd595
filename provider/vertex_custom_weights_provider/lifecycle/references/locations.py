"""Is there such a region? Known before anything is sent to a host that does not exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from vertex_custom_weights_provider.properties.base import Problem
from vertex_custom_weights_provider.properties.parsing import Parsed, S


def location_problems(
    parsed: Parsed[S], old: Mapping[str, Any], name: str = "location"
) -> Iterator[Problem]:
    """Yield a problem when a new region is known to be none, with what may have been meant."""
    value = getattr(parsed.spec, name, None)
    if value is None or not parsed.known(name) or value == old.get(name):
        return
    # Imported late: the catalog is only read when there is something to look up.
    from vertex_custom_weights_provider.catalog.regions import UnknownRegionError, region

    try:
        region(value)
    except UnknownRegionError as unknown:
        yield Problem(name, str(unknown))
