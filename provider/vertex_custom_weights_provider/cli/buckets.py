"""`--bucket NAME=DIR`: folders that the emulator takes for buckets."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from vertex_custom_weights_provider import errors


def folders(given: Iterable[str]) -> dict[str, Path]:
    """Return the folder of each bucket, absolute.

    Raises:
        errors.ConfigurationError: one is not written as NAME=DIR, or its folder does not exist.
    """
    return dict(_bucket(one) for one in given)


def _bucket(given: str) -> tuple[str, Path]:
    name, equals, folder = given.partition("=")
    path = Path(folder)
    if not (name and equals and path.is_dir()):
        raise errors.ConfigurationError(
            f"--bucket {given}: write NAME=DIR with an existing folder, as in weights=./weights."
        )
    return name, path.resolve()
