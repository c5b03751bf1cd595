"""S1: fetches and parses the header of every weight file, sixteen at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, as_completed

import msgspec

from vertex_custom_weights_provider.preflight import rules
from vertex_custom_weights_provider.preflight.findings import Finding, error, printable, shown, warn
from vertex_custom_weights_provider.storage import ObjectInfo, StorageError

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
    headers: dict[str, Header] = {}
    findings: list[Finding] = []
    not_read: list[str] = []
    tensors = 0
    for done, future in enumerate(as_completed(list(futures)), start=1):
        item = futures.pop(future)
        try:
            room = _MAX_TENSORS - tensors
            headers[item.name] = header = _header(reader, item, future.result(), room)
            tensors += len(header.tensors)
        except BadHeaderError as broken:
            findings.append(_bad(item, broken))
        except BudgetExceededError:
            not_read.append(item.name)
        except StorageError as failed:
            not_read.append(item.name)
            findings.append(unread(item.name, str(failed)))
        if progress:
            progress(done, len(files))
    findings += _over_budget(not_read, findings)
    ordered = {item.name: headers[item.name] for item in files if item.name in headers}
    return Shards(ordered, tuple(sorted(findings, key=lambda f: f.message)), tuple(not_read))


def _header(reader: Reader, item: ObjectInfo, start: bytes, room: int) -> Header:
    if room < 0:
        raise BudgetExceededError
    length = header_length(start, item.size)
    text = start[LENGTH_BYTES : LENGTH_BYTES + length]
    if len(text) < length:
        text = reader.read(item, LENGTH_BYTES, length)
    return parse_header(text, item.size - LENGTH_BYTES - length)


def unread(name: str, why: str) -> Finding:
    """Report a file that could not be read, through no fault of its own."""
    return warn(
        rules.F1, f"{shown(name)} was not checked: {printable(why).rstrip('.')}. Look again."
    )


def _bad(item: ObjectInfo, broken: BadHeaderError) -> Finding:
    name = shown(item.name)
    if item.size == 0:
        return error(rules.S1, f"{name} is empty. Upload it again.")
    return error(rules.S1, f"{name}: {broken}. Upload it again, or save the checkpoint again.")


def _over_budget(unread: list[str], findings: list[Finding]) -> Iterator[Finding]:
    said = sum(1 for finding in findings if finding.id == rules.F1.id)
    if len(unread) > said:
        yield error(
            rules.S1,
            f"The headers of {len(unread) - said} weight files were not read: together they hold "
            f"more than {MODEL_BYTES // 1_000_000} MB or {_MAX_TENSORS} tensors, which no real "
            "checkpoint does.",
        )
