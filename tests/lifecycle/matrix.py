"""The fault matrix: each call of each story meets each fault, and the next run must mend it.

`python -m tests.lifecycle.matrix [WORD]...` runs all of it, or the stories whose name has a word.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from .cases import SERVERS, Server, cases_of, fits, run, undisturbed
from .stories import Story, stories

_WORKERS = 2


@dataclass
class Row:
    """How a story went on one server."""

    story: str
    server: str
    calls: int = 0
    cases: int = 0
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def passed(self) -> int:
        return self.cases - len(self.failures)


def run_story(task: tuple[str, Server]) -> Row:
    """Run all cases of a story on one server."""
    name, server = task
    story = _named(name)
    row = Row(name, server.name)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, server.world(Path(folder)) as world:
        row.calls = len(undisturbed(world, story, server).calls)
        for case in cases_of(world, story, server):
            row.cases += 1
            try:
                run(world, case)
            except Exception as error:
                row.failures.append(f"{case}: {type(error).__name__}: {error}")
    row.seconds = time.perf_counter() - began
    return row


def _named(name: str) -> Story:
    return next(story for story in stories() if story.name == name)


def _tasks(words: list[str]) -> Iterator[tuple[str, Server]]:
    for story in stories():
        if not words or any(word in story.name for word in words):
            yield from ((story.name, server) for server in SERVERS if fits(story, server))


def main(words: list[str]) -> int:
    """Run the matrix and print it; returns the exit code."""
    head = "".join(f"{server.name:>13}" for server in SERVERS)
    _tell(f"{'passed of cases':28}{'calls':>6}{head}")
    rows: list[Row] = []
    with ProcessPoolExecutor(_WORKERS) as pool:
        for name, told in groupby(pool.map(run_story, _tasks(words)), lambda row: row.story):
            found = {row.server: row for row in told}
            rows += found.values()
            cells = "".join(_cell(found.get(server.name)) for server in SERVERS)
            _tell(f"{name:28}{max(row.calls for row in found.values()):>6}{cells}")
    for row in rows:
        for line in row.failures:
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
