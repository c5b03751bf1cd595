"""A sample of the fault matrix; `make matrix` runs all of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .matrix import DEPLOY, FAULTS, Case, calls_of, run
from .stories import Story, stories, without_host
from .world import World, opened

ROWS = stories()


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[World]:
    with opened(tmp_path, deploy_seconds=DEPLOY) as world:
        yield world


@pytest.mark.parametrize("row", range(len(ROWS)), ids=[story.name for story in ROWS])
def test_one_fault_of_each_kind_is_mended_by_the_next_run(quick: World, row: int) -> None:
    story: Story = ROWS[row]
    count = len(calls_of(quick, story))
    bundled = bool(row % 2) and story in without_host([story])
    for index, fault in enumerate(FAULTS):
        # Neighbouring rows and faults look at different calls, so that the sample spreads.
        run(quick, Case(story, fault, (row + 2 * index) % count, bundled))
