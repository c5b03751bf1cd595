"""The plugin: our resources by their types, and the components, for programs in any language.

What it is asked beyond what dynamic resources are: its own configuration, and to construct
components. A component and its children are configured as the provider is that they were declared
with; the engine keeps a process for each.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any

from pulumi.output import Unknown
from pulumi.runtime.proto import plugin_pb2, provider_pb2

from vertex_custom_weights_provider.adapter import registry
from vertex_custom_weights_provider.adapter.phase import Phase
from vertex_custom_weights_provider.call.call import Sink
from vertex_custom_weights_provider.errors import ConfigurationError
from vertex_custom_weights_provider.settings import KEYS, NAMESPACE, Settings

from . import type_tokens
from .forms import Native
from .marshal import from_wire, without_secrets
from .servicer import Servicer, served

VERSION = "0.1.0"
"""Version of the plugin, as its schema and archives have it."""

Construct = Callable[[provider_pb2.ConstructRequest, Mapping[str, str]], Any]
"""Makes a component: the request, and the configuration of its provider by namespace and key."""

# What the engine itself puts among a provider's inputs.
_ENGINES = frozenset({"version", "pluginDownloadURL", "pluginChecksums", "parameterization"})


class Plugin(Servicer):
    """Serve the plugin; method names are the protocol's."""

    def __init__(
        self,
        sink: Sink,
        cancelled: threading.Event,
        phase: Phase,
        *,
        schema: Callable[[], str],
        construct: Construct,
    ) -> None:
        """Take how the schema is read and components are made, besides what any servicer takes."""
        super().__init__(sink, cancelled, phase, Native())
        phase.plugin = True
        self._schema = schema
        self._construct = construct

    @served
    def CheckConfig(self, request: Any) -> provider_pb2.CheckResponse:
        """Say what is wrong with the provider's own configuration."""
        given = without_secrets(from_wire(request.news, keep_unknowns=True))
        failures = [
            provider_pb2.CheckFailure(property=key, reason=reason)
            for key, reason in _problems(given)
        ]
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    @served
    def DiffConfig(self, request: Any) -> provider_pb2.DiffResponse:
        """Leave resources where they are: each has its own project and region."""
        del request
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    @served
    def Configure(self, request: Any) -> provider_pb2.ConfigureResponse:
        """Keep the configuration; take secrets, without which components are not constructed."""
        self._config = _namespaced(without_secrets(from_wire(request.args)))
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, acceptResources=True, acceptOutputs=True
        )

    @served
    def GetPluginInfo(self, request: Any) -> plugin_pb2.PluginInfo:
        """Return the version of the plugin."""
        del request
        return plugin_pb2.PluginInfo(version=VERSION)

    @served
    def GetSchema(self, request: Any) -> provider_pb2.GetSchemaResponse:
        """Return the schema of all resources and components."""
        del request
        return provider_pb2.GetSchemaResponse(schema=self._schema())

    @served
    def Construct(self, request: Any) -> provider_pb2.ConstructResponse:
        """Make a component; returns when its children are made."""
        return self._construct(request, self._config)

    def Check(self, request: Any, context: Any) -> provider_pb2.CheckResponse:
        """Fill in project and region, which programs in Python take from their configuration."""
        for name, key in registry.configured(type_tokens.token_of(request.urn)).items():
            value = self._config.get(f"gcp:{key}")
            if value and name not in request.news.fields:
                request.news.fields[name].string_value = value
        return super().Check(request, context)


def _namespaced(given: Mapping[str, Any]) -> dict[str, str]:
    """Return the configuration as a stack has it; nested values are JSON."""
    return {
        f"{KEYS[key].namespace}:{key}": value if isinstance(value, str) else json.dumps(value)
        for key, value in given.items()
        if key in KEYS and not isinstance(value, Unknown)
    }


def _problems(given: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return keys and what is wrong with each."""
    from vertex_custom_weights_provider.catalog.suggest import hint  # seldom needed, 9 ms

    found = [
        (key, f"{key} does not exist. {hint(key, KEYS)}".rstrip())
        for key in given
        if key not in KEYS and key not in _ENGINES and not key.startswith("__")
    ]
    try:
        Settings.resolve(_namespaced(given), {})
    except ConfigurationError as error:
        reason = str(error).replace(f"{NAMESPACE}:", "")
        found.append((reason.partition(" ")[0], reason))
    return found
