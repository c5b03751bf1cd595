"""Changing what others may change at the same moment, under an etag or a fingerprint."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TypeVar

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.cloud import Cloud
from vertex_custom_weights_provider.lifecycle.steps.waiting import pauses

T = TypeVar("T")
_PATIENCE_SECONDS = 30.0
_OUTRUN = (errors.Aborted, errors.ConditionNotMet)  # other refusals: the object itself is busy
_TRIES = 6  # at least: a laptop may have slept through the time


def until_first(
    cloud: Cloud, name: str, change: Callable[[], T], beaten: Callable[[errors.ApiError], bool]
) -> T:
    """Read and write again until nobody has come in between.

    Args:
        cloud: Where.
        name: What is changed.
        change: Reads it, and writes under the lock that it has read.
        beaten: Tells a refusal because somebody was faster.

    Raises:
        errors.ApiError: refused for another reason; or others were faster for half a minute.
    """
    deadline = cloud.clock.now() + _PATIENCE_SECONDS
    for tries, pause in enumerate(pauses(first=0.1, longest=2.0), start=1):
        try:
            return change()
        except errors.ApiError as refused:
            if not beaten(refused):
                raise
            if tries >= _TRIES and cloud.clock.now() >= deadline:
                raise _always_beaten(name, refused) from None
            others = isinstance(refused, _OUTRUN)
        # Those who were refused together must not come again together.
        cloud.clock.sleep(pause * random.uniform(0.5, 1.5) if others else pause)  # noqa: S311
    raise AssertionError  # pauses never end


def _always_beaten(name: str, refused: errors.ApiError) -> errors.ApiError:
    return type(refused)(
        f"{name} could not be changed for {errors.span(_PATIENCE_SECONDS)}, because others change "
        f"it again and again, or it is busy ({refused.message.rstrip('.')}). Nothing was "
        "overwritten. Run again when they are done.",
        http_status=refused.http_status,
        status=refused.status,
        reason=refused.reason,
        call=refused.call,
        metadata=refused.metadata,
    )
