"""Reaching a goal that takes time, through lost answers, refusals and work already under way."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterator

import msgspec

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api import operations
from vertex_custom_weights_provider.api.cloud import Cloud
from vertex_custom_weights_provider.api.messages import Json, Operation
from vertex_custom_weights_provider.api.names import last
from vertex_custom_weights_provider.lifecycle.remedies import permissions

# Vertex AI refuses a delete for a while after an undeploy, and any second change to an endpoint
# while one runs. Minutes pass; an hour would mean that something else holds the object.
_PATIENCE_SECONDS = 300.0
_LAG_SECONDS = 1.0
_HOW = "Run `pulumi up` again"
_REFUSED = (errors.Aborted, errors.FailedPrecondition)
_UNCERTAIN = (errors.NoAnswer, errors.Unavailable)


END_UNSEEN = (
    errors.CutOff,
    errors.Cancelled,
    errors.StillRunning,
    errors.NoAnswer,
    errors.Unavailable,
    errors.NoCredentials,
    errors.Unauthenticated,
)
"""With these nobody knows how what was begun ends: it is kept in the state, and resumed."""
_REFUSED_CODES = (9, 10)  # FAILED_PRECONDITION and ABORTED, inside an operation


class Goal(msgspec.Struct, frozen=True):
    """Something to bring about by one kind of request.

    Attributes:
        what: As a status line says it, such as `deleting endpoint x`.
        scope: Resource whose running operations may stand in the way.
        reached: Looks whether it is so already.
        start: Asks for it once; returns the operation, or None when there is nothing to do.
    """

    what: str
    scope: str
    reached: Callable[[], bool]
    start: Callable[[], Operation | None]


def finish(cloud: Cloud, operation: Operation, what: str, seconds: float, usual: str = "") -> Json:
    """Wait for an operation, telling how long it has been, and return its response."""

    def progress(waited: float) -> None:
        # A narrow terminal shows the first words only.
        number = last(operation.name)
        since = f"{errors.span(waited)} so far" if waited >= 1 else ""
        times = ", ".join(filter(None, (f"usually {usual}" if usual else "", since)))
        cloud.report.status(f"{times}{': ' if times else ''}{what} (operation {number})")

    with resumable():
        return operations.wait(
            cloud.vertex,
            operation,
            clock=cloud.clock,
            deadline=cloud.clock.now() + seconds,
            progress=progress,
        )


@contextlib.contextmanager
def resumable(begun: object = True) -> Generator[None]:
    """Have what was begun count as begun, whatever keeps us from seeing its end.

    Only an end that was seen, or another owner, says that there is nothing of ours to remember.
    """
    try:
        yield
    except (*END_UNSEEN, errors.OperationFailed, errors.NotFound, errors.ForeignOwner):
        raise
    except errors.VcwError as trouble:
        if not begun:
            raise
        raise errors.CutOff(permissions.told(trouble)) from None


def to_finish(trouble: errors.VcwError, name: str, operation: str = "") -> str:
    """Return what happened to something that was begun, and how to go on."""
    if isinstance(trouble, errors.StillRunning) or _HOW in str(trouble):  # it says so itself
        return str(trouble)
    goes_on = f"; operation {operation} goes on at Google" if operation else ""
    told = permissions.told(trouble).rstrip(".")
    return f"{told}{goes_on}. {_HOW} to finish {name}."


def achieve(cloud: Cloud, goal: Goal, seconds: float) -> None:
    """Bring a goal about: look, ask, wait; and look again whenever the answer was unclear.

    Raises:
        errors.VcwError: it was refused for longer than patience or `seconds` allow.
    """
    deadline = cloud.clock.now() + seconds
    patience = cloud.clock.now() + min(seconds, _PATIENCE_SECONDS)
    for pause in pauses():
        if goal.reached():
            return
        try:
            operation = goal.start()
            if operation is not None:
                finish(cloud, operation, goal.what, deadline - cloud.clock.now())
        except errors.VcwError as refusal:
            if isinstance(refusal, errors.NotFound) and goal.reached():
                return
            if not _may_pass(refusal):
                raise
            if _sat_out(cloud, goal, deadline):
                patience = cloud.clock.now() + _PATIENCE_SECONDS
            elif cloud.clock.now() >= patience:
                raise
            else:
                cloud.report.status(f"{goal.what}: refused for now, trying again")
                cloud.clock.sleep(pause)
        else:
            return


def _may_pass(refusal: errors.VcwError) -> bool:
    """Tell whether asking again may bring another answer."""
    if isinstance(refusal, errors.OperationFailed):
        return refusal.code in _REFUSED_CODES
    return isinstance(refusal, _REFUSED) or passes(refusal)


def passes(trouble: errors.VcwError) -> bool:
    """Tell trouble on the way, which says nothing about the request itself."""
    return isinstance(trouble, _UNCERTAIN) or too_fast(trouble)


def too_fast(refusal: errors.VcwError) -> bool:
    """Tell too many requests, which passes, from a spent quota, which is an answer."""
    if not isinstance(refusal, errors.ResourceExhausted):
        return False
    words = refusal.message.lower()
    return "per minute" in words or "quota" not in words


def _sat_out(cloud: Cloud, goal: Goal, deadline: float) -> bool:
    """Wait for an operation that stands in the way; tells whether there was one."""
    return sit_out(cloud, goal.scope, goal.what, deadline - cloud.clock.now())


def sit_out(cloud: Cloud, scope: str, what: str, seconds: float) -> bool:
    """Wait for an operation of a resource, if one runs; how it ends is its own.

    Returns whether that took time: a list may lag behind, and name for a while what has ended.
    """
    began = cloud.clock.now()
    running = next(unfinished(cloud, scope), None)
    if running is None:
        return False
    try:
        finish(cloud, running, f"{what}: waiting for what runs", seconds)
    except (errors.OperationFailed, errors.NotFound):
        pass
    except errors.StillRunning as late:
        raise errors.StillRunning(late.operation, late.waited, what) from None
    return cloud.clock.now() - began >= _LAG_SECONDS


def unfinished(cloud: Cloud, scope: str) -> Iterator[Operation]:
    """Yield the operations of a resource that are still running."""
    try:
        for operation in cloud.vertex.list(Operation, scope):
            if not operation.done:
                yield operation
    except errors.NotFound:
        return


def pauses(first: float = 1.0, longest: float = 20.0) -> Iterator[float]:
    """Yield growing pauses, for ever."""
    pause = first
    while True:
        yield pause
        pause = min(pause * 2, longest)
