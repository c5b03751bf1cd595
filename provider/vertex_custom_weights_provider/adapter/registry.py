"""Which class serves a type, for callers that have only the type: imports and YAML programs."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from vertex_custom_weights_provider import tokens
from vertex_custom_weights_provider.lifecycle.lifecycles import MODULES

if TYPE_CHECKING:
    from pulumi.dynamic import ResourceProvider

Bag = dict[str, Any]


def provider_for(type_token: str) -> ResourceProvider | None:
    """Return the provider of one of our types; None for other people's."""
    name = tokens.resource_type(type_token)
    return getattr(_module(name), f"{name}Provider")() if name else None


def configured(type_token: str) -> Mapping[str, str]:
    """Return the properties of a type that configuration stands in for, and the key of each."""
    name = tokens.resource_type(type_token)
    return getattr(_module(name), name).configured if name else {}


def _module(name: str) -> Any:
    module = MODULES[name].rpartition(".")[2]
    return importlib.import_module(f"vertex_custom_weights_provider.resources.{module}")


def function_for(token: str) -> Callable[[Bag, Mapping[str, Any]], Bag] | None:
    """Return one of our functions; None when it is not ours."""
    if token != tokens.LOOK_AHEAD:
        return None
    from vertex_custom_weights_provider.adapter.look_ahead import announce

    return announce


def schema() -> dict[str, Any]:
    """Return the Pulumi package schema of all resources, read from their specs."""
    from vertex_custom_weights_provider.adapter.schema import package

    return package()
