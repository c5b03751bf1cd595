"""More deployments than the engine works on at a time, told in the preview.

Each operation takes one of the engine's places, also while it only waits for Google. There are four
places for each core, unless PULUMI_PARALLEL or --parallel says otherwise.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

import pulumi
from pulumi.runtime import settings

_settings: Any = settings.SETTINGS  # of the running deployment
_MINUTES = "15 to 40 minutes"


def warn_of_turns(deployed: Iterable[pulumi.Output[str]]) -> None:
    """Warn in a preview when deployments will have to wait for each other.

    Args:
        deployed: An output of each deployment that a preview does not know before it is made.
    """
    places: int | None = _settings.parallel
    outputs = list(deployed)
    if pulumi.runtime.is_dry_run() and places and len(outputs) > places:
        asyncio.ensure_future(_warn(outputs, places))


async def _warn(outputs: list[pulumi.Output[str]], places: int) -> None:
    known = await asyncio.gather(*(one.is_known() for one in outputs), return_exceptions=True)
    told = turns(known.count(False), places)
    if told:
        pulumi.log.warn(told)


def turns(deployments: int, places: int) -> str:
    """Return what is to be said of so many deployments in so few places; empty when they fit."""
    if deployments <= places:
        return ""
    rounds = -(-deployments // places)
    return (
        f"{deployments} deployments are to be made and Pulumi works on {places} operations at a "
        f"time: {rounds} turns of {_MINUTES} each. Set PULUMI_PARALLEL={deployments} (or "
        f"--parallel {deployments}) for one turn: waiting for Google costs this machine nothing."
    )
