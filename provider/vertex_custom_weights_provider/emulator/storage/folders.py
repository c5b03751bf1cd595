"""A local folder as a bucket: which files are objects, and what is said about them.

Nothing outside the folder can be reached: a name that climbs out, or a link that points out, is no
object. Files are never read to describe them; a checkpoint has tens of gigabytes.
"""

from __future__ import annotations

import base64
import mimetypes
import os
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

_DEFAULT_TYPE = "application/octet-stream"


class Blob(msgspec.Struct, frozen=True):
    """A file as an object.

    Attributes:
        name: The object's name.
        path: The file, with all links resolved.
        size: Its length in bytes.
        modified_ns: When it was last written, in nanoseconds since the epoch.
    """

    name: str
    path: Path
    size: int
    modified_ns: int

    @property
    def generation(self) -> str:
        """Changes whenever the file is written: its time of change."""
        return str(self.modified_ns)

    @property
    def crc32c(self) -> str:
        """Looks like a checksum and changes with the file, but is not one of its content."""
        seed = f"{self.modified_ns}:{self.size}".encode()
        return base64.b64encode(zlib.crc32(seed).to_bytes(4, "big")).decode()

    @property
    def content_type(self) -> str:
        """The media type its name suggests."""
        return mimetypes.guess_type(self.name)[0] or _DEFAULT_TYPE


def find(root: Path, name: str) -> Blob | None:
    """Return the object of that name, or None."""
    parts = name.split("/")
    if not name or "\0" in name or any(part in ("", ".", "..") for part in parts):
        return None
    return _blob(root.resolve(), root.joinpath(*parts), name)


def walk(root: Path, prefix: str) -> Iterator[Blob]:
    """Yield every object whose name begins with a prefix, in no particular order."""
    anchor = root.resolve()
    folder = prefix.rpartition("/")[0]
    if "\0" in folder or any(part in (".", "..") for part in folder.split("/")):
        return
    start = root / folder if folder else root
    if _inside(anchor, start):
        yield from _walk(anchor, start, f"{folder}/" if folder else "", prefix)


def _walk(anchor: Path, folder: Path, base: str, prefix: str) -> Iterator[Blob]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        name = base + entry.name
        if not _speakable(name):
            continue
        if entry.is_dir(follow_symlinks=False):
            below = f"{name}/"
            if below.startswith(prefix) or prefix.startswith(below):
                yield from _walk(anchor, folder / entry.name, below, prefix)
        elif name.startswith(prefix):
            blob = _blob(anchor, folder / entry.name, name)
            if blob is not None:
                yield blob


def _inside(anchor: Path, path: Path) -> bool:
    try:
        return path.resolve().is_relative_to(anchor)
    except (OSError, RuntimeError):
        return False


def _blob(anchor: Path, path: Path, name: str) -> Blob | None:
    try:
        resolved = path.resolve(strict=True)
        found = resolved.stat()
    except (OSError, RuntimeError, ValueError):
        return None
    if not resolved.is_relative_to(anchor) or not stat.S_ISREG(found.st_mode):
        return None
    return Blob(name, resolved, found.st_size, found.st_mtime_ns)


def _speakable(name: str) -> bool:
    """Object names are UTF-8; a file name may be any bytes."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
