"""S2: the index of a sharded checkpoint, and whether the shards agree with it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, cast

import msgspec

from vertex_custom_weights_provider.preflight import rules
from vertex_custom_weights_provider.preflight.findings import Finding, error, shown, some, warn
from vertex_custom_weights_provider.storage.inventory import Inventory

from .documents import BadDocumentError, parse_object
from .header import Header

MAX_INDEX_BYTES = 32_000_000
_MAX_TENSORS = 250_000
_MAX_NAME = 1024
_NUMBERED = re.compile(
    r"(?P<stem>.+)-(?P<n>[0-9]{5,9})-of-(?P<count>[0-9]{5,9})\.(?P<kind>safetensors|bin)"
)


class BadIndexError(ValueError):
    """The index cannot be used; the message says why."""


class Index(msgspec.Struct, frozen=True):
    """A usable index.

    Attributes:
        weight_map: File of each tensor.
        total_size: Bytes of all tensors, as the index claims; None when it does not.
    """

    weight_map: Mapping[str, str]
    total_size: int | None


def parse_index(data: bytes) -> Index:
    """Parse an index.

    Raises:
        BadIndexError: says why it cannot be used.
    """
    try:
        parsed = parse_object(data, max_objects=1000)
    except BadDocumentError as broken:
        raise BadIndexError(str(broken)) from None
    weight_map = parsed.get("weight_map")
    if not isinstance(weight_map, dict) or not weight_map:
        message = "it has no weight_map"
        raise BadIndexError(message)
    files = cast("dict[str, Any]", weight_map)
    if len(files) > _MAX_TENSORS:
        message = f"it maps {len(files)} tensors; the limit is {_MAX_TENSORS}"
        raise BadIndexError(message)
    for file in {str(f) if isinstance(f, str) else "" for f in files.values()}:
        _check_file_name(file)
    if max(map(len, files)) > _MAX_NAME:
        message = f"it has a tensor name longer than {_MAX_NAME} characters"
        raise BadIndexError(message)
    return Index(cast("dict[str, str]", files), _total_size(parsed.get("metadata")))


def _check_file_name(name: str) -> None:
    """Refuse what is not a bare file name, in whatever spelling it may be one to a loader."""
    plain = unicodedata.normalize("NFKC", name)
    forbidden = any(c in plain for c in '/\\:*?"<>|') or ".." in plain
    if not plain or plain != name or forbidden or not plain.isprintable() or len(plain) > 255:
        message = f"it names {shown(name)!r}, which is not a file of this folder"
        raise BadIndexError(message)


def _total_size(metadata: Any) -> int | None:
    if not isinstance(metadata, dict):
        return None
    size = cast("dict[str, Any]", metadata).get("total_size")
    if type(size) is float and size.is_integer():  # some tools write it as a float
        return int(size)
    return size if type(size) is int else None


def check_numbering(inventory: Inventory) -> Iterator[Finding]:
    """Check that of shards named k-of-N all N are there."""
    sets: dict[tuple[str, str, str], set[int]] = {}
    for item in inventory.weights:
        match = _NUMBERED.fullmatch(item.name)
        if match:
            sets.setdefault((match["stem"], match["count"], match["kind"]), set()).add(
                int(match["n"])
            )
    for (stem, count, kind), numbers in sets.items():
        missing = [n for n in range(1, min(int(count), 5000) + 1) if n not in numbers]
        if missing:
            names = some(f"{stem}-{n:05d}-of-{count}.{kind}" for n in missing)
            yield error(
                rules.S2, f"{len(missing)} of {int(count)} shards missing: {names}. Upload them."
            )
    if len(sets) > 1:
        kinds = some(f"{shown(stem)}-*-of-{count}" for stem, count, _ in sets)
        yield warn(rules.S2, f"Shards of several checkpoints side by side ({kinds}). Keep one.")


def check_against_listing(index: Index, inventory: Inventory) -> Iterator[Finding]:
    """Check that the files an index names are there, and that it names all there are."""
    named = set(index.weight_map.values())
    missing = sorted(name for name in named if name not in inventory)
    if missing:
        yield error(
            rules.S2, f"The index names {some(missing)}, not in the folder. Upload what is missing."
        )
    unnamed = [item.name for item in inventory.weights if item.name not in named]
    if unnamed:
        yield warn(
            rules.S2,
            f"{some(unnamed)}: not in the index; loaders differ in what they do with such files, "
            "and every replica downloads them. Remove them, or correct the index.",
        )


def check_against_headers(index: Index, headers: Mapping[str, Header]) -> Iterator[Finding]:
    """Check that every tensor is where the index says, and nowhere else."""
    holders: dict[str, str] = {}
    twice: set[str] = set()
    for file, header in headers.items():
        for tensor in header.tensors:
            if tensor.name in holders:
                twice.add(tensor.name)
            holders[tensor.name] = file
    lost = [
        name
        for name, file in index.weight_map.items()
        if file in headers and holders.get(name) != file and name not in twice
    ]
    unmapped = [name for name in holders if name not in index.weight_map]
    if twice:
        yield error(
            rules.S2, f"{some(sorted(twice))}: in more than one shard. Save the checkpoint again."
        )
    if lost:
        yield error(
            rules.S2,
            f"{len(lost)} tensors are not in the shard that the index names ({some(lost)}). "
            "Index and shards are of different checkpoints; upload both again.",
        )
    if unmapped:
        yield warn(rules.S2, f"{len(unmapped)} tensors are not in the index ({some(unmapped)}).")
    stored = sum(t.nbytes for header in headers.values() for t in header.tensors)
    complete = set(index.weight_map.values()) <= headers.keys()
    if complete and index.total_size is not None and index.total_size != stored:
        yield warn(
            rules.S2,
            f"The index claims {shown(str(index.total_size))} bytes of tensors, the shards hold "
            f"{stored}. Save the checkpoint again if files of two saves may be mixed.",
        )


def check_duplicates(headers: Mapping[str, Header]) -> Iterator[Finding]:
    """Without an index: check that no tensor is in two files."""
    seen: set[str] = set()
    twice = [
        tensor.name
        for header in headers.values()
        for tensor in header.tensors
        if tensor.name in seen or seen.add(tensor.name)
    ]
    if twice:
        yield error(rules.S2, f"{some(twice)}: in more than one file. Keep one set of weights.")
