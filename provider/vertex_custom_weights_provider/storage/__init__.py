"""Reading checkpoint folders: in Cloud Storage by ranged requests, or on this machine."""

from .gcs import GcsSource, StorageRest
from .local import LocalSource
from .objects import Listing, ObjectInfo
from .source import ChangedError, MissingError, StorageError, UnreadableError, WeightsSource
from .uri import GcsUri, InvalidUriError

__all__ = [
    "ChangedError",
    "GcsSource",
    "GcsUri",
    "InvalidUriError",
    "Listing",
    "LocalSource",
    "MissingError",
    "ObjectInfo",
    "StorageError",
    "StorageRest",
    "UnreadableError",
    "WeightsSource",
]
