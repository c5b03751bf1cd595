"""What `vcw` prints can steer neither the terminal nor the build that runs it.

Names of files, messages of services and answers of models end up in its lines. A terminal obeys
control characters among them, and a build's runner obeys lines that begin with `::error` or hold
`##[command]` (GitHub, Azure Pipelines, TeamCity).
"""

from __future__ import annotations

import io
import re
import sys
from typing import TextIO

_COLOUR = r"\x1b\[[0-9;]*m"  # what this program itself sends
# Also what ends a line, turns the direction of writing, or no encoding has. What joins letters and
# emoji, and the blanks of other scripts, are text.
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
# The last character of each is set apart, so that a text may come in any pieces.
_COMMAND = re.compile(r"(?m)^([^\S\n]*:)(?=:)|(##(?:vso|teamcity)?)(?=\[)")
_KEPT = 64


def shown(text: str) -> str:
    """Return text in which every control character is written out: its number in hexadecimal."""
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def install() -> None:
    """Have all that is printed from now on be harmless."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if not isinstance(stream, Harmless):
            setattr(sys, name, Harmless(stream))


class Harmless(io.TextIOBase):
    """A text stream over another.

    Attributes:
        inner: The stream beneath, for what has to move the cursor.
    """

    def __init__(self, inner: TextIO) -> None:
        """Take the stream to write to; it stays its owner's to close."""
        self.inner = inner
        self._line = ""

    @property
    def encoding(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        """That of the stream beneath."""
        return self.inner.encoding or "utf-8"

    @property
    def errors(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        """What happens to characters that the encoding has not."""
        return self.inner.errors or "strict"

    def write(self, text: str, /) -> int:
        """Write a text that may be a part of a line."""
        colours = re.split(f"({_COLOUR})", text)
        colours[::2] = map(shown, colours[::2])
        before, whole = len(self._line), self._line + "".join(colours)

        def apart(found: re.Match[str]) -> str:
            return found[0] if found.end() < before else f"{found[0]} "

        self.inner.write(_COMMAND.sub(apart, whole)[before:])
        self._line = _kept(whole)
        return len(text)

    def flush(self) -> None:
        """Flush the stream beneath."""
        self.inner.flush()

    def isatty(self) -> bool:
        """Tell whether a terminal shows it."""
        return self.inner.isatty()

    def fileno(self) -> int:
        """Return the descriptor of the stream beneath."""
        return self.inner.fileno()

    def writable(self) -> bool:
        """It is for writing only."""
        return True


def _kept(text: str) -> str:
    """Return what has to be known of the line that goes on."""
    line = text.rpartition("\n")[2]
    return line if len(line) <= _KEPT or not line.strip() else f".{line[-_KEPT:]}"
