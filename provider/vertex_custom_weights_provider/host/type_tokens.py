"""Which provider serves a resource type, when the call itself does not carry one.

A program pickles its provider into every resource. `pulumi import` and programs in YAML cannot, so
there the type decides: our own resources by their registry, other packages by an entry point in the
group `vertex_custom_weights.dynamic_providers`, named by the type token and pointing at the class.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pulumi.dynamic import ResourceProvider

from vertex_custom_weights_provider import tokens

from . import pickling
from .marshal import PROVIDER_KEY

ENTRY_POINT_GROUP = "vertex_custom_weights.dynamic_providers"


class NoProviderError(Exception):
    """Nobody can be asked about a resource."""


class UnknownProviderError(NoProviderError):
    """The provider itself holds a value that is not known before the deployment."""

    def __init__(self) -> None:
        super().__init__(
            "The provider of this resource holds an output that is not known yet. Pass the output "
            "as an input of the resource instead of storing it in the provider."
        )


class UnknownTypeError(NoProviderError):
    """No provider is known for the type of a resource that came without one."""

    def __init__(self, token: str) -> None:
        super().__init__(
            f"{token or 'This resource'} came without a provider, as in an import or a YAML "
            f"program, and no installed package serves that type. Check its spelling, or install "
            f"a package with an entry point of that name in {ENTRY_POINT_GROUP}."
        )


class UnknownFunctionError(NoProviderError):
    """Dynamic resources have no functions; only our own package has."""

    def __init__(self, token: str) -> None:
        super().__init__(f"{token} is not a function that this provider has.")


def token_of(urn: str) -> str:
    """Return the type token in a URN, without the types of its parents."""
    parts = urn.split("::")
    return parts[2].rsplit("$", 1)[-1] if len(parts) > 2 else ""


def with_provider(bag: dict[str, Any], urn: str) -> dict[str, Any]:
    """Return the bag with its provider; when it carries none, with the one of its type.

    Raises:
        UnknownTypeError: If no installed package serves the type.
    """
    if PROVIDER_KEY in bag:
        return bag
    return {**bag, PROVIDER_KEY: pickling.dump(of_type(token_of(urn)))}


def is_ours(token: str) -> bool:
    """Tell whether this package serves a type."""
    return tokens.resource_type(token) is not None


def of_type(token: str) -> ResourceProvider:
    """Return the provider of a type: one of ours, or of an installed package.

    Raises:
        UnknownTypeError: no installed package serves the type.
    """
    provider = _registered(token) or _from_entry_points(token)
    if provider is None:
        raise UnknownTypeError(token)
    return provider


def schema() -> str:
    """Return the package schema of our resources as JSON; code generation and YAML ask for it."""
    from vertex_custom_weights_provider.adapter import registry

    return json.dumps(registry.schema())


def call_function(
    token: str, arguments: dict[str, Any], config: Mapping[str, Any]
) -> dict[str, Any]:
    """Call one of our functions, for programs that invoke it.

    Raises:
        UnknownFunctionError: If there is none of this name.
    """
    from vertex_custom_weights_provider.adapter import registry

    function = registry.function_for(token)
    if function is None:
        raise UnknownFunctionError(token)
    return function(arguments, config)


def _registered(token: str) -> ResourceProvider | None:
    from vertex_custom_weights_provider.adapter import registry

    return registry.provider_for(token)


def _from_entry_points(token: str) -> ResourceProvider | None:
    from importlib.metadata import entry_points

    # Compared one by one: a type token has colons, which the selection by name cannot hold.
    for entry in entry_points(group=ENTRY_POINT_GROUP):
        if entry.name == token:
            return entry.load()()
    return None
