"""`import pulumi` without the Automation API, until somebody uses it.

The package imports `pulumi.automation`, and with it yaml and more, for programs that drive the CLI.
A provider process never does, and it is a third of the import (100 ms of 300, 2026-11), paid
whenever the engine starts a provider. The module stays where it is expected and loads on first use.
"""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder
from importlib.util import LazyLoader, module_from_spec

_DEFERRED = "pulumi.automation"


def defer_automation() -> None:
    """Put a lazy module where the eager one would go; does nothing once pulumi is imported."""
    if "pulumi" in sys.modules:
        return
    package = PathFinder.find_spec("pulumi")
    locations = package.submodule_search_locations if package else None
    spec = PathFinder.find_spec(_DEFERRED, locations) if locations else None
    if spec is None or spec.loader is None:
        return
    spec.loader = LazyLoader(spec.loader)
    module = module_from_spec(spec)
    sys.modules[_DEFERRED] = module
    spec.loader.exec_module(module)
