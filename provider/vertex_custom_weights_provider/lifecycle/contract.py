"""The shape every resource's lifecycle has, so that one adapter can serve them all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from vertex_custom_weights_provider.api.cloud import Cloud
from vertex_custom_weights_provider.lifecycle.diff import PropertyChange
from vertex_custom_weights_provider.lifecycle.lines import Line
from vertex_custom_weights_provider.properties.base import Problem, Spec
from vertex_custom_weights_provider.properties.common import Timeouts
from vertex_custom_weights_provider.properties.parsing import Parsed

S = TypeVar("S", bound=Spec)
Outputs = dict[str, Any]


class Live(msgspec.Struct, Generic[S], frozen=True):
    """A resource as it is in the cloud.

    Attributes:
        id: Resource id.
        spec: The inputs that would make it so.
        outputs: What only the cloud knows.
    """

    id: str
    spec: S
    outputs: Outputs


class Examined(msgspec.Struct, frozen=True):
    """What `check` found out about the inputs beyond their types.

    Attributes:
        chosen: Computed inputs, by wire name.
        problems: What must stop the preview.
        warnings: What a reviewer should see.
        notes: What a reviewer may want to know, such as cost.
        facts: The examination of the weights as plain data, where there was one.
    """

    chosen: Mapping[str, Any]
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Line, ...] = ()
    notes: tuple[Line, ...] = ()
    facts: Mapping[str, Any] | None = None


class _Timed(Protocol):
    @property
    def timeouts(self) -> Timeouts | None: ...


def timeouts_of(spec: _Timed) -> Timeouts:
    """Return how long to wait for a resource: as the program says, or by default."""
    return spec.timeouts or Timeouts()


class Lifecycle(Protocol[S]):
    """One resource's life. Functions hold no state; everything comes in as arguments."""

    model: type[S]

    def examine(
        self, parsed: Parsed[S], old: Mapping[str, Any], urn: str | None, cloud: Cloud
    ) -> Examined:
        """Choose ids and look for problems. Runs in previews: never spends, never waits."""
        ...

    def previewed(self, inputs: Mapping[str, Any]) -> tuple[Outputs, Iterable[str]]:
        """Return the outputs that are known before anything exists, and the names of the rest."""
        ...

    def ailing(self, outputs: Outputs) -> PropertyChange | None:
        """Return the change that a bad live state asks for, though no input changed."""
        ...

    def create(self, spec: S, cloud: Cloud) -> Live[S]:
        """Make the object, or finish making it. Safe to repeat at any point."""
        ...

    def read(self, id: str, spec: S | None, outputs: Outputs, cloud: Cloud) -> Live[S] | None:
        """Return the object as it is, or None when it is gone.

        `spec` is None on import; `outputs` then have what an adoption says beside (`gcsUri`).
        """
        ...

    def update(self, id: str, old: S, outputs: Outputs, new: S, cloud: Cloud) -> Live[S]:
        """Change the object in place, or finish making it when an earlier create was cut off."""
        ...

    def delete(self, id: str, spec: S, outputs: Outputs, cloud: Cloud) -> None:
        """Remove the object and what came with it; gone already is success."""
        ...
