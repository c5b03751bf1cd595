"""`import pulumi` without the parts that a provider process does not use, until somebody does.

The package imports `pulumi.automation`, for programs that drive the CLI; the OpenTelemetry SDK,
which does nothing unless the CLI traces the run; and dill, which providers that are pickled by
reference do not need. Together they are a quarter of what a provider takes to start, measured in
docs/adr/0015-what-a-start-may-cost.md. The modules stay where they are expected and load on first
use.

The standard library's LazyLoader does not serve here: on Python 3.11 the import statement itself
touches the module, and it loads at once.
"""

from __future__ import annotations

import os
import sys
import threading
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import module_from_spec
from types import ModuleType
from typing import Any

_AUTOMATION = "pulumi.automation"
_PICKLING = "dill"
_TRACING = "pulumi.runtime._instrumentation"
_TRACED = "TRACEPARENT"


def lighten() -> None:
    """Put lazy modules where eager ones would go; does nothing once pulumi is imported."""
    if "pulumi" in sys.modules:
        return
    _defer(_AUTOMATION)
    _defer(_PICKLING)
    if _TRACED not in os.environ:
        _defer(_TRACING)


def _defer(name: str) -> None:
    spec, locations = None, None
    for end in (*(i for i, letter in enumerate(name) if letter == "."), len(name)):
        spec = PathFinder.find_spec(name[:end], locations)
        if spec is None:
            return
        locations = spec.submodule_search_locations
    if spec is not None and spec.loader is not None:
        sys.modules[name] = _lazy(spec)


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
