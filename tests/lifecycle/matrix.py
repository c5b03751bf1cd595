"""The fault matrix: each call of each story meets each fault, and the next run must mend it.

`python -m tests.lifecycle.matrix [WORD]...` runs the stories, or those whose name has a word, on
both servers over gRPC, and a sample on the real engine. With VCW_FULL=1 the sample is larger, and
all is run once more with the provider inside the test's process, where it can be debugged.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import chain, cycle, groupby
from pathlib import Path

from ..engine.support import fault_matrix
from ..engine.support.fault_walk import Walk
from .support.cases import (
    BUNDLED,
    HOST,
    SERVERS,
    Server,
    cases_of,
    fits,
    removals_of,
    run,
    run_removal,
    undisturbed,
)
from .support.stories import Story, stories

_WORKERS = 2
_FULL = os.environ.get("VCW_FULL") == "1"
_SERVERS = SERVERS if _FULL else (HOST, BUNDLED)
_WALKS = 14 if _FULL else 6
_ENGINE = "real engine"


@dataclass
class Row:
    """How a story went on one server."""

    story: str
    server: str
    calls: int = 0
    cases: int = 0
    failures: list[str] = field(default_factory=list)

    @property
    def passed(self) -> int:
        return self.cases - len(self.failures)


def run_story(task: tuple[str, Server]) -> Row:
    """Run all cases of a story on one server."""
    name, server = task
    story = _named(name)
    row = Row(name, server.name)
    with tempfile.TemporaryDirectory() as folder, server.world(Path(folder)) as world:
        row.calls = len(undisturbed(world, story, server).calls)
        for case in cases_of(world, story, server):
            row.cases += 1
            try:
                run(world, case)
            except Exception as error:
                row.failures.append(f"{case}: {type(error).__name__}: {error}")
        for removal in removals_of(world, story, server):
            row.cases += 1
            try:
                run_removal(world, removal)
            except Exception as error:
                row.failures.append(f"{removal}: {type(error).__name__}: {error}")
    return row


def run_walk(task: tuple[int, Walk, Server]) -> Row:
    """Run one walk of the real engine, whose faults are its cases."""
    number, walk, server = task
    row = Row(f"{_ENGINE}, walk {number}", server.name)
    with tempfile.TemporaryDirectory() as folder:
        faults = walk.made + walk.changed + walk.removed
        row.cases = len(faults)
        try:
            fault_matrix.take(walk, Path(folder, "walk"), bundled=server.bundled)
        except Exception as error:
            row.failures += [f"{row.story} / {walk} / {server.name}: {error}"] * len(faults)
    return row


def _named(name: str) -> Story:
    return next(story for story in stories() if story.name == name)


def _tasks(words: list[str]) -> Iterator[tuple[str, Server]]:
    for story in stories():
        if not words or any(word in story.name for word in words):
            yield from ((story.name, server) for server in _SERVERS if fits(story, server))


def _walks(words: list[str]) -> Iterator[tuple[int, Walk, Server]]:
    if not words or any(word in _ENGINE for word in words):
        servers = cycle((HOST, BUNDLED))
        for number, walk in enumerate(fault_matrix.walks(_WALKS), 1):
            yield number, walk, next(servers)


def main(words: list[str]) -> int:
    """Run the matrix and print it; returns the exit code."""
    head = "".join(f"{server.name:>13}" for server in _SERVERS)
    _tell(f"{'passed/cases':28}{'calls':>6}{head}")
    rows: list[Row] = []
    with ProcessPoolExecutor(_WORKERS) as pool:
        found = chain(pool.map(run_story, _tasks(words)), pool.map(run_walk, _walks(words)))
        for story, group in groupby(found, lambda row: row.story):
            by_server = {row.server: row for row in group}
            rows += by_server.values()
            calls = max(row.calls for row in by_server.values()) or "–"
            cells = "".join(_cell(by_server.get(server.name)) for server in _SERVERS)
            _tell(f"{story:28}{calls:>6}{cells}")
    for line in dict.fromkeys(line for row in rows for line in row.failures):
        _tell(line)
    total, passed = sum(row.cases for row in rows), sum(row.passed for row in rows)
    _tell(f"{total} cases, {passed} passed")
    return 0 if passed == total else 1


def _cell(row: Row | None) -> str:
    return f"{'–' if row is None else f'{row.passed}/{row.cases}':>13}"


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
