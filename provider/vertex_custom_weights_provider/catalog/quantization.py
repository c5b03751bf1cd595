"""Names of quantization methods that a `config.json` may carry."""

from __future__ import annotations

from functools import cache

from ._data import load


@cache
def known_methods() -> frozenset[str]:
    """Return the `quant_method` names that serving containers know."""
    return frozenset(load("quantization")["methods"])
