"""What the Pulumi engine does with one resource, without the engine: check, diff, act, remember.

It keeps what the engine would keep, in the cases that matter here: an unfinished resource is saved
and updated next time, a failed create leaves nothing, a replaced resource is deleted afterwards and
its deletion is repeated until it succeeds, and a killed process leaves the state as it was.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from vertex_custom_weights_provider.call.call import InitFailed
from vertex_custom_weights_provider.tokens import token

from .world import World

Bag = dict[str, Any]


class Refused(Exception):
    """Check found problems."""


@dataclass
class Saved:
    """A resource in the state file."""

    id: str
    inputs: Bag
    outs: Bag
    unfinished: tuple[str, ...] = ()


class SmallEngine:
    """One resource of one stack.

    With `saves_unfinished` off it is the engine above Pulumi's bundled server, to which an
    unfinished resource is a failed step like any other.
    """

    def __init__(
        self,
        world: World,
        kind: str,
        name: str = "chat",
        stack: str = "dev",
        *,
        saves_unfinished: bool = True,
    ) -> None:
        self.world = world
        self.kind = kind
        self.urn = f"urn:pulumi:{stack}::shop::{token(kind)}::{name}"
        self.saves_unfinished = saves_unfinished
        self.saved: Saved | None = None
        self.to_delete: list[Saved] = []
        self.program: Bag = {}  # what was last asked for
        self.forgotten = ""  # the id of something that is to be imported

    def _served(self) -> AbstractContextManager[Any]:
        return self.world.serving(self.kind, self.urn, bundled=not self.saves_unfinished)

    def check(self, inputs: Bag, *, fresh: bool = False) -> Bag:
        olds = {} if fresh or self.saved is None else self.saved.inputs
        with self._served() as provider:
            found = provider.check(olds, inputs)
        if found.failures:
            raise Refused("\n".join(f"{f.property}: {f.reason}" for f in found.failures))
        return found.inputs

    def diff(self, inputs: Bag) -> Any:
        assert self.saved is not None
        with self._served() as provider:
            return provider.diff(self.saved.id, self.saved.outs, self.check(inputs))

    def up(self, inputs: Bag, *, replace: bool = False) -> str:
        """Bring the resource to `inputs`; says what was done."""
        self.program = inputs
        while self.to_delete:
            self._delete_replaced()
        checked = self.check(inputs)
        if self.saved is None:
            self._create(checked)
            return "created"
        diff = self.diff(inputs)
        if diff.replaces or replace:
            return self._replace(self.check(inputs, fresh=True), diff.delete_before_replace)
        if not (diff.changes or self.saved.unfinished):
            return "unchanged"
        self._update(checked)
        return "updated"

    def preview(self, inputs: Bag) -> str:
        """Say what `up` would do."""
        if self.saved is None:
            return "created"
        diff = self.diff(inputs)
        if diff.replaces:
            return "replaced"
        return "updated" if diff.changes or self.saved.unfinished else "unchanged"

    def refresh(self) -> str:
        """Read; says whether anything is different."""
        assert self.saved is not None
        with self._served() as provider:
            found = provider.read(self.saved.id, self.saved.outs)
        if not found.id:
            self.saved = None
            return "gone"
        changed = found.outs != self.saved.outs
        self.saved = Saved(found.id, found.inputs or {}, found.outs)
        return "changed" if changed else "unchanged"

    def import_(self, id: str) -> Bag:
        with self._served() as provider:
            found = provider.read(id, {})
        assert found.id
        self.saved = Saved(found.id, found.inputs or {}, found.outs)
        return self.saved.inputs

    def destroy(self) -> None:
        while self.to_delete:
            self._delete_replaced()
        if self.saved is not None:
            self._delete(self.saved)
            self.saved = None

    def _create(self, checked: Bag) -> None:
        try:
            with self._served() as provider:
                made = provider.create(checked)
        except InitFailed as unfinished:
            self._save_unfinished(checked, unfinished)
            raise
        self.saved = Saved(made.id, checked, made.outs or {})

    def _update(self, checked: Bag) -> None:
        assert self.saved is not None
        try:
            with self._served() as provider:
                made = provider.update(self.saved.id, self.saved.outs, checked)
        except InitFailed as unfinished:
            self._save_unfinished(checked, unfinished)
            raise
        self.saved = Saved(self.saved.id, checked, made.outs or {})

    def _save_unfinished(self, checked: Bag, unfinished: InitFailed) -> None:
        if not self.saves_unfinished:
            return
        self.saved = Saved(unfinished.id, checked, unfinished.outputs, unfinished.reasons)

    def _replace(self, checked: Bag, old_goes_first: bool) -> str:
        assert self.saved is not None
        old = self.saved
        if old_goes_first:
            self._delete(old)
            self.saved = None
            self._create(checked)
            return "replaced"
        try:
            self._create(checked)
        finally:
            if self.saved is not old:
                self.to_delete.append(old)
        self._delete_replaced()
        return "replaced"

    def _delete_replaced(self) -> None:
        self._delete(self.to_delete[0])
        self.to_delete.pop(0)

    def _delete(self, saved: Saved) -> None:
        with self._served() as provider:
            provider.delete(saved.id, saved.outs)
