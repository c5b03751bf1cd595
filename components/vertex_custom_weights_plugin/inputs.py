"""Inputs of components as they arrive, as the arguments that the components take in Python.

Pulumi's own mapping (SDK 3.272) drops nested objects that are outputs, and hands whole numbers on
as floats.
"""

from collections.abc import Mapping
from typing import Any, cast

import pulumi
from pulumi.provider.experimental.analyzer import (
    ComponentDefinition,
    PropertyDefinition,
    TypeDefinition,
)


class Inputs:
    """Names in snake_case, whole numbers as such, outputs at any depth."""

    def __init__(self, shapes: Mapping[str, TypeDefinition]) -> None:
        """Take the shapes of nested objects, by name."""
        self._shapes = shapes

    def of(self, component: ComponentDefinition, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments of a component.

        Names that it does not have are kept: the component says what they were meant to be.
        """
        return self._object(inputs, component.inputs, component.inputs_mapping)

    def _object(
        self,
        given: Mapping[str, Any],
        properties: Mapping[str, PropertyDefinition],
        names: Mapping[str, str],
    ) -> dict[str, Any]:
        return {
            names.get(key, key): self._value(value, properties.get(key))
            for key, value in sorted(given.items())  # on the wire they are in no order
            if value is not None
        }

    def _value(self, value: Any, about: PropertyDefinition | None) -> Any:
        if isinstance(value, pulumi.Output):
            later = cast("pulumi.Output[Any]", value)
            return later.apply(lambda known: self._value(known, about))
        if isinstance(value, dict):
            return self._nested(cast("dict[str, Any]", value), about)
        if isinstance(value, list):
            entry = about.items if about is not None else None
            return [self._value(one, entry) for one in cast("list[Any]", value)]
        return int(value) if isinstance(value, float) and value.is_integer() else value

    def _nested(self, value: dict[str, Any], about: PropertyDefinition | None) -> Any:
        shape = self._shapes.get(about.ref.rsplit(":", 1)[-1]) if about and about.ref else None
        if shape is not None:
            return self._object(value, shape.properties, shape.properties_mapping)
        entry = about.additional_properties if about is not None else None
        return {key: self._value(one, entry) for key, one in sorted(value.items())}
