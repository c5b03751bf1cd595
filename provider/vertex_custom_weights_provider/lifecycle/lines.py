"""What is said of a resource: a sentence, the rule or property it stands for, and how grave it is.

Sentences reach people through the engine, which carries text and a URN and nothing else. So the id
stands at their end in brackets, as linters write theirs: a reader can look it up, and `vcw report`
joins by it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec

from vertex_custom_weights_provider.preflight.rules import Severity

_SHOWN = re.compile(r"(?P<text>.*\S) \[(?P<id>[A-Za-z][\w.-]*)\]", re.DOTALL)


class Line(msgspec.Struct, frozen=True):
    """One sentence about a resource.

    Attributes:
        id: A rule of preflight (`F2`), the property that changes (`gcsUri`), or what is meant in
            one or two words (`callers`, `in-place`).
        text: The sentence, without a full stop where it is a clause.
        severity: `error`, `warn` or `info`.
        resource: URN of the resource; filled in by whoever knows it.
    """

    id: str
    text: str
    severity: Severity = "info"
    resource: str = ""

    @property
    def shown(self) -> str:
        """The sentence as the engine carries it."""
        return f"{self.text} [{self.id}]"


class Read(NamedTuple):
    """A line as it was read back: its id, empty when it has none, and the sentence."""

    id: str
    text: str


def read(shown: str) -> Read:
    """Take a line of the engine apart."""
    found = _SHOWN.fullmatch(shown.strip())
    return Read(found["id"], found["text"]) if found else Read("", shown)
