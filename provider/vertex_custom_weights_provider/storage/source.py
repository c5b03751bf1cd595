"""The seam between what examines weights and where they lie."""

from __future__ import annotations

from typing import Protocol

from vertex_custom_weights_provider import errors

from .objects import Listing


class StorageError(errors.VcwError):
    """Base of what reading a folder may raise."""


class MissingError(StorageError):
    """The bucket or folder does not exist."""


class UnreadableError(StorageError):
    """The store refused or did not answer: nothing is known about the weights."""


class OutOfTimeError(UnreadableError):
    """The store had not answered when the time for an examination was up."""


class ChangedError(StorageError):
    """An object was replaced or removed between the listing and the read."""


class WeightsSource(Protocol):
    """A folder of weights. Implementations are safe to use from many threads."""

    @property
    def uri(self) -> str:
        """The folder, as people write it."""
        ...

    def list(self) -> Listing:
        """List everything below the folder.

        Raises:
            MissingError: there is no such bucket or folder.
            UnreadableError: the store would not say.
        """
        ...

    def read(self, name: str, start: int, length: int, generation: str) -> bytes:
        """Return `length` bytes of an object from `start`, of exactly that generation.

        Raises:
            ChangedError: the object is no longer of that generation.
            UnreadableError: the store refused, or gave fewer bytes than asked for.
        """
        ...

    def location(self) -> str | None:
        """Return where the data is kept, such as `US-CENTRAL1` or `EU`; None when unknown."""
        ...
