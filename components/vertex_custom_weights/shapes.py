"""Names in arguments: which exist, and what those that do not were meant to be."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, cast

import pulumi

from vertex_custom_weights_provider.catalog.suggest import hint

from .access import (
    ConnectionArgs,
    PrivateAccessArgs,
    PrivateDnsArgs,
    ServiceDirectoryArgs,
    SharedConnectionArgs,
)
from .args import (
    CustomWeightsEndpointArgs,
    DeploymentArgs,
    MachineArgs,
    ReplicasArgs,
    ScalingTargetsArgs,
    VersionArgs,
)
from .later import FromStack, takes

Spell = Callable[[str], str]
"""How the user wrote the names: as they are, or in camelCase in stack configuration."""

_NESTED: Mapping[str, Any] = {
    "machine": MachineArgs,
    "replicas": ReplicasArgs,
    "targets": ScalingTargetsArgs,
    "private_service_connect": PrivateAccessArgs,
    "deployment": DeploymentArgs,
    "dns": PrivateDnsArgs,
    "service_directory": ServiceDirectoryArgs,
    "shared_with": SharedConnectionArgs,
}


def endpoint_problems(args: Mapping[str, Any], spell: Spell) -> Iterator[str]:
    """Yield a sentence for each name that does not exist and each object that is none."""
    yield from names_problems(args, CustomWeightsEndpointArgs, "", spell)
    versions = args.get("versions")
    if isinstance(versions, dict):
        for name, version in cast("dict[str, Any]", versions).items():
            yield from _object(version, VersionArgs, f"{spell('versions')}.{name}", spell)
    elif _is_plain(versions):
        yield f"{spell('versions')} must be an object of versions by name."


def _object(value: Any, shape: Any, path: str, spell: Spell) -> Iterator[str]:
    if isinstance(value, dict):
        yield from names_problems(cast("Mapping[str, Any]", value), shape, f"{path}.", spell)
    elif _is_plain(value):
        keys = ", ".join(spell(key) for key in shape.__annotations__)
        yield f"{path} must be an object with keys of these: {keys}."


def names_problems(given: Mapping[str, Any], shape: Any, path: str, spell: Spell) -> Iterator[str]:
    """Yield a sentence for each name that `shape` does not have, and for those of its objects.

    Args:
        given: What was given.
        shape: Typed dictionary that it should be.
        path: Where it is, with a dot at its end; "" at the top.
        spell: How the user wrote the names.
    """
    known = [spell(key) for key in shape.__annotations__]
    for key, value in given.items():
        if key not in shape.__annotations__:
            near = hint(spell(key), known)
            yield f"{path}{spell(key)} does not exist. {near}".rstrip()
        elif isinstance(value, FromStack) and not takes(shape, key):
            yield f"{path}{spell(key)} decides what is declared, so no other stack can give it."
        elif key in _NESTED:
            yield from _object(value, _NESTED[key], f"{path}{spell(key)}", spell)
        elif key == "connections" and isinstance(value, list):
            for number, entry in enumerate(cast("list[Any]", value)):
                yield from _object(entry, ConnectionArgs, f"{path}{key}[{number}]", spell)


def _is_plain(value: Any) -> bool:
    """Tell what is neither absent nor known later only."""
    return isinstance(value, (str, int, float, list))


def refuse(name: str, problems: Iterable[str]) -> None:
    """Refuse the arguments of a component if anything is wrong with them.

    Raises:
        pulumi.RunError: with all problems; Pulumi shows it without a traceback.
    """
    lines = [f"{name}: {problem}" for problem in problems]
    if lines:
        raise pulumi.RunError("\n".join(lines))
