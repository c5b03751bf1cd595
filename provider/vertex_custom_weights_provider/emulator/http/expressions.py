"""Filter expressions of list calls, read in one pass: `a=b AND (labels.c:* OR NOT d="e f")`.

Comparisons side by side count as joined by AND, which binds less tightly than OR in none of the
APIs emulated here. What a comparison means is the caller's: each API has operators of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from vertex_custom_weights_provider.emulator.envelope import Json

Predicate = Callable[[Json], bool]
# Makes the predicate of a comparison: path, operator, value.
Compare = Callable[[str, str, str], Predicate]

# Longer ones are refused: filters of clients have a few hundred characters.
LONGEST = 8192
_MOST_NESTED = 100  # the parser calls itself for each

_SPACE = re.compile(r"\s*+")
_KEYWORD = re.compile(r"(AND|OR|NOT)\b(?!\s*[=!<>:])", re.IGNORECASE)
_FIELD = re.compile(r"[^\s=!<>:()\"']++")
_OPERATOR = re.compile(r"!=|>=|<=|=|:|>|<|(?:eq|ne)\b")
_VALUE = re.compile(r"\"((?:[^\"\\]|\\.)*+)\"|'([^']*+)'|([^\s()\"']++)", re.DOTALL)


class FilterError(ValueError):
    """The text is no filter expression."""


class Filter(msgspec.Struct):
    """A filter that was read.

    Attributes:
        matches: Whether an item is one of those asked for.
        required: Equalities that hold for every match; a store can look those up in its index.
    """

    matches: Predicate
    required: dict[str, str] = msgspec.field(default_factory=dict[str, str])


def parse(text: str, compare: Compare) -> Filter:
    """Read a filter expression; an empty one matches everything.

    Raises:
        FilterError: It is none, or too long.
    """
    if not text.strip():
        return Filter(lambda item: True)
    if len(text) > LONGEST:
        raise FilterError(text[:60])
    reader = _Reader(text, compare)
    matches = reader.expression(depth=0)
    if reader.rest():
        raise FilterError(text)
    return Filter(matches, {} if reader.optional else reader.equal)


class _Reader:
    def __init__(self, text: str, compare: Compare) -> None:
        self.text = text
        self.compare = compare
        self.position = 0
        self.optional = False
        self.equal: dict[str, str] = {}

    def rest(self) -> bool:
        """Whether anything is left but space."""
        self._take(_SPACE)
        return self.position < len(self.text)

    def expression(self, depth: int) -> Predicate:
        """Read terms joined by OR."""
        if depth > _MOST_NESTED:
            raise FilterError(self.text)
        terms = [self._all(depth)]
        while self._keyword("OR"):
            self.optional = True
            terms.append(self._all(depth))
        return terms[0] if len(terms) == 1 else lambda item: any(term(item) for term in terms)

    def _all(self, depth: int) -> Predicate:
        terms = [self._term(depth)]
        while self._keyword("AND") or self._another():
            terms.append(self._term(depth))
        return terms[0] if len(terms) == 1 else lambda item: all(term(item) for term in terms)

    def _another(self) -> bool:
        return (
            self.rest() and self.text[self.position] != ")" and not self._keyword("OR", keep=True)
        )

    def _term(self, depth: int) -> Predicate:
        if self._keyword("NOT"):
            self.optional = True
            if depth > _MOST_NESTED:
                raise FilterError(self.text)
            inner = self._term(depth + 1)
            return lambda item: not inner(item)
        if self.rest() and self.text[self.position] == "(":
            self.position += 1
            inner = self.expression(depth + 1)
            if not self.rest() or self.text[self.position] != ")":
                raise FilterError(self.text)
            self.position += 1
            return inner
        return self._comparison()

    def _comparison(self) -> Predicate:
        path, operator = self._need(_FIELD)[0], self._need(_OPERATOR)[0]
        found = self._need(_VALUE)
        value = next(group for group in found.groups() if group is not None)
        if operator == "=":
            self.equal[path] = value
        return self.compare(path, operator, value)

    def _keyword(self, word: str, *, keep: bool = False) -> bool:
        self._take(_SPACE)
        found = _KEYWORD.match(self.text, self.position)
        if found is None or found[1].upper() != word:
            return False
        if not keep:
            self.position = found.end()
        return True

    def _need(self, pattern: re.Pattern[str]) -> re.Match[str]:
        self._take(_SPACE)
        found = self._take(pattern)
        if found is None:
            raise FilterError(self.text)
        return found

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.text, self.position)
        if found is not None:
            self.position = found.end()
        return found
