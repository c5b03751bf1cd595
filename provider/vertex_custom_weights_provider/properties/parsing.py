"""From wire values to specs, once, at the edge.

In previews a value may be unknown, and a program may have several things wrong at once. So each
property is read by itself, at every depth: what is known and right is available to further checks,
what is wrong is reported by its path, and what is unknown is left for the real run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, Generic, TypeVar, cast, get_args, get_origin

import msgspec

from vertex_custom_weights_provider.properties import problem_texts
from vertex_custom_weights_provider.properties.base import Problem, Rule, Spec, Wrong
from vertex_custom_weights_provider.properties.problem_texts import converted
from vertex_custom_weights_provider.properties.table import bare, properties

S = TypeVar("S", bound=Spec)


class Parsed(msgspec.Struct, Generic[S], frozen=True):
    """The outcome of parsing: a spec of what is known and right, and everything else by name."""

    spec: S
    problems: tuple[Problem, ...]
    unknown: frozenset[str]
    usable: frozenset[str]

    def known(self, *names: str) -> bool:
        """Tell whether all these wire names are known and right (or unset)."""
        bad = {problem.path.split(".")[0].split("[")[0] for problem in self.problems}
        return not self.unknown.intersection(names) and not bad.intersection(names)

    def has(self, *names: str) -> bool:
        """Tell whether all these wire names have a value that is known and right."""
        return self.usable.issuperset(names)


def parse(
    model: type[S], wire: Mapping[str, Any], is_unknown: Callable[[Any], bool] = lambda _: False
) -> Parsed[S]:
    """Parse wire inputs, collecting every problem instead of stopping at the first.

    Keys that start with `__` belong to Pulumi and are passed over, and so are nulls: in Pulumi
    an absent property and a null one are the same.
    """
    given = {key: value for key, value in wire.items() if not key.startswith("__")}
    unknown = frozenset(key for key, value in given.items() if _contains(value, is_unknown))
    reader = _Reader()
    spec = reader.block(model, given, "", unknown)
    usable = frozenset(
        p.wire for p in properties(model) if p.wire in given and getattr(spec, p.name) is not None
    )
    return Parsed(spec, tuple(reader.problems), unknown, usable)


def load(model: type[S], wire: Mapping[str, Any]) -> S:
    """Parse inputs that `check` has already accepted, or what Google's API says.

    Properties that a newer or older version of this package knows are passed over: state must
    stay usable across versions.

    Raises:
        ValueError: `check` was not run, or another program wrote the state.
    """
    reader = _Reader(passes_over_strays=True)
    spec = reader.block(model, wire, "")
    if reader.problems:
        raise ValueError("; ".join(f"{p.path}: {p.message}" for p in reader.problems))
    return spec


class _Unreadable(Exception):  # noqa: N818 - never leaves this module
    """A value was wrong, and why has been kept."""


class _Reader:
    """Reads values, and keeps what is wrong with them by path."""

    def __init__(self, *, passes_over_strays: bool = False) -> None:
        self.problems: list[Problem] = []
        self._passes_over_strays = passes_over_strays

    def block(
        self,
        model: type[S],
        wire: Mapping[str, Any],
        path: str,
        unknown: frozenset[str] = frozenset(),
    ) -> S:
        """Return the spec of what is right; what is required and lacks is None in it."""
        before = len(self.problems)
        values: dict[str, Any] = {}
        for row in properties(model):
            given = None if row.wire in unknown else wire.get(row.wire)
            if given is not None:
                with suppress(_Unreadable):
                    values[row.name] = self._value(row.kind, row.notes, given, _at(path, row.wire))
            elif row.required and row.wire not in unknown:
                self.problems.append(Problem(_at(path, row.wire), problem_texts.missing(row)))
            if row.required:
                values.setdefault(row.name, None)
        if not self._passes_over_strays:
            self._strays(model, wire, path)
        spec = model(**values)
        if not unknown and len(self.problems) == before:
            self._keep(spec.conflicts(), path)
        return spec

    def _strays(self, model: type[Spec], wire: Mapping[str, Any], path: str) -> None:
        names = [row.wire for row in properties(model)]
        for key, value in wire.items():
            if key not in names and value is not None:
                self.problems.append(Problem(_at(path, key), problem_texts.stray(key, names)))

    def _value(self, kind: Any, notes: tuple[Any, ...], value: Any, path: str) -> Any:
        read = self._typed(kind, notes, value, path)
        for note in notes:
            if isinstance(note, Rule):
                read = self._obeyed(note.check, read, path)
        return read

    def _typed(self, kind: Any, notes: tuple[Any, ...], value: Any, path: str) -> Any:
        limits = tuple(note for note in notes if isinstance(note, msgspec.Meta))
        if get_origin(kind) is list:
            self._fitting(list[Any], limits, value, path)
            entries = enumerate(cast("list[Any]", value))
            each = bare(get_args(kind)[0])
            return self._all([(*each, entry, f"{path}[{number}]") for number, entry in entries])
        if get_origin(kind) is dict:
            held: dict[str, Any] = self._fitting(dict[str, Any], limits, value, path)
            each = bare(get_args(kind)[1])
            read = self._all([(*each, entry, _at(path, key)) for key, entry in held.items()])
            return dict(zip(held, read, strict=True))
        if issubclass(kind, Spec):
            before = len(self.problems)
            spec = self.block(kind, self._fitting(dict[str, Any], (), value, path), path)
            if len(self.problems) > before:
                raise _Unreadable
            return spec
        return self._fitting(kind, limits, value, path)

    def _all(self, entries: list[tuple[Any, tuple[Any, ...], Any, str]]) -> list[Any]:
        """Read every entry, to hear of all that are wrong."""
        read: list[Any] = []
        for entry in entries:
            with suppress(_Unreadable):
                read.append(self._value(*entry))
        if len(read) < len(entries):
            raise _Unreadable
        return read

    def _fitting(self, kind: Any, limits: tuple[msgspec.Meta, ...], value: Any, path: str) -> Any:
        try:
            return converted(value, kind, limits)
        except msgspec.ValidationError:
            self.problems.append(Problem(path, problem_texts.unfit(value, kind, limits)))
            raise _Unreadable from None

    def _keep(self, problems: Iterable[Problem], path: str) -> None:
        self.problems += [Problem(_at(path, found.path), found.message) for found in problems]

    def _obeyed(self, rule: Callable[[Any], Any], value: Any, path: str) -> Any:
        try:
            return rule(value)
        except Wrong as wrong:
            self._keep(wrong.problems, path)
        except ValueError as error:  # a sentence without its full stop
            self.problems.append(Problem(path, f"{error}."))
        raise _Unreadable


def _at(path: str, below: str) -> str:
    return f"{path}.{below}" if path and below else path or below


def _contains(value: Any, is_unknown: Callable[[Any], bool]) -> bool:
    if is_unknown(value):
        return True
    if isinstance(value, Mapping):
        entries = cast("Mapping[str, Any]", value).values()
        return any(_contains(entry, is_unknown) for entry in entries)
    if isinstance(value, list):
        return any(_contains(item, is_unknown) for item in cast("list[Any]", value))
    return False
