"""From the components' type hints to schemas: what Pulumi's own inference does not take.

Programs give arguments as a dictionary or by name, and editors complete choices (`Literal`).
Pulumi's analyzer knows neither, so it is shown plainer hints.
"""

from collections.abc import Mapping
from types import UnionType
from typing import (
    Any,
    Literal,
    NotRequired,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    is_typeddict,
)

import pulumi
from pulumi.provider.experimental.analyzer import (
    Analyzer,
    ComponentDefinition,
    PropertyDefinition,
)


def arguments_of(component: type[pulumi.ComponentResource]) -> Any:
    """Return the typed dictionary of a component's arguments."""
    hint: Any = component.__init__.__annotations__["args"]
    return next((one for one in get_args(hint) if one is not type(None)), hint)


def choices(hint: Any) -> tuple[Any, ...]:
    """Return the values of the literal in a type hint, at any depth; empty when there is none."""
    if get_origin(hint) is Literal:
        return get_args(hint)
    return next((found for one in get_args(hint) if (found := choices(one))), ())


def plain(hint: Any) -> Any:
    """Return a type hint without literals and variables: the types of their values instead."""
    origin: Any = get_origin(hint)
    inner = get_args(hint)
    made = [plain(one) for one in inner]
    if isinstance(hint, TypeVar):
        return hint.__bound__
    if origin is Literal:
        return cast("Any", type(inner[0]))
    if is_typeddict(origin):
        return origin
    if made == [*inner]:
        return hint
    return _GENERIC.get(origin, origin)[made[0] if len(made) == 1 else tuple(made)]


# What a union or a marker was made from, where that is not its origin.
_GENERIC: Mapping[Any, Any] = {UnionType: Union, NotRequired: NotRequired}


class ComponentAnalyzer(Analyzer):
    """Pulumi's analyzer, over plainer hints."""

    def analyze_component(self, component: type[pulumi.ComponentResource]) -> ComponentDefinition:
        """Analyze a component whose dictionary of arguments may be left out."""
        annotations = component.__init__.__annotations__
        kept = annotations["args"]
        annotations["args"] = arguments_of(component)
        try:
            return super().analyze_component(component)
        finally:
            annotations["args"] = kept

    def analyze_property(self, arg: type, *rest: Any, **named: Any) -> PropertyDefinition:
        """Analyze a property, a choice as the type of its values."""
        return super().analyze_property(plain(arg), *rest, **named)
