"""Whatever Google answers within reason, a resource's life keeps what the provider promises.

Never two of one thing, never the wrong one removed, nothing left behind without a word, nothing
reported as made that is not there, and never a traceback.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from tests.lifecycle.support.world import World

from vertex_custom_weights_provider.emulator import dialects

from .support.lives import RESOURCES, Life

NAMES = tuple(dialects.table())
FULL = os.environ.get("VCW_FULL") == "1"


def _live(
    folder: Path, resource: str, spoken: tuple[str, ...], kill_at: int, *, at_once: bool
) -> None:
    world = World(folder, dialects=spoken)
    try:
        Life(world, RESOURCES[resource]).live(kill_at, at_once=at_once)
    finally:
        world.close()


@pytest.mark.parametrize("resource", RESOURCES)
@pytest.mark.parametrize("dialect", ["", *NAMES])
@pytest.mark.parametrize("at_once", [False, True], ids=["later", "at once"])
def test_a_life_in_one_dialect(
    tmp_path: Path, dialect: str, resource: str, *, at_once: bool
) -> None:
    spoken = (dialect,) if dialect else ()
    _live(tmp_path, resource, spoken, kill_at=1 + len(dialect) % 4, at_once=at_once)


@pytest.mark.parametrize("seed", range(200 if FULL else 15))
def test_a_life_in_several_dialects(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - to be repeated, not secret
    spoken = tuple(chance.sample(NAMES, chance.randint(2, 6)))
    resource = chance.choice(list(RESOURCES))
    _live(tmp_path, resource, spoken, kill_at=chance.randint(0, 12), at_once=seed % 2 == 0)
