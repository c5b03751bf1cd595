"""What a survey finds: objects in the cloud, as the resources that would describe them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vertex_custom_weights_provider.lifecycle.contract import Live, Outputs
from vertex_custom_weights_provider.properties.base import Spec


@dataclass(frozen=True)
class Thing:
    """One object.

    Attributes:
        kind: Resource class, such as `PscAddress`.
        name: Name for the resource in a program.
        live: The object, as an import reads it.
        holder: `project/stack/resource` that manages it; empty when nobody does.
        remarks: What its resource has no property for, in sentences.
    """

    kind: str
    name: str
    live: Live[Any]
    holder: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The name that `adopt` and `pulumi import` take."""
        return self.live.id

    @property
    def spec(self) -> Spec:
        """The inputs that describe it."""
        return self.live.spec

    @property
    def outputs(self) -> Outputs:
        """What only the cloud knows."""
        return self.live.outputs


@dataclass(frozen=True)
class Group:
    """An endpoint and what belongs to it, each after what it builds on.

    Attributes:
        title: What a person calls it.
        endpoint: Full name of the endpoint.
        things: The objects.
    """

    title: str
    endpoint: str
    things: tuple[Thing, ...]

    @property
    def free(self) -> tuple[Thing, ...]:
        """The objects that nobody manages."""
        return tuple(thing for thing in self.things if not thing.holder)


@dataclass(frozen=True)
class Survey:
    """All that was found.

    Attributes:
        project: Google Cloud project.
        locations: Regions that were looked at.
        defaults: What the stack's configuration says for `project`, `location` and `region`.
        groups: Endpoints with weights of one's own.
        passed_over: What was left out and why, in sentences.
    """

    project: str
    locations: tuple[str, ...]
    defaults: Mapping[str, str]
    groups: tuple[Group, ...]
    passed_over: tuple[str, ...]
