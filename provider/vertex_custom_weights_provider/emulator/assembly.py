"""Puts the parts together: every part's routes, and the hooks of contract, faults and scenarios.

A part is a module with a `registry`; add it to `PARTS`.
"""

from __future__ import annotations

from importlib import import_module

from . import admin, dialects
from .compute import connections
from .contract import conformance, extract, v1_answers
from .http.app import App
from .http.call import Call, Hooks
from .http.routing import Router
from .settings import Settings
from .state.store import Store
from .trouble import scenarios
from .trouble.injection import Injection

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


def hooks(settings: Settings) -> Hooks:
    """Return what watches and bends requests: contract, rules, log, private hosts."""
    injection = Injection(scenarios.started_with(settings.scenario))

    def arrive(call: Call) -> None:
        conformance.read_query(call)
        injection.arrive(call)

    return Hooks(
        arrive=arrive,
        canonicalise=conformance.read_body,
        accepted=admin.record,
        render=v1_answers.render,
        leave=injection.leave,
        decide=injection.decide,
        psc_target=connections.target_of,
        psc_reachable=connections.reachable,
        method_of=extract.unserved,
    )


def build(settings: Settings) -> App:
    """Open the state and return the application."""
    return App(
        settings,
        Store(settings.state, dialects.checked(settings.dialects)),
        router(),
        hooks(settings),
    )
