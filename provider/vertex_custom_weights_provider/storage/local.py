"""Weights in a folder of this machine, with the manners of a bucket."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from .objects import Listing, ObjectInfo
from .source import ChangedError, MissingError, UnreadableError

_MAX_FILES = 20_000


class LocalSource:
    """A local folder. File links are followed, folder links are not."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def uri(self) -> str:
        """The folder, as people write it."""
        return str(self._path)

    def list(self) -> Listing:
        """List the regular files below the folder, up to 20,000."""
        if not os.path.isdir(self._path):  # noqa: PTH112 - Path.is_dir raises on names too long
            message = f"{self._path} is not a folder"
            raise MissingError(message)
        found: list[ObjectInfo] = []
        for item in self._objects():
            if len(found) == _MAX_FILES:
                return Listing(self.uri, tuple(sorted(found, key=_name)), truncated=True)
            found.append(item)
        return Listing(self.uri, tuple(sorted(found, key=_name)))

    def _objects(self) -> Iterator[ObjectInfo]:
        def refuse(error: OSError) -> None:
            message = f"cannot list {self._path}: {error.strerror}"
            raise UnreadableError(message) from error

        for folder, _, names in os.walk(self._path, onerror=refuse):
            for name in names:
                path = Path(folder, name)
                try:
                    about = path.stat()
                except OSError:  # removed since, a link to nowhere, or to where nobody may look
                    continue
                if stat.S_ISREG(about.st_mode):
                    yield self._object(path, about)

    def _object(self, path: Path, about: os.stat_result) -> ObjectInfo:
        return ObjectInfo(
            name=path.relative_to(self._path).as_posix(),
            size=about.st_size,
            generation=str(about.st_mtime_ns),
            updated=_rfc3339(about.st_mtime_ns),
        )

    def read(self, name: str, start: int, length: int, generation: str) -> bytes:
        """Return a range of one file, unless it changed since it was listed."""
        try:
            with open(self._path / name, "rb", opener=_without_waiting) as file:  # noqa: PTH123
                about = os.fstat(file.fileno())
                if not stat.S_ISREG(about.st_mode) or str(about.st_mtime_ns) != generation:
                    message = "it was replaced while it was being read"
                    raise ChangedError(message)
                file.seek(start)
                data = file.read(length)
        except FileNotFoundError:
            message = "it was removed while it was being read"
            raise ChangedError(message) from None
        except OSError as refused:
            message = f"it cannot be read: {refused.strerror}"
            raise UnreadableError(message) from refused
        if len(data) != length:
            message = f"asked for {length} bytes, got {len(data)}"
            raise UnreadableError(message)
        return data

    def location(self) -> str | None:
        """A local folder is nowhere in particular."""
        return None


def _without_waiting(path: str, flags: int) -> int:
    """Open what may have become a pipe since it was listed, which would wait for a writer."""
    return os.open(path, flags | os.O_NONBLOCK)


def _rfc3339(nanoseconds: int) -> str:
    try:
        return datetime.fromtimestamp(nanoseconds / 1e9, UTC).isoformat()
    except (OverflowError, ValueError):
        return ""  # a time that no calendar has


def _name(item: ObjectInfo) -> str:
    return item.name
