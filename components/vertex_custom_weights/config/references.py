"""Values in a stack's configuration that stand for what other stacks or endpoints have."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Any, NotRequired, Union, cast, get_args, get_origin

import pulumi


@dataclass(frozen=True)
class FromStack:
    """`{stack: org/project/stack, output: name}`: an output of another stack.

    Attributes:
        stack: Its full name, as `pulumi stack ls --all` gives it.
        output: Name of the output; dots lead into objects.
    """

    stack: str
    output: str


@dataclass(frozen=True)
class OfEndpoint:
    """`sharedWith: name`: the connection of another endpoint of the stack."""

    name: str


def read(key: str, value: Any) -> Any:
    """Return what a value of the configuration stands for; the value when it stands for itself."""
    if key == "sharedWith" and isinstance(value, str):
        return OfEndpoint(value)
    given = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    if given.keys() == {"stack", "output"} and all(isinstance(v, str) for v in given.values()):
        return FromStack(**given)
    return cast("Any", value)


def takes(shape: Any, key: str) -> bool:
    """Tell whether a key of a typed dictionary takes what is known later."""
    return any(get_origin(one) is Awaitable for one in kinds(shape, key))


def kinds(shape: Any, key: str) -> tuple[Any, ...]:
    """Return what a key of a typed dictionary takes: the value itself first, then its later forms.

    `pulumi.Input` is a union of the value, an awaitable of it and an output of it.
    """
    kind = shape.__annotations__[key]
    if get_origin(kind) is NotRequired:
        (kind,) = get_args(kind)
    return get_args(kind) if get_origin(kind) in {Union, UnionType} else (kind,)


class Resolver:
    """Puts outputs in the place of what stands for them."""

    def __init__(self, connections: Mapping[str, Any]) -> None:
        """Resolve in one program.

        Args:
            connections: Connections of the endpoints declared so far, by name.
        """
        self._connections = connections
        self._stacks: dict[str, pulumi.StackReference] = {}

    def resolve(self, value: Any) -> Any:
        """Return the value with outputs in it."""
        if isinstance(value, OfEndpoint):
            return self._connections[value.name]
        if isinstance(value, FromStack):
            return self._output(value)
        if isinstance(value, dict):
            pairs = cast("dict[str, Any]", value)
            return {key: self.resolve(inner) for key, inner in pairs.items()}
        if isinstance(value, list):
            return [self.resolve(inner) for inner in cast("list[Any]", value)]
        return value

    def _output(self, wanted: FromStack) -> pulumi.Output[Any]:
        if wanted.stack not in self._stacks:
            self._stacks[wanted.stack] = pulumi.StackReference(wanted.stack)
        name, *path = wanted.output.split(".")

        def found(value: Any) -> Any:
            for key in path:
                holder = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
                value = holder.get(key)
            if value is None:
                raise pulumi.RunError(
                    f"stack {wanted.stack} has no output {wanted.output}. `pulumi stack output "
                    f"--stack {wanted.stack}` shows those it has."
                )
            return value

        return self._stacks[wanted.stack].get_output(name).apply(found)
