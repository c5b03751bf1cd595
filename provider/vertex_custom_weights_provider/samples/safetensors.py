"""Writes valid safetensors files whose data is a hole: the header is real, the bytes are zero."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .tensor import Tensor

_ALIGNMENT = 8


def header(tensors: Iterable[Tensor]) -> bytes:
    """Return the header with its length prefix, data offsets in the order of the names."""
    entries: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for tensor in sorted(tensors, key=lambda t: t.name):
        begin, end = end, end + tensor.nbytes
        entries[tensor.name] = {
            "dtype": tensor.dtype,
            "shape": list(tensor.shape),
            "data_offsets": [begin, end],
        }
    text = json.dumps(entries, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _ALIGNMENT)
    return len(text).to_bytes(8, "little") + text


def write(path: Path, tensors: list[Tensor]) -> None:
    """Write one file; it takes a few kilobytes of disk whatever its size says."""
    with path.open("wb") as file:
        size = file.write(header(tensors))
        file.truncate(size + sum(tensor.nbytes for tensor in tensors))
