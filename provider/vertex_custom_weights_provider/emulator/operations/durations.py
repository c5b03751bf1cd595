"""How long operations take and what happens on the way: `durations.json` as steps.

A step's `share` is its part of the whole duration; the duration is the settings' time for
deployments or for other operations, varied by `jitter` (0.1 is up to a tenth either way).
"""

from __future__ import annotations

import json
import random
from functools import cache
from importlib.resources import files
from typing import Any

from vertex_custom_weights_provider.emulator.settings import Settings

from .operations import Step


@cache
def table() -> dict[str, Any]:
    """Return the data file's content."""
    text = files(__name__.rpartition(".")[0]).joinpath("durations.json").read_text("utf-8")
    return json.loads(text)


def steps(settings: Settings, kind: str) -> tuple[Step, ...]:
    """Return the steps of one kind of operation with their times in virtual seconds."""
    row = table()[kind]
    deploys = row["takes"] == "deploy"
    seconds = settings.deploy_duration if deploys else settings.operation_duration
    seconds *= 1 + row["jitter"] * random.uniform(-1, 1)  # noqa: S311 - not a secret
    return tuple(
        Step(seconds * step["share"], step.get("effect", ""), step.get("stage", ""))
        for step in row["steps"]
    )
