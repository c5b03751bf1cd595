"""`import pulumi` without the Automation API, until somebody uses it.

The package imports `pulumi.automation`, and with it yaml and more, for programs that drive the CLI.
A provider process never does, and it is a third of the import (100 ms of 300, 2026-11), paid
whenever the engine starts a provider. The module stays where it is expected and loads on first use.

The standard library's LazyLoader does not serve here: on Python 3.11 the import statement itself
touches the module, and it loads at once.
"""

from __future__ import annotations

import sys
import threading
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import module_from_spec
from types import ModuleType
from typing import Any

_DEFERRED = "pulumi.automation"


def defer_automation() -> None:
    """Put a lazy module where the eager one would go; does nothing once pulumi is imported."""
    if "pulumi" in sys.modules:
        return
    package = PathFinder.find_spec("pulumi")
    locations = package.submodule_search_locations if package else None
    spec = PathFinder.find_spec(_DEFERRED, locations) if locations else None
    if spec is not None and spec.loader is not None:
        sys.modules[_DEFERRED] = _lazy(spec)


def _lazy(spec: ModuleSpec) -> ModuleType:
    """Return a module that executes its code when an attribute is first missed."""
    module = module_from_spec(spec)
    lock = threading.RLock()
    started = False

    def missed(name: str) -> Any:
        nonlocal started
        with lock:
            if started or name.startswith("__"):
                if name in module.__dict__:  # another thread has loaded it meanwhile
                    return module.__dict__[name]
                raise AttributeError(name=name, obj=module)
            started = True
            assert spec.loader is not None  # noqa: S101 - narrowed by the caller
            spec.loader.exec_module(module)
        return getattr(module, name)

    module.__dict__["__getattr__"] = missed
    return module
