"""The base of all resource classes: dynamic resources under tokens of our own."""

from __future__ import annotations

import pickle
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

import pulumi
import pulumi.dynamic
from pulumi.dynamic import dynamic
from pulumi.runtime import settings
from pulumi.runtime.proto import resource_pb2

from vertex_custom_weights_provider.resources import arguments, form
from vertex_custom_weights_provider.tokens import DYNAMIC_PACKAGE, import_token, token

_dynamic: Any = dynamic
_settings: Any = settings.SETTINGS  # of the running deployment


class VertexResource(pulumi.CustomResource):
    """A dynamic resource of which a program may declare any number.

    `pulumi.dynamic.Resource` would put its own package and `dynamic` before the type. The engine
    asks the same server without that when the registration says whose package it is.
    """

    resource_type: ClassVar[str]
    configured: ClassVar[Mapping[str, str]] = {}
    """Arguments that `gcp:` configuration stands in for, and the key."""
    outputs: ClassVar[tuple[str, ...]] = ()
    """Wire names of what the resource tells besides its arguments."""

    def __init__(
        self,
        provider: pulumi.dynamic.ResourceProvider,
        name: str,
        given: Mapping[str, Any],
        opts: pulumi.ResourceOptions | None,
    ) -> None:
        """Register the resource.

        Args:
            provider: Serves it.
            name: In the program.
            given: Arguments by their names in Python; None where one was left out.
            opts: Pulumi resource options.

        Raises:
            pulumi.RunError: an argument is neither given nor configured.
        """
        found = {
            argument: arguments.configured(given[argument], key, argument)
            for argument, key in self.configured.items()
        }
        if form.in_plugin():
            props = arguments.wire({**given, **found}, self.outputs)
            super().__init__(token(self.resource_type), name, props, opts)
            return
        owner = arguments.owner(name, self.resource_type, opts)
        props = arguments.wire({**given, **found, "owner": owner}, self.outputs)
        imported = pulumi.Alias(type_=import_token(self.resource_type))
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(aliases=[imported]))
        with unwound_pickler():
            pickled = _dynamic.serialize_provider(provider)
        super().__init__(
            token(self.resource_type),
            name,
            {**props, _dynamic.PROVIDER_KEY: pickled},
            opts,
            package_ref=dynamic_package(),
        )


async def dynamic_package() -> str | None:
    """Return the engine's reference to the package that serves dynamic resources and functions."""
    monitor: Any = settings.get_monitor()
    kept = _settings.package_refs
    if DYNAMIC_PACKAGE not in kept:
        request = resource_pb2.RegisterPackageRequest(name=DYNAMIC_PACKAGE)
        kept[DYNAMIC_PACKAGE] = monitor.RegisterPackage(request).ref
    return kept[DYNAMIC_PACKAGE]


@contextmanager
def unwound_pickler() -> Generator[None]:
    """Take back what Pulumi does to the pickler when it serializes a provider.

    It wraps the method that writes dictionaries once more for every resource (SDK 3.272), and a
    program ends with a RecursionError at about the 950th.
    """
    pickler: Any = vars(pickle)["_Pickler"]
    kept = pickler._batch_setitems
    try:
        yield
    finally:
        pickler._batch_setitems = kept
