"""Puts the parts together: every part's routes, and the hooks of contract, faults and scenarios.

A part is a module with a `registry`; add it to `PARTS`. A hook is set in `instruments`.
"""

from __future__ import annotations

from importlib import import_module

from . import instruments
from .http.app import App
from .http.routing import Router
from .settings import Settings
from .state.store import Store

PARTS: tuple[str, ...] = (
    ".aiplatform.deploy",
    ".aiplatform.recommend",
    ".aiplatform.eula",
    ".aiplatform.endpoints",
    ".aiplatform.deployed_models",
    ".aiplatform.models",
    ".aiplatform.operations_api",
    ".prediction.methods",
    ".compute.addresses",
    ".compute.forwarding_rules",
    ".compute.operations",
    ".storage.objects",
    ".admin",
    ".trouble.faults",
    ".trouble.scenarios",
)


def router() -> Router:
    """Return the router over all parts; the documentation and the contract test walk it too."""
    routes = [
        route
        for part in PARTS
        for route in import_module(part, package=__package__).registry.routes
    ]
    return Router(routes)


def build(settings: Settings) -> App:
    """Open the state and return the application."""
    return App(settings, Store(settings.state), router(), instruments.hooks(settings))
