"""The base models that Model Garden documents for custom weights, one row each.

Shapes and parameter counts come from the published configurations; every row names its sources in
`data/models.json`. The file is a snapshot with a date: Google extends the table, so an unlisted
model is a reason to warn and to ask the service, not proof that it cannot be served.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec

from ._data import load
from .suggest import fold, hint


class UnknownModelError(LookupError):
    """No row of the table goes by this name."""


class Shape(msgspec.Struct, frozen=True):
    """What tells base models apart in a `config.json`; the vocabulary is left out on purpose.

    Fine-tunes resize the vocabulary and change the maximum position, never these.
    """

    model_type: str
    layers: int
    hidden: int
    ffn: int
    heads: int
    kv_heads: int
    experts: int | None


class Rope(msgspec.Struct, frozen=True):
    """Rotary embedding parameters that separate models of equal shape."""

    theta: float
    type: str
    factor: float | None


class Attention(msgspec.Struct, frozen=True):
    """What the key-value cache of one sequence costs.

    Attributes:
        full_layers: Layers whose cache grows with the context.
        window_layers: Layers whose cache stops at `window` (plus one prefill batch).
        window: Tokens a windowed layer looks back, if any.
        bytes_per_token_per_layer: In bfloat16, keys and values together.
        state_bytes: Recurrent state a sequence, independent of its length.
        replicated: Every tensor-parallel rank holds the whole cache (multi-head latent attention).
    """

    full_layers: int
    window_layers: int
    window: int | None
    bytes_per_token_per_layer: int
    state_bytes: int
    replicated: bool


class Model(msgspec.Struct, frozen=True):
    """One row of the documented table.

    Attributes:
        id: Our name for it, such as `llama-3.2-1b`.
        name: Google's name for the row.
        parameters: Unique parameters, a tied head counted once.
        not_served_parameters: Stored but not loaded (multi-token prediction modules).
        bf16_bytes: Bytes of the served weights in bfloat16.
        checkpoint_bytes: Bytes of the tensors in the published checkpoint.
        native_bytes: Served bytes of the published quantized checkpoint, if that is how it ships.
        native_quantization: `quantization_config` essentials of that checkpoint.
        tensor_parallel: Tensor-parallel sizes that vLLM accepts.
        shards: Weight files of the published checkpoint.
        published_specs: Machines that Google's notebooks use, as `machine/accelerator x count`.
        default_machine: Machine that serves it, with all of its accelerators, unless another one
            is asked for; `default_machine_rule` in the data says how it was chosen.
        lists: Google's pages that name it, each with the name that it has there.
        chat: Some variant of it is published with a chat template.
    """

    id: str
    name: str
    family: str
    repositories: tuple[str, ...]
    architectures: tuple[str, ...]
    model_type: str
    dtype: str
    multimodal: bool
    tied: bool
    shape: Shape
    head_dim: int | None
    vocab: int
    max_position: int
    rope: Rope
    attention: Attention
    parameters: int
    not_served_parameters: int
    bf16_bytes: int
    checkpoint_bytes: int
    native_bytes: int | None
    native_quantization: dict[str, Any] | None
    ships_auto_map: bool
    tensor_parallel: tuple[int, ...]
    tokenizer_files: tuple[str, ...]
    shards: int
    published_specs: tuple[str, ...]
    default_machine: str
    note: str | None
    lists: dict[str, str]
    chat: bool = True


_NOT_FIELDS = frozenset({"sources", "bytes"})
_LISTS = frozenset(
    {"repositories", "architectures", "tensor_parallel", "tokenizer_files", "published_specs"}
)


def _model(row: dict[str, Any]) -> Model:
    fields: dict[str, Any] = {
        key: tuple(value) if key in _LISTS else value
        for key, value in row.items()
        if key not in _NOT_FIELDS
    }
    rope, size = row["rope"], row["bytes"]
    fields |= {
        "shape": Shape(**row["shape"]),
        "rope": Rope(rope["theta"], rope["type"], rope.get("factor")),
        "attention": Attention(**row["attention"]),
        "bf16_bytes": size["bf16_served"],
        "checkpoint_bytes": size["checkpoint"],
        "native_bytes": size["native_served"],
    }
    return Model(**fields)


@cache
def models() -> tuple[Model, ...]:
    """Return all rows, in the order of Google's table."""
    return tuple(_model(row) for row in load("models")["models"])


@cache
def model_types() -> frozenset[str]:
    """Return the types of decoder, as `model_type` names them, that the table has."""
    return frozenset(row.shape.model_type for row in models())


class List(msgspec.Struct, frozen=True):
    """A page of Google's that names base models.

    Attributes:
        id: Our name for it.
        title: Of the page.
        source: Where it stands.
        date: When it was read, ISO 8601.
    """

    id: str
    title: str
    source: str
    date: str


def lists() -> tuple[List, ...]:
    """Return the pages that the rows were taken from."""
    return tuple(List(id=name, **about) for name, about in load("models")["lists"].items())


def models_date() -> str:
    """Return the date of the snapshot, ISO 8601."""
    return load("models")["date"]


def _names(row: Model) -> Iterator[str]:
    yield row.id
    yield row.name
    for repository in row.repositories:
        yield repository
        yield repository.rpartition("/")[2]


@cache
def _by_name() -> dict[str, Model]:
    found: dict[str, Model] = {}
    for row in models():
        for name in _names(row):
            found.setdefault(fold(name), row)
    return found


def model(name: str) -> Model:
    """Return the row called `name`: our id, Google's name, or a Hugging Face repository.

    Raises:
        UnknownModelError: with what may have been meant.
    """
    row = _by_name().get(fold(name))
    if row is None:
        known = hint(name, (row.id for row in models()), "vcw catalog models")
        message = f"{name!r} is not one of the {len(models())} models of the catalog. {known}"
        raise UnknownModelError(message)
    return row
