"""Distributes tensors over weight files as `save_pretrained` does: in order, up to a size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from .tensor import Tensor

Shard = list[Tensor]


def fill(tensors: Iterable[Tensor], limit: int) -> Iterator[Shard]:
    """Yield shards of at most `limit` bytes; a larger tensor gets a shard of its own."""
    shard: Shard = []
    size = 0
    for tensor in tensors:
        if shard and size + tensor.nbytes > limit:
            yield shard
            shard, size = [], 0
        shard.append(tensor)
        size += tensor.nbytes
    if shard:
        yield shard


def split(tensors: Sequence[Tensor], count: int) -> list[Shard]:
    """Split into exactly `count` shards, as even as the order of the tensors allows."""
    low, high = 1, sum(tensor.nbytes for tensor in tensors)
    while low < high:
        limit = (low + high) // 2
        if sum(1 for _ in fill(tensors, limit)) > count:
            low = limit + 1
        else:
            high = limit
    shards = list(fill(tensors, low))
    while len(shards) < count:
        longest = max(range(len(shards)), key=lambda n: len(shards[n]))
        half = len(shards[longest]) // 2
        shards[longest : longest + 1] = [shards[longest][:half], shards[longest][half:]]
    return shards


def names(count: int) -> list[str]:
    """Return the file names of `count` shards."""
    if count == 1:
        return ["model.safetensors"]
    return [f"model-{n:05d}-of-{count:05d}.safetensors" for n in range(1, count + 1)]
