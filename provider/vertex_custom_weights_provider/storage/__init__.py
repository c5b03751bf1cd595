"""Reading checkpoint folders: in Cloud Storage by ranged requests, or on this machine."""

from .gcs import GcsSource, StorageRest
from .local import LocalSource
from .objects import Listing, ObjectInfo
from .patience import Deadline, Workers
from .source import (
    ChangedError,
    MissingError,
    OutOfTimeError,
    StorageError,
    UnreadableError,
    WeightsSource,
)
from .together import list_together

__all__ = [
    "ChangedError",
    "Deadline",
    "GcsSource",
    "Listing",
    "LocalSource",
    "MissingError",
    "ObjectInfo",
    "OutOfTimeError",
    "StorageError",
    "StorageRest",
    "UnreadableError",
    "WeightsSource",
    "Workers",
    "list_together",
]
