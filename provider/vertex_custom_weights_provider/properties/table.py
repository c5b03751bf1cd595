"""Specs read as tables: each property with its type and what is noted about it."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, NamedTuple, cast, get_args, get_origin

import msgspec

from vertex_custom_weights_provider.properties.base import COMPUTED, Mutability, Spec


class Property(NamedTuple):
    """One line of a property table.

    Attributes:
        name: In Python, snake_case.
        wire: In state, previews and errors, camelCase.
        kind: Its type, `None` taken away.
        notes: What is annotated: `Mutability`, `Computed`, `Rule`, `msgspec.Meta`.
        required: Whether a program has to set it.
    """

    name: str
    wire: str
    kind: Any
    notes: tuple[Any, ...]
    required: bool

    @property
    def mutability(self) -> Mutability | None:
        """What a change means; None where the block around the property says it."""
        return next((note for note in self.notes if isinstance(note, Mutability)), None)

    @property
    def computed(self) -> bool:
        """Whether it is filled in when a program leaves it out."""
        return COMPUTED in self.notes

    @property
    def description(self) -> str:
        """What the table says of it; empty where constructors say it."""
        metas = (note for note in self.notes if isinstance(note, msgspec.Meta))
        return next((meta.description for meta in metas if meta.description), "")

    @property
    def block(self) -> type[Spec] | None:
        """The spec that the property holds, if it holds one."""
        kind = cast("object", self.kind)
        return kind if isinstance(kind, type) and issubclass(kind, Spec) else None


@cache
def properties(model: type[Spec]) -> tuple[Property, ...]:
    """Return the property table of a spec, in order."""
    return tuple(
        Property(field.name, field.encode_name, *bare(field.type), field.required)
        for field in msgspec.structs.fields(model)
    )


def bare(kind: Any) -> tuple[Any, tuple[Any, ...]]:
    """Return a type without its annotations and without None; and the annotations, inner first."""
    if get_origin(kind) is Annotated:
        inner, notes = bare(kind.__origin__)
        return inner, (*notes, *kind.__metadata__)
    options = get_args(kind)
    if type(None) in options:
        return bare(next(option for option in options if option is not type(None)))
    return kind, ()
