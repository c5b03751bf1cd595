"""The part of the fault matrix that the real engine runs: a sample, drawn with a fixed seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

from .fault_walk import Walk, go, prepare
from .faulty_cloud import FAULTS, Fault, faulty
from .harness import Engine, environment

SEED = 5
# Runs make about 56, 57 and 34 calls; near the end the order is not the same each time.
CALLS = (45, 45, 27)


def walks(count: int) -> Iterator[Walk]:
    """Yield walks with one fault in each of their three runs; every kind comes by in turn."""
    chance, kinds = random.Random(SEED), cycle(FAULTS)  # noqa: S311 - a sample, no secret
    for _ in range(count):
        yield Walk(*((Fault(next(kinds), chance.randrange(calls)),) for calls in CALLS))


def take(walk: Walk, folder: Path, *, bundled: bool) -> None:
    """Take a walk in a project of its own; `bundled` is on Pulumi's bundled server.

    Raises:
        AssertionError: something was lost, doubled, left over or misreported.
    """
    engine = Engine(folder, environment(), bundled=bundled)
    with faulty(engine.folder) as cloud:
        prepare(engine, cloud)
        go(engine, cloud, walk)
