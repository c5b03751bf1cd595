"""A cloud of its own for every test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .support.folder import Folder
from .support.world import World, opened


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with opened(tmp_path) as world:
        yield world


@pytest.fixture
def folder(world: World, tmp_path: Path) -> Iterator[Folder]:
    folder = Folder(world, tmp_path)
    yield folder
    folder.close()
