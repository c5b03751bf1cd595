"""The notation that layouts are written in: one line for each kind of tensor.

    model.layers.{layer}.self_attn.q_proj.bias | queries | if attention_bias

A name, a shape as formulas, and after it what else is to be said, in any order:

- `if FORMULA`: there only where it is true;
- `spare GROUP [if FORMULA]`: checkpoints hold it or do not, and serving does not need it. The
  tensors of one group are there together or not at all;
- `dtype TYPE`: stored in this type whatever the model's is;
- `plain`: a matrix that quantized checkpoints keep as it is;
- `form CHOICE=WAY`: one of several ways to store the same numbers, of which a checkpoint takes one.

`{layer}`, `{expert}` and other words in braces are numbers; the architecture says how many.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Literal

import msgspec

MODEL_DTYPE = "model"
_PLACE = re.compile(r"\{(\w+)\}")


class Row(msgspec.Struct, frozen=True, dict=True):
    """One kind of tensor.

    Attributes:
        name: With the words that stand for numbers.
        shape: A formula a dimension; none for a scalar.
        condition: Formula that says where it is; empty for everywhere.
        spare: Group of tensors that serving does without; empty if it needs this one.
        spare_condition: Formula that says where it is spare; empty for everywhere.
        dtype: `model`, or a type of safetensors.
        plain: Never quantized.
        choice: What it is one way of storing, such as `experts`.
        way: Which one, such as `fused`.
    """

    name: str
    shape: tuple[str, ...]
    condition: str = ""
    spare: str = ""
    spare_condition: str = ""
    dtype: str = MODEL_DTYPE
    plain: bool = False
    choice: str = ""
    way: str = ""

    @cached_property
    def places(self) -> tuple[str, ...]:
        """Words in the name that stand for numbers, in their order."""
        return tuple(_PLACE.findall(self.name))

    @cached_property
    def matrix(self) -> bool:
        """Whether it is the weight of a linear layer, which quantization may change."""
        two = len(self.shape) == len(("out", "in"))
        return two and self.name.endswith(".weight") and not self.plain


def pattern(name: str) -> str:
    """Return a name with an asterisk for each number."""
    return _PLACE.sub("*", name)


def rows(text: str) -> tuple[Row, ...]:
    """Read a table."""
    return tuple(_row(line) for line in text.splitlines() if line.strip())


def under(prefix: str, text: str) -> str:
    """Return a table with something in front of each name."""
    return "\n".join(f"{prefix}{line.strip()}" for line in text.splitlines() if line.strip())


def said(text: str, more: str) -> str:
    """Return a table with one more thing said of each line."""
    return "\n".join(f"{line.strip()} | {more}" for line in text.splitlines() if line.strip())


def _row(line: str) -> Row:
    name, shape, *notes = (cell.strip() for cell in line.split("|"))
    found: dict[str, str | bool] = {}
    for note in notes:
        found |= dict(_note(note, str(found.get("condition", ""))))
    sizes = tuple(size.strip() for size in _commas(shape))
    return Row(name, sizes, **found)  # pyright: ignore[reportArgumentType] - made from its fields


_Field = Literal["condition", "spare", "spare_condition", "dtype", "plain", "choice", "way"]


def _note(note: str, condition: str) -> Iterator[tuple[_Field, str | bool]]:
    word, _, rest = note.partition(" ")
    if word == "if":
        # What is said of a whole table comes after what a line says itself, and decides first.
        yield "condition", f"({rest}) and ({condition})" if condition else rest
    elif word == "spare":
        group, _, where = rest.partition(" if ")
        yield "spare", group.strip()
        yield "spare_condition", where.strip()
    elif word == "dtype":
        yield "dtype", rest
    elif word == "plain":
        yield "plain", True
    elif word == "form":
        choice, _, way = rest.partition("=")
        yield "choice", choice
        yield "way", way
    else:
        message = f"a table cannot say {note!r}"
        raise SyntaxError(message)


def _commas(shape: str) -> list[str]:
    return [size for size in shape.split(",") if size.strip()]
