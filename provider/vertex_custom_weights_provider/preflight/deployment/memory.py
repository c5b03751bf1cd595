"""How much accelerator memory a replica needs: weights, cache of one sequence, overhead.

    need a GPU = weights / TP + cache(context) / min(TP, kv heads) + overhead
    budget     = usable memory x 0.90

TP is the accelerator count, as Google's own notebooks pass it. The overhead is an estimate from
logs (activations, graphs, runtime), so what misses by it is a warning; what would not fit without
any is an error.
"""

from __future__ import annotations

import msgspec

from vertex_custom_weights_provider import catalog

GIB = 2**30
UTILISATION = 0.90
BORDERLINE = 0.95
# vLLM refuses to start when swap space takes more of the host's memory ("Too large swap space").
_SWAP_GIB = 16  # for each accelerator: Google's notebooks pass --swap-space=16
_MOST_SWAP = 0.7
# What a process holds on an accelerator before it has loaded anything.
_CONTEXT_GIB = 0.5
_OVERHEAD_GIB = {True: 1.5, False: 2.5}  # by: one accelerator only
_MULTIMODAL_GIB = 1.0
_PREFILL_TOKENS = 8192


class Footprint(msgspec.Struct, frozen=True):
    """What a model takes of accelerator memory, and how it may be split.

    Attributes:
        weight_bytes: Loaded weights.
        attention: Cost of the cache.
        heads: Attention heads.
        kv_heads: Key-value heads.
        multimodal: Has a vision tower, which needs working memory of its own.
        context_tokens: Length of the one sequence that must fit.
        native: Weights are in the published quantized form.
        dtype: Type that the model computes in, as `config.json` names it.
    """

    weight_bytes: int
    attention: catalog.Attention
    heads: int
    kv_heads: int
    multimodal: bool
    context_tokens: int
    native: bool = False
    dtype: str = "bfloat16"

    @property
    def cache_bytes(self) -> int:
        """Cache of one sequence of the planned length; windowed layers stop growing."""
        cost = self.attention
        reach = min(self.context_tokens, (cost.window or 1) - 1 + _PREFILL_TOKENS)
        tokens = cost.full_layers * self.context_tokens + cost.window_layers * reach
        return tokens * cost.bytes_per_token_per_layer + cost.state_bytes

    def need_gib(self, count: int) -> float:
        """Memory needed on each of `count` accelerators."""
        ranks = 1 if self.attention.replicated else min(count, self.kv_heads)
        overhead = _OVERHEAD_GIB[count == 1] + (_MULTIMODAL_GIB if self.multimodal else 0)
        return (self.weight_bytes / count + self.cache_bytes / ranks) / GIB + overhead

    def least_gib(self, count: int) -> float:
        """Memory without which nothing starts: weights and cache alone, no working memory."""
        ranks = 1 if self.attention.replicated else min(count, self.kv_heads)
        return (self.weight_bytes / count + self.cache_bytes / ranks) / GIB + _CONTEXT_GIB

    def runs_on(self, accelerator: catalog.Accelerator) -> bool:
        """Whether the accelerator computes in the model's type."""
        return accelerator.bf16 or self.dtype == "float16"

    def splits_into(self, count: int) -> bool:
        """Whether vLLM accepts this tensor-parallel size."""
        if self.heads % count:
            return False
        return self.kv_heads % count == 0 or count % self.kv_heads == 0


def budget_gib(accelerator: catalog.Accelerator) -> float:
    """Memory a serving process may plan with on one accelerator."""
    return accelerator.usable_gib * UTILISATION


def swap_fits(machine: catalog.Machine, count: int) -> bool:
    """Whether the host's memory holds the swap space of `count` accelerators."""
    memory = machine.memory_gb
    return memory is None or count * _SWAP_GIB * GIB <= _MOST_SWAP * memory * 1e9
