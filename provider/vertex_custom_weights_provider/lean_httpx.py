"""httpx without its command line.

httpx imports its own command, and with it click, rich and pygments, whenever these are installed.
That is 40 % of its import time, paid at every `pulumi` command, for something a library never
calls. Import httpx from here wherever the provider host may load it.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING


def _import() -> ModuleType:
    command = "httpx._main"
    if "httpx" not in sys.modules and command not in sys.modules:
        stand_in = ModuleType(command)
        stand_in.__dict__["main"] = lambda: None
        sys.modules[command] = stand_in
        try:
            import httpx
        finally:
            del sys.modules[command]
        return httpx
    import httpx

    return httpx


if TYPE_CHECKING:
    import httpx
else:
    httpx = _import()

__all__ = ["httpx"]
