"""What a listing says about a checkpoint folder, before anything in it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import msgspec


class ObjectInfo(msgspec.Struct, frozen=True):
    """One object below the folder.

    Attributes:
        name: Relative to the folder; untrusted, so print it escaped.
        size: Bytes.
        generation: Version of the object; reads are pinned to it.
        checksum: CRC32C or MD5 as the store reports it, empty when it reports none.
        updated: RFC 3339 time of the last change, as reported.
        content_encoding: `gzip` means that the store may transcode, which breaks ranged reads.
    """

    name: str
    size: int
    generation: str
    checksum: str = ""
    updated: str = ""
    content_encoding: str = ""

    @property
    def version(self) -> str:
        """What changes when the bytes do: the checksum if there is one, else the generation."""
        return self.checksum or f"generation:{self.generation}"


@dataclass(frozen=True)
class Listing:
    """All objects below a folder, sorted by name.

    Attributes:
        uri: The folder, for messages.
        objects: What is there.
        truncated: There are more objects than anybody should need to look at.
    """

    uri: str
    objects: tuple[ObjectInfo, ...]
    truncated: bool = field(default=False)

    @cached_property
    def by_name(self) -> Mapping[str, ObjectInfo]:
        """Objects by name."""
        return {item.name: item for item in self.objects}
