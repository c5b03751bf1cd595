"""A sample of the fault matrix; `make matrix` runs all of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .support.cases import (
    AS_BUNDLED,
    BUNDLED,
    FAULTS,
    HOST,
    IN_PROCESS,
    Case,
    Server,
    fits,
    removals_of,
    run,
    run_removal,
    undisturbed,
)
from .support.stories import Story, stories
from .support.world import World

ROWS = stories()
NAMES = [story.name for story in ROWS]


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[World]:
    with IN_PROCESS.world(tmp_path) as world:
        yield world


@pytest.fixture(scope="module")
def with_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A cloud that real servers reach by a port; they live as long as nothing happens to them."""
    with HOST.world(tmp_path_factory.mktemp("served")) as world:
        yield world


@pytest.mark.parametrize("row", range(len(ROWS)), ids=NAMES)
def test_one_fault_of_each_kind_is_mended_by_the_next_run(quick: World, row: int) -> None:
    story = ROWS[row]
    server = AS_BUNDLED if row % 2 and fits(story, AS_BUNDLED) else IN_PROCESS
    count = len(undisturbed(quick, story, server).calls)
    for index, fault in enumerate(FAULTS):
        # Neighbouring rows and faults look at different calls, so that the sample spreads.
        run(quick, Case(story, fault, (row + 2 * index) % count, server))


@pytest.mark.parametrize("row", range(len(ROWS)), ids=NAMES)
def test_what_a_removal_that_was_cut_off_has_taken_is_made_again(quick: World, row: int) -> None:
    cases = list(removals_of(quick, ROWS[row], IN_PROCESS))
    for case in cases[row % 7 :: 7]:
        run_removal(quick, case)


@pytest.mark.parametrize("server", [HOST, BUNDLED], ids=lambda server: server.name)
@pytest.mark.parametrize("kind", sorted({story.kind for story in ROWS}))
def test_faults_in_calls_of_real_servers_are_mended_by_the_next_run(
    with_servers: World, kind: str, server: Server
) -> None:
    for row, story in _sample_of(kind, server):
        count = len(undisturbed(with_servers, story, server).calls)
        fault = list(FAULTS)[row % len(FAULTS)]
        run(with_servers, Case(story, fault, row % count, server))


def _sample_of(kind: str, server: Server) -> Iterator[tuple[int, Story]]:
    """Yield every third story, and on the other server the ones after these."""
    for row, story in enumerate(ROWS):
        if row % 3 == server.bundled and story.kind == kind and fits(story, server):
            yield row, story
