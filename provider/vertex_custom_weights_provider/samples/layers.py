"""Tensor layouts of the parts that decoders share: attention, feed-forward, norms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .tensor import Tensor

Config = dict[str, Any]


class Emitter:
    """Names tensors under a prefix, in one element type."""

    def __init__(self, prefix: str, dtype: str) -> None:
        self.prefix = prefix
        self.dtype = dtype

    def under(self, name: str) -> Emitter:
        """Return an emitter one level deeper."""
        return Emitter(f"{self.prefix}{name}.", self.dtype)

    def tensor(self, name: str, *shape: int, dtype: str | None = None) -> Tensor:
        """Make one tensor, by its whole name below the prefix."""
        return Tensor(self.prefix + name, shape, dtype or self.dtype)

    def linear(self, name: str, out: int, into: int, *, bias: bool = False) -> Iterator[Tensor]:
        """Make a linear layer's weight, and its bias if it has one."""
        yield self.tensor(f"{name}.weight", out, into)
        if bias:
            yield self.tensor(f"{name}.bias", out)

    def norm(self, name: str, size: int, *, bias: bool = False) -> Iterator[Tensor]:
        """Make a norm's weight, and its bias if it has one."""
        yield self.tensor(f"{name}.weight", size)
        if bias:
            yield self.tensor(f"{name}.bias", size)


def head_dim(c: Config) -> int:
    """Return the size of one attention head; early configurations leave it to be derived."""
    return c.get("head_dim") or c["hidden_size"] // c["num_attention_heads"]


def attention(  # noqa: PLR0913 - the variants of one block, each named where it is used
    e: Emitter,
    c: Config,
    *,
    qkv_bias: bool = False,
    out_bias: bool = False,
    qk_norm: bool = False,
    query_factor: int = 1,
) -> Iterator[Tensor]:
    """Grouped-query attention; `query_factor` 2 where the query projection carries a gate."""
    size, hidden = head_dim(c), c["hidden_size"]
    heads, kv = c["num_attention_heads"], c["num_key_value_heads"]
    yield from e.linear("q_proj", heads * size * query_factor, hidden, bias=qkv_bias)
    yield from e.linear("k_proj", kv * size, hidden, bias=qkv_bias)
    yield from e.linear("v_proj", kv * size, hidden, bias=qkv_bias)
    yield from e.linear("o_proj", hidden, heads * size, bias=out_bias)
    if qk_norm:
        yield from e.norm("q_norm", size)
        yield from e.norm("k_norm", size)


def gated_mlp(e: Emitter, hidden: int, ffn: int) -> Iterator[Tensor]:
    """Gate, up and down projections."""
    yield from e.linear("gate_proj", ffn, hidden)
    yield from e.linear("up_proj", ffn, hidden)
    yield from e.linear("down_proj", hidden, ffn)


def experts(e: Emitter, hidden: int, ffn: int, count: int) -> Iterator[Tensor]:
    """One gated feed-forward an expert."""
    for n in range(count):
        yield from gated_mlp(e.under(f"experts.{n}"), hidden, ffn)


def norms(e: Emitter, hidden: int, *names: str) -> Iterator[Tensor]:
    """Several norms of the hidden size."""
    for name in names:
        yield from e.norm(name, hidden)
