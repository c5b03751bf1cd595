"""URNs, taken apart."""

from __future__ import annotations

from dataclasses import dataclass

_PREFIX = "urn:pulumi:"


@dataclass(frozen=True)
class Urn:
    """A URN, `urn:pulumi:STACK::PROJECT::PARENT_TYPE$TYPE::NAME`.

    Attributes:
        types: Types of its ancestors, outermost first, and its own type last.
        name: In the program; may hold colons.
    """

    stack: str
    project: str
    types: tuple[str, ...]
    name: str

    @classmethod
    def parse(cls, text: str) -> Urn:
        """Take a URN apart; of something else only the name is known, which is all of it."""
        parts = text.removeprefix(_PREFIX).split("::", 3)
        if not text.startswith(_PREFIX) or len(parts) < 4:
            return cls("", "", (), text)
        return cls(parts[0], parts[1], tuple(parts[2].split("$")), parts[3])

    @property
    def type(self) -> str:
        """Type token of the resource itself."""
        return self.types[-1] if self.types else ""

    def __str__(self) -> str:
        """Spell it as Pulumi does."""
        if not self.types:
            return self.name
        return f"{_PREFIX}{self.stack}::{self.project}::{'$'.join(self.types)}::{self.name}"
