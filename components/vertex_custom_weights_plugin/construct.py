"""Components made for programs in other languages: their inputs in, their outputs out."""

import asyncio
import threading
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Optional

import pulumi
from pulumi.provider import ConstructResult, Provider
from pulumi.provider.experimental.analyzer import ComponentDefinition
from pulumi.provider.server import ProviderServicer
from pulumi.runtime.proto import provider_pb2

import vertex_custom_weights
from vertex_custom_weights.inference import ComponentAnalyzer
from vertex_custom_weights_provider import tokens

from .inputs import Inputs


def components() -> dict[str, type[pulumi.ComponentResource]]:
    """Return the components of this package, by class."""
    exported = [getattr(vertex_custom_weights, name) for name in vertex_custom_weights.__all__]
    return {
        value.__name__: value
        for value in exported
        if isinstance(value, type) and issubclass(value, pulumi.ComponentResource)
    }


class Components(Provider):
    """Makes components by their type tokens."""

    def __init__(self) -> None:
        """Analyze the components' type hints."""
        super().__init__("", "")
        self._components = components()
        found = ComponentAnalyzer(tokens.PACKAGE).analyze([*self._components.values()])
        self._definitions = found["component_definitions"]
        self._inputs = Inputs(found["type_definitions"])

    def construct(
        self,
        name: str,
        resource_type: str,
        inputs: Mapping[str, Any],
        options: Optional[pulumi.ResourceOptions] = None,
    ) -> ConstructResult:
        """Make a component, and return its outputs.

        Raises:
            pulumi.RunError: an argument is missing or refused.
        """
        kind = tokens.component(resource_type)
        if kind is None:
            raise pulumi.RunError(f"{resource_type} is not a component of {tokens.PACKAGE}.")
        definition = self._definitions[kind]
        arguments = self._inputs.of(definition, inputs)
        make: Any = self._components[kind]
        made = make(name, arguments, options)
        return ConstructResult(made.urn, _state(made, definition))


class Constructor:
    """Makes components on a loop of its own, which Pulumi's runtime wants."""

    def __init__(self, engine: str) -> None:
        """Take the engine's address."""
        self._engine = engine
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    @cached_property
    def _servicer(self) -> Any:
        return ProviderServicer(Components(), [], engine_address=self._engine)

    def construct(
        self, request: provider_pb2.ConstructRequest, config: Mapping[str, str]
    ) -> provider_pb2.ConstructResponse:
        """Make a component, configured as its provider is, and wait for its children.

        Raises:
            pulumi.RunError: an argument is missing or refused.
        """
        request.config.clear()
        request.config.update(config)
        work: Any = self._servicer._construct(request, None)
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


def _state(made: pulumi.ComponentResource, definition: ComponentDefinition) -> dict[str, Any]:
    """Return the outputs of a component by their names in programs of other languages."""
    found = {
        wire: getattr(made, definition.outputs_mapping[wire], None) for wire in definition.outputs
    }
    return {name: value for name, value in found.items() if value is not None}
