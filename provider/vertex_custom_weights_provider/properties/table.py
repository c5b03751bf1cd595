"""Specs read as tables: each property with its type and what is noted about it."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, NamedTuple, cast, get_args, get_origin

import msgspec

from vertex_custom_weights_provider.properties.base import (
    COMPUTED,
    INTERNAL,
    RENEWED,
    About,
    Configured,
    Mutability,
    Outputs,
    Spec,
    Words,
)


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
    def internal(self) -> bool:
        """Whether `check` alone fills it in, so that programs cannot set it."""
        return INTERNAL in self.notes

    @property
    def configured(self) -> str:
        """Key of `gcp:` whose value holds where a program leaves it out; empty without."""
        return next((note.key for note in self.notes if isinstance(note, Configured)), "")

    @property
    def renewed(self) -> bool:
        """Whether a rollout in place changes it, as it does some outputs."""
        return RENEWED in self.notes

    @property
    def about(self) -> About:
        """What people are told of it."""
        return next((note for note in self.notes if isinstance(note, About)), About(""))

    @property
    def description(self) -> str:
        """All that people are told of it, as sentences."""
        return str(self.about)

    @property
    def words(self) -> tuple[str, ...]:
        """The words that it may be, the default first; empty when it is not one of a few."""
        return next((note.allowed for note in self.notes if isinstance(note, Words)), ())

    @property
    def block(self) -> type[Spec] | None:
        """The spec that the property holds, if it holds one."""
        kind = cast("object", self.kind)
        return kind if isinstance(kind, type) and issubclass(kind, Spec) else None


@cache
def properties(model: type[Spec] | type[Outputs]) -> tuple[Property, ...]:
    """Return the property table of a spec, or of outputs, in order."""
    return tuple(
        Property(field.name, field.encode_name, *bare(field.type), field.required)
        for field in msgspec.structs.fields(model)
    )


@cache
def output_names(model: type[Spec]) -> tuple[str, ...]:
    """Return the wire names of what a resource tells besides its inputs."""
    return tuple(row.wire for row in properties(model.outputs))


def bare(kind: Any) -> tuple[Any, tuple[Any, ...]]:
    """Return a type without its annotations and without None; and the annotations, inner first."""
    if get_origin(kind) is Annotated:
        inner, notes = bare(kind.__origin__)
        return inner, (*notes, *kind.__metadata__)
    options = get_args(kind)
    if type(None) in options:
        return bare(next(option for option in options if option is not type(None)))
    return kind, ()
