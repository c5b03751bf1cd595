"""Patterns that clients send, matched in time proportional to pattern and text.

Python's own expressions go back and try again, which a few characters can make last for hours.
These follow all ways through the pattern at once, as the service's library RE2 does.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import msgspec

_MOST_NESTED = 50
_CLASSES = {"d": "0-9", "w": "0-9A-Za-z_", "s": " \t\n\r\f\v"}
_REPEATS = {"*": (True, True), "+": (False, True), "?": (True, False)}


class PatternError(ValueError):
    """The text is no pattern, or uses what is not understood here."""


class _Set(msgspec.Struct, frozen=True):
    """The characters that one step takes; `negated` means all others."""

    ranges: tuple[tuple[str, str], ...]
    negated: bool = False

    def takes(self, character: str) -> bool:
        return any(low <= character <= high for low, high in self.ranges) is not self.negated


_ANY = _Set((), negated=True)


class _State(msgspec.Struct):
    """A place in the pattern: a step on, or (without one) several places to go on from."""

    takes: _Set | None = None
    then: list[int] = msgspec.field(default_factory=list[int])


class Pattern:
    """A compiled pattern."""

    def __init__(self, states: list[_State], start: int, end: int) -> None:
        self._states, self._start, self._end = states, start, end

    def fullmatch(self, text: str) -> bool:
        """Whether the pattern takes the whole text."""
        here = self._reached([self._start])
        for character in text:
            here = self._reached(
                target
                for at in here
                if (step := self._states[at].takes) is not None and step.takes(character)
                for target in self._states[at].then
            )
            if not here:
                return False
        return self._end in here

    def _reached(self, starts: Iterable[int]) -> set[int]:
        found: set[int] = set()
        waiting = list(starts)
        while waiting:
            at = waiting.pop()
            if at not in found:
                found.add(at)
                if self._states[at].takes is None:
                    waiting += self._states[at].then
        return found


@lru_cache(maxsize=64)
def regular(text: str) -> Pattern:
    """Compile a regular expression: literals, `.`, classes, groups, `|`, `*`, `+`, `?`, escapes.

    Raises:
        PatternError: It is none, or has anything else, such as `{2,3}`.
    """
    reader = _Reader(text)
    start, end = reader.alternatives(0)
    if reader.position < len(text):
        raise PatternError(text)
    return Pattern(reader.states, start, end)


@lru_cache(maxsize=64)
def wildcard(text: str) -> Pattern:
    """Compile a text in which `*` stands for any characters."""
    reader = _Reader("")
    return Pattern(
        reader.states, *reader.chain([_ANY if c == "*" else _one(c) for c in text], text)
    )


def _one(character: str) -> _Set:
    return _Set(((character, character),))


class _Reader:
    """Builds the places of a pattern by Thompson's construction."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.states: list[_State] = []

    def _place(self, takes: _Set | None = None, then: list[int] | None = None) -> int:
        self.states.append(_State(takes, then or []))
        return len(self.states) - 1

    def chain(self, steps: list[_Set], text: str) -> tuple[int, int]:
        """Build the places of a wildcard text: a star is taken any number of times."""
        start = at = self._place()
        for step, character in zip(steps, text, strict=True):
            end = self._place()
            if character == "*":
                loop = self._place(step)
                self.states[loop].then = [at]
                self.states[at].then += [loop, end]
            else:
                self.states[at].then.append(self._place(step, [end]))
            at = end
        return start, at

    def alternatives(self, depth: int) -> tuple[int, int]:
        """Read what stands between bars, up to a closing bracket or the end."""
        if depth > _MOST_NESTED:
            raise PatternError(self.text)
        start, end = self._place(), self._place()
        while True:
            first, last = self._sequence(depth)
            self.states[start].then.append(first)
            self.states[last].then.append(end)
            if self._peek() != "|":
                return start, end
            self.position += 1

    def _sequence(self, depth: int) -> tuple[int, int]:
        start = at = self._place()
        while self._peek() not in ("", "|", ")"):
            first, last = self._repeated(depth)
            self.states[at].then.append(first)
            at = last
        return start, at

    def _repeated(self, depth: int) -> tuple[int, int]:
        first, last = self._atom(depth)
        if (repeat := _REPEATS.get(self._peek())) is not None:
            self.position += 1
            skips, again = repeat
            start, end = self._place(then=[first]), self._place()
            self.states[last].then.append(end)
            if skips:
                self.states[start].then.append(end)
            if again:
                self.states[last].then.append(first)
            first, last = start, end
        return first, last

    def _atom(self, depth: int) -> tuple[int, int]:
        character = self._next()
        if character == "(":
            if self.text.startswith("?:", self.position):
                self.position += 2
            found = self.alternatives(depth + 1)
            if self._next() != ")":
                raise PatternError(self.text)
            return found
        if character in "*+?{}":
            raise PatternError(self.text)
        end = self._place()
        if character in "^$":
            # A match is of the whole text anyway.
            return self._place(then=[end]), end
        return self._place(self._taken(character), [end]), end

    def _taken(self, character: str) -> _Set:
        if character == ".":
            return _ANY
        if character == "[":
            return self._class()
        return self._escaped() if character == "\\" else _one(character)

    def _escaped(self) -> _Set:
        character = self._next()
        if character.lower() in _CLASSES:
            return _Set(_ranges(_CLASSES[character.lower()]), negated=character.isupper())
        if character.isalnum():
            raise PatternError(self.text)
        return _one(character)

    def _class(self) -> _Set:
        negated = self._peek() == "^"
        self.position += negated
        end = self.text.find("]", self.position + 1)
        content = self.text[self.position : end]
        if end < 0 or "\\" in content:
            raise PatternError(self.text)
        self.position = end + 1
        return _Set(_ranges(content), negated)

    def _peek(self) -> str:
        return self.text[self.position : self.position + 1]

    def _next(self) -> str:
        character = self._peek()
        if not character:
            raise PatternError(self.text)
        self.position += 1
        return character


def _ranges(content: str) -> tuple[tuple[str, str], ...]:
    """The ranges of a character class, such as `a-z0-9_`."""
    found: list[tuple[str, str]] = []
    position = 0
    while position < len(content):
        low = content[position]
        spans = content[position + 1 : position + 2] == "-" and position + 2 < len(content)
        found.append((low, content[position + 2] if spans else low))
        position += 3 if spans else 1
    return tuple(found)
