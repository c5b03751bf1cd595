"""S1: fetches and parses the header of every weight file, sixteen at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future

import msgspec

from vertex_custom_weights_provider.preflight import rules
from vertex_custom_weights_provider.preflight.findings import (
    Finding,
    error,
    printable,
    shown,
    some,
    warn,
)
from vertex_custom_weights_provider.storage import ObjectInfo, OutOfTimeError, StorageError

from .header import LENGTH_BYTES, BadHeaderError, Header, header_length, parse_header
from .index import Index
from .reader import MODEL_BYTES, BudgetExceededError, Reader

Progress = Callable[[int, int], None]

# A tensor takes its name and about this much punctuation, dtype, shape and offsets in a header.
_ENTRY_BYTES = 90
_GUESS_MARGIN = 1024
_UNGUIDED_BYTES = 64 * 1024
_MAX_FIRST_READ = 1024 * 1024
_MAX_TENSORS = 200_000


class Shards(msgspec.Struct, frozen=True):
    """What the headers said.

    Attributes:
        headers: Of the files that have a valid one.
        findings: About those that have none.
        unread: Files that could not be read, through no fault of theirs.
    """

    headers: Mapping[str, Header]
    findings: tuple[Finding, ...]
    unread: tuple[str, ...]


def _first_read_sizes(index: Index | None) -> Mapping[str, int]:
    """Estimate from the index how long each header is, so that one request fetches it."""
    sizes: Counter[str] = Counter()
    if index is None:
        return sizes
    for tensor, file in index.weight_map.items():
        sizes[file] += len(tensor) + _ENTRY_BYTES
    return {file: min(size + _GUESS_MARGIN, _MAX_FIRST_READ) for file, size in sizes.items()}


def read_headers(
    reader: Reader,
    files: tuple[ObjectInfo, ...],
    index: Index | None,
    progress: Progress | None,
) -> Shards:
    """Read and parse all headers; every fault becomes a finding.

    First reads go out in parallel and hold at most 1 MB each; parsing, and the rare second read of
    a longer header, happen one at a time, which bounds memory.
    """
    sizes = _first_read_sizes(index)
    futures: dict[Future[bytes], ObjectInfo] = {}
    for item in files:
        length = sizes.get(item.name, _UNGUIDED_BYTES)
        futures[reader.later(item, 0, length)] = item
    reading = _Reading(reader)
    try:
        for done, future in enumerate(reader.deadline.completed(list(futures)), start=1):
            reading.take(futures.pop(future), future)
            if progress:
                progress(done, len(files))
    except OutOfTimeError as late:
        for item in futures.values():
            reading.unread.setdefault(str(late), []).append(item.name)
    return reading.shards(files)


class _Reading(msgspec.Struct):
    """Headers as they come in.

    Attributes:
        unread: Names of the files that could not be read, by the reason.
        too_much: Names of those that were not, because all together would be too much.
    """

    reader: Reader
    headers: dict[str, Header] = msgspec.field(default_factory=dict[str, Header])
    findings: list[Finding] = msgspec.field(default_factory=list[Finding])
    unread: dict[str, list[str]] = msgspec.field(default_factory=dict[str, list[str]])
    too_much: list[str] = msgspec.field(default_factory=list[str])
    tensors: int = 0

    def take(self, item: ObjectInfo, start: Future[bytes]) -> None:
        """Parse a header, given the first bytes of its file."""
        try:
            room = _MAX_TENSORS - self.tensors
            self.headers[item.name] = header = _header(self.reader, item, start.result(), room)
            self.tensors += len(header.tensors)
        except BadHeaderError as broken:
            self.findings.append(_bad(item, broken))
        except BudgetExceededError:
            self.too_much.append(item.name)
        except StorageError as failed:
            self.unread.setdefault(str(failed), []).append(item.name)

    def shards(self, files: tuple[ObjectInfo, ...]) -> Shards:
        """Return all that is known of the files."""
        late = [unread(names, why) for why, names in self.unread.items()]
        findings = (*self.findings, *late, *_over_budget(self.too_much))
        return Shards(
            {item.name: self.headers[item.name] for item in files if item.name in self.headers},
            tuple(sorted(findings, key=lambda finding: finding.message)),
            (*(name for names in self.unread.values() for name in names), *self.too_much),
        )


def _header(reader: Reader, item: ObjectInfo, start: bytes, room: int) -> Header:
    if room < 0:
        raise BudgetExceededError
    length = header_length(start, item.size)
    text = start[LENGTH_BYTES : LENGTH_BYTES + length]
    if len(text) < length:
        text = reader.read(item, LENGTH_BYTES, length)
    return parse_header(text, item.size - LENGTH_BYTES - length)


def unread(names: Sequence[str], why: str) -> Finding:
    """Report files that could not be read, through no fault of their own."""
    were = "was" if len(names) == 1 else "were"
    reason = printable(why).rstrip(".")
    return warn(rules.F1, f"{some(names)} {were} not checked: {reason}. Look again.")


def _bad(item: ObjectInfo, broken: BadHeaderError) -> Finding:
    name = shown(item.name)
    if item.size == 0:
        return error(rules.S1, f"{name} is empty. Upload it again.")
    return error(rules.S1, f"{name}: {broken}. Upload it again, or save the checkpoint again.")


def _over_budget(unread: Sequence[str]) -> Iterator[Finding]:
    if unread:
        yield error(
            rules.S1,
            f"The headers of {len(unread)} weight files were not read: together they hold "
            f"more than {MODEL_BYTES // 1_000_000} MB or {_MAX_TENSORS} tensors, which no real "
            "checkpoint does.",
        )
