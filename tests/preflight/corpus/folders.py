"""Builds folders of weights that are wrong in one way each."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vertex_custom_weights_provider import samples

Build = Callable[[Path], None]
WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"


def base(directory: Path) -> None:
    """A whole, correct Llama-3.2-1B in one file."""
    samples.write("llama-3.2-1b", directory)


def sample(model_id: str) -> Build:
    return lambda directory: void(samples.write(model_id, directory))


def void(_: object) -> None:
    return None


def then(first: Build, *changes: Build) -> Build:
    def build(directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        first(directory)
        for change in changes:
            change(directory)

    return build


def on_base(*changes: Build) -> Build:
    return then(base, *changes)


def put(name: str, content: str | bytes = b"x") -> Build:
    def build(directory: Path) -> None:
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    return build


def hole(name: str, size: int, start: bytes = b"") -> Build:
    def build(directory: Path) -> None:
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.write(start)
            file.truncate(size)

    return build


def drop(*names: str) -> Build:
    def build(directory: Path) -> None:
        for name in names:
            (directory / name).unlink()

    return build


def rename(old: str, new: str) -> Build:
    return lambda directory: void((directory / old).rename(directory / new))


def edit(name: str, change: Callable[[Any], Any]) -> Build:
    def build(directory: Path) -> None:
        path = directory / name
        document = json.loads(path.read_text())
        changed = change(document)
        path.write_text(json.dumps(document if changed is None else changed))

    return build


def config(**changes: Any) -> Build:
    """Set keys of config.json; None takes a key away."""

    def change(document: dict[str, Any]) -> None:
        document.update(changes)
        for key in [key for key, value in document.items() if value is ...]:
            del document[key]

    return edit("config.json", change)


def tokenizer_config(**changes: Any) -> Build:
    return edit("tokenizer_config.json", lambda document: document.update(changes))


def read_header(path: Path) -> tuple[dict[str, Any], int]:
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        entries = json.loads(file.read(length))
    return entries, path.stat().st_size - 8 - length


def write_header(path: Path, header: bytes, data: int, length: int | None = None) -> None:
    with path.open("wb") as file:
        file.write((len(header) if length is None else length).to_bytes(8, "little"))
        file.write(header)
        file.truncate(8 + len(header) + data)


def header(raw: bytes, data: int = 0, length: int | None = None) -> Build:
    """Replace the weights by a file with exactly this header."""
    return lambda directory: write_header(directory / WEIGHTS, raw, data, length)


def entries(**tensors: Any) -> bytes:
    return json.dumps(tensors).encode()


def tensor(dtype: Any = "F32", shape: Any = (1,), offsets: Any = (0, 4)) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets}


def relay(
    change: Callable[[dict[str, Any]], None],
    file: str = WEIGHTS,
    item: dict[str, int] | None = None,
) -> Build:
    """Change tensors of a valid file and lay the data out again, so that it stays valid."""
    widths = {
        "BF16": 2,
        "F16": 2,
        "F32": 4,
        "U8": 1,
        "I8": 1,
        "I32": 4,
        "F8_E4M3": 1,
        **(item or {}),
    }

    def build(directory: Path) -> None:
        path = directory / file
        found, _ = read_header(path)
        metadata = found.pop("__metadata__", {})
        change(found)
        end = 0
        for name in sorted(found):
            size = widths[found[name]["dtype"]]
            for dimension in found[name]["shape"]:
                size *= dimension
            found[name]["data_offsets"] = [end, end + size]
            end += size
        text = json.dumps({"__metadata__": metadata, **found}).encode()
        write_header(path, text, end)

    return build


def without(*names: str) -> Build:
    """Take tensors out."""
    return relay(lambda found: void([found.pop(name) for name in names]))


def with_tensor(name: str, dtype: str = "BF16", shape: tuple[int, ...] = (8, 8)) -> Build:
    """Put a tensor in."""
    return relay(lambda found: found.update({name: {"dtype": dtype, "shape": list(shape)}}))


def retyped(dtype: str) -> Build:
    """Store every matrix in another type."""

    def change(found: dict[str, Any]) -> None:
        for entry in found.values():
            if len(entry["shape"]) > 1:
                entry["dtype"] = dtype

    return relay(change)


def reshaped(name: str, *shape: int) -> Build:
    return relay(lambda found: found[name].update(shape=list(shape)))


def sharded(*changes: Build) -> Build:
    """A correct Llama-3.2-3B in two shards, changed."""
    return then(sample("llama-3.2-3b"), *changes)


def index(change: Callable[[Any], Any]) -> Build:
    return edit(INDEX, change)


def mapped(name: str, file: str) -> Build:
    """Make the index say that a tensor is in some file."""
    return index(lambda document: document["weight_map"].update({name: file}))
