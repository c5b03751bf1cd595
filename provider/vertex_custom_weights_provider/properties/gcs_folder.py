"""Folders in Cloud Storage: what is the address of one, and the one way to write it."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

_SCHEME = "gs://"
_MAX_NAME_BYTES = 1024
_ENDS = "abcdefghijklmnopqrstuvwxyz0123456789"
_LONGEST, _LONGEST_PART, _SHORTEST = 222, 63, 3

# What Cloud Storage demands of a bucket's name, and what is said of one that breaks it. The two
# rules about "goog" are left out: Google's own buckets break them, and weights may lie there.
_BUCKET_RULES: tuple[tuple[Callable[[str], object], str], ...] = (
    (lambda name: name, "it has none"),
    (lambda name: not re.search(r"[A-Z]", name), "it has upper-case letters"),
    (lambda name: not re.search(r"\s", name), "it has a space"),
    (
        lambda name: re.fullmatch(r"[a-z0-9._-]*", name),
        "it may have lower-case letters, digits, -, _ and . only",
    ),
    (lambda name: len(name) >= _SHORTEST, "it is shorter than 3 characters"),
    (
        lambda name: name[0] in _ENDS and name[-1] in _ENDS,
        "it has to begin and end with a letter or digit",
    ),
    (
        lambda name: len(name) <= (_LONGEST if "." in name else _LONGEST_PART),
        "it is longer than 63 characters, or 222 with dots",
    ),
    (lambda name: all(name.split(".")), "it has two dots in a row"),
    (
        lambda name: all(len(part) <= _LONGEST_PART for part in name.split(".")),
        "between two of its dots are more than 63 characters",
    ),
    (
        lambda name: not re.fullmatch(r"\d{1,3}(\.\d{1,3}){3}", name),
        "it looks like an IP address",
    ),
)


class InvalidUriError(ValueError):
    """Not the address of a folder in Cloud Storage."""


class GcsUri(msgspec.Struct, frozen=True):
    """A folder in a bucket.

    Attributes:
        bucket: Its name.
        folder: Without slashes at its ends; empty for the whole bucket.
    """

    bucket: str
    folder: str

    @classmethod
    def parse(cls, text: str) -> GcsUri:
        """Parse `gs://bucket/folder`, with or without a slash at its end.

        Raises:
            InvalidUriError: says what is wrong with it, a sentence without its full stop.
        """
        if not text.startswith(_SCHEME):
            message = f"{text!r} is no folder in Cloud Storage; write gs://bucket/folder"
            raise InvalidUriError(message)
        bucket, _, folder = text.removeprefix(_SCHEME).partition("/")
        for holds, broken in _BUCKET_RULES:
            if not holds(bucket):
                message = f"{text!r}: {bucket!r} is no name of a bucket, {broken}"
                raise InvalidUriError(message)
        if "//" in f"/{folder}":
            message = (
                f"{text!r} has two slashes in a row, which Cloud Storage takes for a folder "
                "without a name; write one"
            )
            raise InvalidUriError(message)
        if re.search(r"[\r\n]", folder) or len(folder.encode()) > _MAX_NAME_BYTES:
            message = f"{text[:80]!r} has a line break, or a name of more than 1024 bytes"
            raise InvalidUriError(message)
        return cls(bucket, folder.removesuffix("/"))

    @property
    def prefix(self) -> str:
        """What the names of all objects below begin with."""
        return f"{self.folder}/" if self.folder else ""

    def __str__(self) -> str:
        """Return the one way to write it, without a slash at its end."""
        return f"gs://{self.bucket}/{self.folder}" if self.folder else f"gs://{self.bucket}"
