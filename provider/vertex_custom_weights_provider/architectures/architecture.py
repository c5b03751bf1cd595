"""One architecture: which tensors a checkpoint of it holds, for a given configuration."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple, cast

import msgspec

from .formula import FormulaError, names, value
from .quantized import form_of, form_published, method, sizes, stored
from .table import Row, pattern, rows

MOST_TENSORS = 250_000
_MOST_LAYERS = 10_000
_DIGITS = 10
# What vLLM's loader passes over in every model.
_ROTARY_BUFFERS = ("rotary_emb.inv_freq", "rotary_emb.cos_cached", "rotary_emb.sin_cached")
Key = tuple[str, ...]


OPTIONAL = "optional"


class Place(NamedTuple):
    """Where one tensor is expected.

    Attributes:
        shape: Its sizes; None for any.
        dtype: As a table says it.
        spare: Group of tensors that serving does without, `optional` for one on its own; empty
            where serving needs it.
        formulas: What the sizes were computed from.
    """

    shape: tuple[int, ...] | None
    dtype: str
    spare: str
    formulas: tuple[str, ...]


class Part(msgspec.Struct, frozen=True):
    """A model beside the text decoder, with a configuration of its own.

    Attributes:
        keys: What formulas read of it, with the defaults of its class.
        optional: A configuration without it describes a model without it.
    """

    keys: Mapping[str, Any]
    optional: bool = False


class Architecture(msgspec.Struct, frozen=True, dict=True):
    """All tensors of a checkpoint, declared.

    Attributes:
        model_type: As `config.json` names it.
        classes: Classes of transformers that generate with it.
        table: The tensors; see `table`.
        counts: Formula for how many there are of each numbered thing; a list counts as its length.
        keys: What formulas read of the text decoder's configuration, with the class's defaults;
            a default of None has to be stated.
        renamed: Other names of keys, and the key each stands for.
        derived: Values made of others, in this order.
        nested: The text decoder's configuration is in `text_config`.
        parts: Models beside it, by the word before `_config`.
        spellings: Prefixes that other writers use: from the table's to theirs. One mapping a
            spelling; the first is the table's own, as published.
        ignored: Prefixes of names that serving steps over, whatever they are.
        since: Major version of transformers that is the first to have it; at least 4.
    """

    model_type: str
    classes: tuple[str, ...]
    table: str
    counts: Mapping[str, str]
    keys: Mapping[str, Any]
    renamed: Mapping[str, str] = {}
    derived: Mapping[str, str] = {}
    nested: bool = False
    parts: Mapping[str, Part] = {}
    spellings: tuple[Mapping[str, str], ...] = ({},)
    ignored: tuple[str, ...] = ()
    since: int = 4

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The table, read."""
        return rows(self.table)

    @cached_property
    def spelled(self) -> tuple[tuple[Row, ...], ...]:
        """The table in each spelling."""
        return tuple(
            tuple(msgspec.structs.replace(row, name=_moved(row.name, moves)) for row in self.rows)
            for moves in self.spellings
        )

    def values(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """Return what formulas read of a configuration, the same for every layer."""
        inner = _mapping(config.get("text_config")) if self.nested else config
        other = {key: inner[name] for name, key in self.renamed.items() if name in inner}
        found = _known(self.keys, {**other, **inner})
        tied = config.get("tie_word_embeddings")
        if isinstance(tied, bool):
            found["tie_word_embeddings"] = tied
        for name, part in self.parts.items():
            given = config.get(f"{name}_config")
            absent = part.optional and given is None
            found[name] = None if absent else _known(part.keys, _mapping(given))
        for name, formula in self.derived.items():
            if name not in self.varying:
                found[name] = value(formula, found)
        return found

    @cached_property
    def patterns(self) -> frozenset[str]:
        """Every kind of tensor in any spelling and any way to store it."""
        return frozenset(pattern(row.name) for spelled in self.spelled for row in spelled)

    def steps_over(self, name: str) -> bool:
        """Whether serving passes over a tensor of this name, whatever it holds."""
        return name.startswith(self.ignored) or name.endswith(_ROTARY_BUFFERS)

    def keys_of(self, formula: str) -> tuple[str, ...]:
        """Return the keys of the configuration that a formula depends on."""
        found: dict[str, None] = {}
        for name in sorted(names(formula)):
            inner = self.derived.get(name)
            if inner is not None and name not in names(inner):
                found |= dict.fromkeys(self.keys_of(inner))
            elif name not in self.counts:
                found[name] = None
        return tuple(found)

    @cached_property
    def varying(self) -> Mapping[str, str]:
        """Names whose value is another one for each layer (or other numbered thing)."""
        found = {name: name for name in self.counts}
        for name, formula in self.derived.items():
            on = [found[used] for used in names(formula) if used in found]
            if on:
                found[name] = on[0]
        return found


def _moved(name: str, moves: Mapping[str, str]) -> str:
    for old, new in moves.items():
        if name.startswith(old):
            return new + name[len(old) :]
    return name


def _mapping(given: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", given) if isinstance(given, Mapping) else {}


def _known(keys: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _numbered(given.get(key, default)) for key, default in keys.items()}


def _numbered(found: Any) -> Any:
    """Return a mapping by layer with numbers for keys, however JSON had to write them."""
    by_name = _mapping(found)
    if by_name and all(name.isdecimal() and len(name) < _DIGITS for name in by_name):
        return {int(name): inner for name, inner in by_name.items()}
    return found


class Layout:
    """The tensors of one architecture in one configuration, as one checkpoint spells them.

    Args:
        architecture: What is declared.
        config: A parsed `config.json`.
        patterns: Names that the checkpoint holds, numbers replaced by asterisks; it decides which
            spelling is meant, and which tensors are quantized. None for the published form.

    Raises:
        FormulaError: the configuration does not hold what the shapes depend on.
    """

    def __init__(
        self,
        architecture: Architecture,
        config: Mapping[str, Any],
        patterns: Collection[str] | None = None,
    ) -> None:
        self.architecture = architecture
        self.values = architecture.values(config)
        self._patterns = patterns
        self._published = form_published(config)
        self._known = sizes(config)
        self._scopes: dict[str, list[Mapping[str, Any]]] = {}
        self.rows = self._chosen(method(config).get("quant_method"))
        self.counts = {name: self._count(name) for name in architecture.counts}

    @cached_property
    def kinds(self) -> Mapping[str, Mapping[Key, Place]]:
        """Every expected tensor: by its name's pattern, and the numbers in it."""
        found: dict[str, dict[Key, Place]] = {}
        every = (placed for row in self.rows for placed in self._places(row))
        for number, (name, key, place) in enumerate(every):
            if number >= MOST_TENSORS:
                raise FormulaError(", ".join(self.architecture.counts.values()))
            found.setdefault(name, {})[key] = place
        return found

    @cached_property
    def other_forms(self) -> frozenset[str]:
        """Patterns that this checkpoint would have in another spelling or way to store it."""
        return self.architecture.patterns - {pattern(row.name) for row in self.rows}

    def _chosen(self, quantized: Any) -> tuple[Row, ...]:
        """Take the spelling, and of each choice the way, that most names of the checkpoint fit."""
        every = self.architecture.spelled
        if self._patterns is None:
            taken = every[0]
        else:
            there = self._patterns
            taken = max(every, key=lambda spelled: _fitting(spelled, there))
        ways: dict[str, dict[str, list[Row]]] = {}
        for row in taken:
            if row.choice:
                ways.setdefault(row.choice, {}).setdefault(row.way, []).append(row)
        keep = {choice: self._way(found, quantized) for choice, found in ways.items()}
        return tuple(row for row in taken if not row.choice or keep[row.choice] == row.way)

    def _way(self, ways: Mapping[str, list[Row]], quantized: Any) -> str:
        if self._patterns is None:
            return quantized if quantized in ways else next(iter(ways))
        there = self._patterns
        return max(ways, key=lambda way: _fitting(ways[way], there))

    def _count(self, place: str) -> int:
        found = value(self.architecture.counts[place], self.values)
        if isinstance(found, list):
            found = len(cast("list[Any]", found))
        if type(found) is not int or not 0 <= found <= _MOST_LAYERS:
            raise FormulaError(self.architecture.counts[place])
        return found

    def _scope(self, place: str) -> list[Mapping[str, Any]]:
        """Return the values of each layer (or other numbered thing)."""
        if place not in self._scopes:
            varying = self.architecture.varying
            mine = {
                name: formula
                for name, formula in self.architecture.derived.items()
                if varying.get(name) == place
            }
            self._scopes[place] = [
                self._with(mine, {**self.values, place: n}) for n in range(self.counts[place])
            ]
        return self._scopes[place]

    @staticmethod
    def _with(formulas: Mapping[str, str], values: dict[str, Any]) -> Mapping[str, Any]:
        for name, formula in formulas.items():
            values[name] = value(formula, values)
        return values

    def _places(self, row: Row) -> Iterator[tuple[str, Key, Place]]:
        for first, values in self._indexes(row):
            if row.condition and not value(row.condition, values):
                continue
            keys = [first]
            for inner in row.places[1:]:
                keys = [(*key, str(n)) for key in keys for n in range(self.counts[inner])]
            for name, place in self._tensors(row, values):
                for key in keys:
                    yield name, key, place

    def _indexes(self, row: Row) -> Iterable[tuple[Key, Mapping[str, Any]]]:
        if not row.places:
            return [((), self.values)]
        return [((str(n),), scope) for n, scope in enumerate(self._scope(row.places[0]))]

    def _tensors(self, row: Row, values: Mapping[str, Any]) -> Iterator[tuple[str, Place]]:
        shape = tuple(value(size, values) for size in row.shape)
        if not all(type(size) is int and size >= 0 for size in shape):
            raise FormulaError(", ".join(row.shape))
        where = row.spare_condition
        spare = row.spare if row.spare and (not where or value(where, values)) else ""
        name = pattern(row.name)
        form = self._form(row, name)
        if form is None:
            yield name, Place(shape, row.dtype, spare, row.shape)
            return
        stem = name.removesuffix("weight")
        for tensor, size in stored(form, shape, self._known):
            absent = spare or (OPTIONAL if tensor.spare else "")
            yield f"{stem}{tensor.suffix}", Place(size, tensor.dtype, absent, tensor.shape or ())

    def _form(self, row: Row, name: str) -> Any:
        if not row.matrix:
            return None
        if self._patterns is None:
            return self._published
        return form_of(name.removesuffix("weight"), self._patterns)


def _fitting(table: Iterable[Row], patterns: Collection[str]) -> int:
    return sum(1 for row in table if pattern(row.name) in patterns)
