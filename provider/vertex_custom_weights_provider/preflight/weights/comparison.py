"""Compares the tensors of a checkpoint with the layout of its architecture."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from vertex_custom_weights_provider.architectures import OPTIONAL, Key, Layout, Place, find

from .header import TensorInfo

_NUMBER = re.compile(r"(?<=\.)([0-9]{1,9})(?=\.)")
FLOATS = frozenset({"BF16", "F16", "F32", "F64"})
_OF_ANY_FLOAT = ("model", "F32")
Found = Mapping[str, Mapping[Key, TensorInfo]]
Kinds = Mapping[str, list[Key]]


class Unlike(NamedTuple):
    """A tensor that is not as the configuration says."""

    tensor: TensorInfo
    place: Place


def grouped(tensors: Iterable[TensorInfo]) -> Found:
    """Sort tensors by their names' patterns, and by the numbers in the names."""
    found: dict[str, dict[Key, TensorInfo]] = defaultdict(dict)
    split = _NUMBER.split
    for tensor in tensors:
        parts = split(tensor.name.replace("*", "?"))
        found["*".join(parts[::2])][tuple(parts[1::2])] = tensor
    return found


def spelled(pattern: str, key: Key) -> str:
    """Return a name from its pattern and numbers."""
    numbers = iter(key)
    return "".join(next(numbers, "*") if letter == "*" else letter for letter in pattern)


def compare(config: Mapping[str, Any], tensors: Iterable[TensorInfo]) -> Comparison | None:
    """Compare tensors with the layout; None where nothing is known of such a model's tensors.

    Raises:
        FormulaError: the configuration does not hold what sizes depend on.
    """
    architecture = find(config)
    if architecture is None:
        return None
    found = grouped(tensors)
    layout = Layout(architecture, config, found)
    layout.kinds  # noqa: B018 - sizes are computed here
    return Comparison(layout, found)


class Comparison:
    """What a checkpoint lacks, has too much of, or has in another form than its layout."""

    def __init__(self, layout: Layout, found: Found) -> None:
        self.layout = layout
        self.found = found

    @cached_property
    def missing(self) -> Kinds:
        """Tensors that serving needs and nobody stored."""
        return dict(self._absent(lambda place: not place.spare))

    def _absent(self, wanted: Callable[[Place], bool]) -> Iterator[tuple[str, list[Key]]]:
        for pattern, places in self.layout.kinds.items():
            stored = self.found.get(pattern, {})
            if len(stored) >= len(places) and places.keys() <= stored.keys():
                continue
            lost = [key for key, place in places.items() if key not in stored and wanted(place)]
            if lost:
                yield pattern, lost

    @cached_property
    def foreign(self) -> Kinds:
        """Tensors that the model has no place for."""
        strange: dict[str, list[Key]] = {}
        for pattern, stored in self.found.items():
            places = self.layout.kinds.get(pattern, {})
            if self.layout.architecture.steps_over(pattern):
                continue
            extra = [key for key in stored if key not in places]
            if extra:
                strange[pattern] = extra
        return strange

    @cached_property
    def incomplete(self) -> Mapping[str, Kinds]:
        """Of what serving does without: groups that are there in part, and what they lack."""
        there: set[str] = set()
        lacking: dict[str, dict[str, list[Key]]] = defaultdict(dict)
        for pattern, places in self.layout.kinds.items():
            stored = self.found.get(pattern, {})
            for key, place in places.items():
                if not place.spare or place.spare == OPTIONAL:
                    continue
                if key in stored:
                    there.add(place.spare)
                else:
                    lacking[place.spare].setdefault(pattern, []).append(key)
        return {group: lost for group, lost in lacking.items() if group in there}

    @cached_property
    def empty(self) -> Mapping[str, list[Unlike]]:
        """Tensors that hold nothing where the model has numbers."""
        return self._unlike(
            lambda tensor, place: 0 in tensor.shape and 0 not in (place.shape or ())
        )

    @cached_property
    def misshapen(self) -> Mapping[str, list[Unlike]]:
        """Tensors of another shape than the configuration says."""
        wrong = self._unlike(
            lambda tensor, place: place.shape is not None and tensor.shape != place.shape
        )
        whole = {
            pattern: [unlike for unlike in unlikes if 0 not in unlike.tensor.shape]
            for pattern, unlikes in wrong.items()
        }
        return {pattern: unlikes for pattern, unlikes in whole.items() if unlikes}

    @cached_property
    def mistyped(self) -> Mapping[str, list[Unlike]]:
        """Tensors that are no floating-point numbers where the model computes with them."""
        return self._unlike(
            lambda tensor, place: place.dtype in _OF_ANY_FLOAT and tensor.dtype not in FLOATS
        )

    def _unlike(self, differs: Callable[[TensorInfo, Place], bool]) -> Mapping[str, list[Unlike]]:
        unlike: dict[str, list[Unlike]] = {}
        for pattern, places in self.layout.kinds.items():
            stored = self.found.get(pattern, {})
            found = [
                Unlike(tensor, places[key])
                for key, tensor in stored.items()
                if key in places and differs(tensor, places[key])
            ]
            if found:
                unlike[pattern] = found
        return unlike

    @cached_property
    def served_bytes(self) -> int:
        """What is loaded into accelerator memory; matrices in float32 are halved on the way."""
        total = 0
        for pattern, places in self.layout.kinds.items():
            for key, tensor in self.found.get(pattern, {}).items():
                place = places.get(key)
                if place is not None and not place.spare:
                    total += loaded_bytes(tensor, plain=place.dtype == "model")
        return total


def loaded_bytes(tensor: TensorInfo, *, plain: bool = True) -> int:
    """Return what a tensor takes once it is loaded as bfloat16, unless it has to stay float32."""
    halved = plain and tensor.dtype == "F32" and len(tensor.shape) > 1
    return tensor.nbytes // 2 if halved else tensor.nbytes
