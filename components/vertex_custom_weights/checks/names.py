"""Names in arguments: which exist, what those that do not were meant to be, and what they take."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, cast

import pulumi

from vertex_custom_weights.args import (
    CustomWeightsEndpointArgs,
    DeploymentArgs,
    MachineArgs,
    ReplicasArgs,
    ScalingTargetsArgs,
    VersionArgs,
)
from vertex_custom_weights.args_private import (
    ConnectionArgs,
    PrivateAccessArgs,
    PrivateDnsArgs,
    ServiceDirectoryArgs,
    SharedConnectionArgs,
)
from vertex_custom_weights.config.references import FromStack, kinds, takes
from vertex_custom_weights_provider.catalog.suggest import hint

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
            path = f"{spell('versions')}.{name}"
            if version is None:
                yield f"{path} is empty. Give it a {spell('weights_uri')} and its traffic."
            yield from _object(version, VersionArgs, path, spell)
    elif _is_plain(versions):
        yield f"{spell('versions')} must be an object of versions by name."


def _object(value: Any, shape: Any, path: str, spell: Spell) -> Iterator[str]:
    if isinstance(value, dict):
        yield from names_problems(cast("Mapping[str, Any]", value), shape, f"{path}.", spell)
    elif _is_plain(value):
        keys = ", ".join(spell(key) for key in shape.__annotations__)
        yield f"{path} must be an object with keys of these: {keys}."


def names_problems(given: Mapping[str, Any], shape: Any, path: str, spell: Spell) -> Iterator[str]:
    """Yield a sentence for each name that `shape` does not have, and for values it cannot take.

    Args:
        given: What was given.
        shape: Typed dictionary that it should be.
        path: Where it is, with a dot at its end; "" at the top.
        spell: How the user wrote the names.
    """
    known = [spell(key) for key in shape.__annotations__]
    for key, value in given.items():
        if key not in shape.__annotations__:
            near = _elsewhere(key, shape, spell) or hint(spell(key), known)
            yield f"{path}{spell(key)} does not exist. {near}".rstrip()
        elif key in _NESTED:
            yield from _object(value, _NESTED[key], f"{path}{spell(key)}", spell)
        elif key == "connections" and isinstance(value, list):
            for number, entry in enumerate(cast("list[Any]", value)):
                yield from _object(entry, ConnectionArgs, f"{path}{key}[{number}]", spell)
        else:
            yield from _scalar(value, shape, key, f"{path}{spell(key)}")


def _elsewhere(key: str, shape: Any, spell: Spell) -> str:
    """Say that a name exists, one block further down; the API's own names are of no block."""
    blocks = [one for one in shape.__annotations__ if key in _keys_of(_NESTED.get(one))]
    return f"Did you mean {spell(blocks[0])}.{spell(key)}?" if blocks else ""


def _keys_of(shape: Any) -> Iterable[str]:
    return () if shape is None else shape.__annotations__


def _scalar(value: Any, shape: Any, key: str, path: str) -> Iterator[str]:
    """Yield a sentence for what the components would trip over, or take for its opposite.

    The provider sees numbers, and the switches that reach it.
    """
    kind, *later = kinds(shape, key)
    if not (_is_plain(value) or isinstance(value, dict)):
        return
    if kind is str and not isinstance(value, str):
        yield f"{path} must be text, not {value!r}."
    elif kind is bool and not later and not isinstance(value, bool):
        yield f"{path} must be true or false, not {value!r}."


def misplaced(args: Mapping[str, Any], spell: Spell) -> Iterator[str]:
    """Yield a sentence for each value that comes too late for what it decides."""
    yield from _misplaced(args, CustomWeightsEndpointArgs, "", spell)


def _misplaced(given: Mapping[str, Any], shape: Any, path: str, spell: Spell) -> Iterator[str]:
    for key, value in given.items():
        here = f"{path}{spell(key)}"
        if key in shape.__annotations__ and not takes(shape, key):
            yield from _late(value, here)
        if key == "versions" and isinstance(value, dict):
            for name, version in cast("dict[str, Any]", value).items():
                yield from _late(version, f"{here}.{name}")
        for inside, inner, place in _parts(key, value, here):
            yield from _misplaced(inside, inner, f"{place}.", spell)


def _late(value: Any, here: str) -> Iterator[str]:
    if isinstance(value, FromStack):
        yield f"{here} decides what is declared, so no other stack can give it."
    elif isinstance(value, pulumi.Output):
        yield (
            f"{here} decides what is declared, so it has to be known beforehand: it cannot be an "
            "Output. Give the value itself."
        )


def _parts(key: str, value: Any, here: str) -> Iterator[tuple[Mapping[str, Any], Any, str]]:
    """Yield the objects inside a value, each with its shape and its path."""
    if key == "connections" and isinstance(value, list):
        entries = [(f"{here}[{n}]", one) for n, one in enumerate(cast("list[Any]", value))]
        found = [(one, ConnectionArgs, place) for place, one in entries]
    elif key == "versions" and isinstance(value, dict):
        versions = cast("dict[str, Any]", value).items()
        found = [(one, VersionArgs, f"{here}.{name}") for name, one in versions]
    else:
        found = [(value, _NESTED.get(key), here)]
    for inside, shape, place in found:
        if isinstance(inside, dict) and shape is not None:
            yield cast("dict[str, Any]", inside), shape, place


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
