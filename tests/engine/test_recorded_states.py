"""Stacks that an earlier tree made are what this tree would make: nothing to do in them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .support.harness import Engine
from .support.recorded import FOLDER, replay

RECORDINGS = sorted(path for path in FOLDER.iterdir() if path.is_dir())


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.name)
def test_a_recorded_stack_has_nothing_to_do(
    recording: Path, make_engine: Callable[..., Engine]
) -> None:
    engine = replay(make_engine("recorded", project="scenarios"), recording)
    assert len(engine.resources()) > 40

    assert engine.preview("--diff").unchanged
    assert engine.refresh("--expect-no-changes").unchanged
