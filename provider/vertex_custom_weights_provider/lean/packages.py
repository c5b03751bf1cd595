"""Packages without the parts that a provider process never uses.

Every `pulumi` command pays for what the provider imports. httpx imports its own command line, and
with it click, rich and pygments, whenever these are installed: 40 % of its import time. werkzeug
imports a development server and a test client: half of its own.

A provider serves many calls at once, and any of them may be the first that needs a package. Modules
that import each other, as werkzeug's do, must not be entered by two threads through different
modules: Python would let each go on with the unfinished half of the other. `LOADING` lets one in.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping
from importlib import import_module
from types import ModuleType
from typing import NoReturn

LOADING = threading.RLock()
"""Held by whoever loads a package on first use, until all that is wanted of it is there."""


def import_without(package: str, parts: Mapping[str, str]) -> ModuleType:
    """Import a package while some of its modules are stood in for.

    Afterwards the modules can be imported as usual. A package that is loaded stays as it is.

    Args:
        package: Name of the package.
        parts: Modules that it imports while it is loaded, and the name it takes from each.
    """
    with LOADING:
        return _imported(package, {} if package in sys.modules else parts)


def _imported(package: str, parts: Mapping[str, str]) -> ModuleType:
    absent = {module: name for module, name in parts.items() if module not in sys.modules}
    for module, name in absent.items():
        stand_in = ModuleType(module)
        stand_in.__dict__[name] = _left_out(f"{module}.{name}")
        sys.modules[module] = stand_in
    try:
        return import_module(package)
    finally:
        for module in absent:
            sys.modules.pop(module, None)


def _left_out(name: str) -> Callable[..., NoReturn]:
    def refuse(*_args: object, **_named: object) -> NoReturn:
        message = f"{name} was left out; import it from its own module"
        raise NotImplementedError(message)

    return refuse
