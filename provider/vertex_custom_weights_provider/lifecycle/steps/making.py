"""Make something, or take over what an earlier try has made: never twice, and never lost.

None of Vertex AI's creating calls has an idempotency key. So everything that is made goes this way:
look first; wait for the operation that makes it, if one runs already; else ask once, and look again
before asking a second time. Where the end of what was begun is not seen, `errors.CutOff` says so:
the resource is then kept as unfinished, and the next run comes back here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

import msgspec

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.cloud import Cloud
from vertex_custom_weights_provider.api.messages import Message, Named, Operation
from vertex_custom_weights_provider.lifecycle.identity import ownership
from vertex_custom_weights_provider.lifecycle.remedies.deployment import is_stockout
from vertex_custom_weights_provider.lifecycle.steps.waiting import (
    finish,
    passes,
    pauses,
    resumable,
    to_finish,
)

F = TypeVar("F", bound=Message)
T = TypeVar("T")
_TRIES = 5  # after the first, when nobody says whether that has arrived
_ALREADY_EXISTS = 6  # google.rpc code


class SoFar(msgspec.Struct, frozen=True):
    """How far a making has come when its object is there.

    Attributes:
        asked: It was asked for meanwhile, here or by an earlier try that was still at work.
        operation: Name of the operation that made it; empty when it was there already.
    """

    asked: bool
    operation: str


@dataclass(frozen=True)
class Making(ABC, Generic[F, T]):
    """Something that is to be made, and how. `F` is the object, `T` what becomes of it.

    Attributes:
        cloud: Where.
        by: What is written on it.
        name: Its full name.
        seconds: How long to wait for it.
    """

    cloud: Cloud
    by: ownership.Stamp
    name: str
    seconds: float

    usual: ClassVar[str] = ""
    """How long it usually takes, in words."""
    conflicts: ClassVar[tuple[type[errors.VcwError], ...]] = ()
    """Refusals that pass, because they are about the moment only."""

    @property
    @abstractmethod
    def doing(self) -> str:
        """What a status line says, such as `creating endpoint x`."""

    @abstractmethod
    def look(self) -> F | None:
        """Return the object as it is."""

    def replaced(self, found: F) -> bool:
        """Tell whether an object of ours is the one that is to be replaced; refuse a stranger's."""
        del found
        return False

    def running(self, found: F | None) -> Operation | None:
        """Return the operation that makes it and has not ended yet."""
        del found
        return None

    def barred(self) -> bool:
        """Tell, before it is asked for, whether the name cannot be used."""
        return False

    @abstractmethod
    def start(self) -> Operation | None:
        """Ask for it, once; returns what to wait for, if anything."""

    def reserved(self) -> bool:
        """Tell whether a name that was refused as taken is not to be had: nothing is there."""
        return False

    def outrun(self, trouble: errors.VcwError) -> bool:
        """Tell whether others were faster, so that this try does not count."""
        del trouble
        return False

    @abstractmethod
    def accept(self, found: F, so_far: SoFar) -> T | None:
        """Take what is there and bring it in line; None when it is not what is wanted."""

    def refused(self, refusal: errors.ApiError) -> errors.VcwError:
        """Return what is said when the request is refused."""
        return refusal

    def failed(self, failure: errors.OperationFailed) -> errors.VcwError:
        """Clean up after an operation that failed, and return what is said of it."""
        return failure


def make(making: Making[F, T]) -> T | None:
    """Make it, or take it over; None when the name cannot be used.

    Raises:
        errors.CutOff: it was begun, and its end not seen.
        errors.ForeignOwner: it is there, and somebody else's.
        errors.VcwError: it was refused, or has failed.
    """
    run = _Run(making)
    rest, rests = 0.0, pauses()
    while True:
        try:
            if rest:
                making.cloud.clock.sleep(rest)
            if run.step():
                return run.made
            rest = 0.0
        except errors.VcwError as trouble:
            run.weigh(trouble)
            rest = next(rests)


class _Run(Generic[F, T]):
    """One making on its way."""

    def __init__(self, making: Making[F, T]) -> None:
        self.making = making
        self.made: T | None = None
        self.begun = False  # whether something of ours may come, whatever we see
        self.asked = False
        self.operation = ""
        self.tries = 0

    def step(self) -> bool:
        """Look, and do what is next; tells whether that was the end of it."""
        making = self.making
        with resumable(self.begun):
            found = making.look()
            if found is None or isinstance(found, Named):
                making.by.meet(making.name, found)
            if found is not None and not self.asked:
                self._leave_to_others(found)
            if found is not None and making.replaced(found):
                return True
            running = making.running(found)
        if running is not None:
            if found is None and not self.asked:
                making.by.join(making.name)
            return self._follow(running)
        if found is not None:
            with resumable(self.begun):
                self.made = making.accept(found, SoFar(self.asked, self.operation))
            return True
        if not self.asked and making.barred():
            return True
        return self._ask()

    def _leave_to_others(self, found: F) -> None:
        """Refuse what another state has finished; what nobody has finished is gone on with."""
        making = self.making
        labels = found.labels if isinstance(found, Named) else {}
        if making.by.bars(labels) and making.running(found) is None:
            told = ownership.of_another_state(making.name, labels, finished=True)
            raise errors.ForeignOwner(told)

    def _ask(self) -> bool:
        earlier, self.begun = self.begun, True
        try:
            operation = self.making.start()
        except errors.ApiError as refusal:
            self.begun = earlier or _passing(refusal)
            return self._taken(refusal)
        self.asked = True
        return operation is not None and self._follow(operation)

    def _follow(self, operation: Operation) -> bool:
        making = self.making
        self.begun = self.asked = True
        self.operation = operation.name
        try:
            finish(making.cloud, operation, making.doing, making.seconds, making.usual)
        except errors.NotFound:
            pass  # operations are kept for a while only; what was made tells how it ended
        except errors.OperationFailed as failure:
            self.begun = False
            return self._taken(failure)
        return False

    def _taken(self, trouble: errors.VcwError) -> bool:
        """Tell whether the name is not to be had; raise what has another cause."""
        if _is_taken(trouble):
            with resumable(self.begun):
                if self.making.reserved():
                    return True
        raise trouble

    def weigh(self, trouble: errors.VcwError) -> None:
        """Return when looking again may help; else raise what there is to say."""
        making = self.making
        if isinstance(trouble, errors.OperationFailed) and not _is_taken(trouble):
            raise making.failed(trouble) from None
        self.tries += not making.outrun(trouble)
        passing = _is_taken(trouble) or _passing(trouble) or isinstance(trouble, making.conflicts)
        if passing and self.tries <= _TRIES:
            return
        if self.begun and not isinstance(trouble, errors.ForeignOwner):
            told = to_finish(trouble, making.name, self.operation)
            raise errors.CutOff(told, self.operation) from None
        if isinstance(trouble, errors.CutOff):  # of a change to what was there: nothing was begun
            raise errors.VcwError(str(trouble)) from None
        raise making.refused(trouble) if isinstance(trouble, errors.ApiError) else trouble


def _is_taken(trouble: errors.VcwError) -> bool:
    """Tell a taken name, whether the request or its operation reports it."""
    if isinstance(trouble, errors.OperationFailed):
        return trouble.code == _ALREADY_EXISTS
    return isinstance(trouble, errors.AlreadyExists)


def _passing(trouble: errors.VcwError) -> bool:
    return passes(trouble) and not is_stockout(trouble)
