"""`gs://bucket/folder` addresses."""

from __future__ import annotations

import re

import msgspec

_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")


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
        """Parse `gs://bucket/folder`.

        Raises:
            InvalidUriError: says what is wrong with it.
        """
        if not text.startswith("gs://"):
            message = f"{text!r} is not a Cloud Storage address; write gs://BUCKET/FOLDER"
            raise InvalidUriError(message)
        bucket, _, folder = text[len("gs://") :].partition("/")
        if not _BUCKET.fullmatch(bucket):
            what = "3 to 222 lower-case letters, digits, -, _ and ."
            message = f"{bucket!r} is not a bucket name ({what})"
            raise InvalidUriError(message)
        return cls(bucket, folder.strip("/"))

    @property
    def prefix(self) -> str:
        """What the names of all objects below begin with."""
        return f"{self.folder}/" if self.folder else ""

    def __str__(self) -> str:
        return f"gs://{self.bucket}/{self.folder}" if self.folder else f"gs://{self.bucket}"
