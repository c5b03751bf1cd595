"""Which class serves a type, for callers that have only the type: imports and YAML programs."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pulumi.dynamic import ResourceProvider

Bag = dict[str, Any]
PREFIX = "pulumi-python:dynamic/vertex-custom-weights:"
_MODULES = {
    "Endpoint": "endpoint",
    "CustomWeightsDeployment": "custom_weights_deployment",
    "PscAddress": "psc_address",
    "PscForwardingRule": "psc_forwarding_rule",
    "TrafficSplit": "traffic_split",
}


def module_of(type_token: str) -> str | None:
    """Return the name that resource and lifecycle module of one of our types share."""
    if not type_token.startswith(PREFIX):
        return None
    return _MODULES.get(type_token.removeprefix(PREFIX))


def provider_for(type_token: str) -> ResourceProvider | None:
    """Return the provider of one of our types; None for other people's."""
    name, module = type_token.removeprefix(PREFIX), module_of(type_token)
    if module is None:
        return None
    found = importlib.import_module(f"vertex_custom_weights_provider.resources.{module}")
    provider: ResourceProvider = getattr(found, f"{name}Provider")()
    return provider


def function_for(token: str) -> Callable[[Bag, Mapping[str, Any]], Bag] | None:
    """Return one of our functions; None when it is not ours."""
    if token != f"{PREFIX}lookAhead":
        return None
    from vertex_custom_weights_provider.resources.announcement import announce

    return announce


def schema() -> dict[str, Any]:
    """Return the Pulumi package schema of all resources, read from their specs."""
    from vertex_custom_weights_provider.resources.schema import package

    return package(PREFIX, _MODULES)
