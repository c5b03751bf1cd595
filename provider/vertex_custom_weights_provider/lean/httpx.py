"""httpx without its command line. Import it from here wherever the provider host may load it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vertex_custom_weights_provider.lean.packages import import_without

if TYPE_CHECKING:
    import httpx
else:
    httpx = import_without("httpx", {"httpx._main": "main"})

__all__ = ["httpx"]
