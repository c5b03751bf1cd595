"""The provider that serves a resource, as a configured object: once per process.

Ours are found by the type of the resource. What state and programs carry of them in `__provider` is
not looked at: it is a pickle, and unpickling runs what it says. Other people's providers are known
by nothing else.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Mapping
from typing import Any

from pulumi.dynamic import Config, ConfigureRequest, ResourceProvider
from pulumi.metadata import get_project
from pulumi.runtime import Settings, configure

from . import pickling
from .marshal import PROVIDER_KEY
from .type_tokens import UnknownProviderError, is_ours, of_type


class Providers:
    """The providers of this process; safe for any number of threads."""

    def __init__(self) -> None:
        self._loaded: dict[str, ResourceProvider] = {}
        self._unpickled = 0
        # One lock for all: unpickling imports user modules, and dill is not known to be safe
        # against itself. A provider whose `configure` raises is not kept and gets another try.
        self._lock = threading.Lock()

    @property
    def all_ours(self) -> bool:
        """Tell whether nothing but classes of this package was loaded, or tried to be."""
        ours = f"{__name__.partition('.')[0]}."
        unpickled = [key for key in self._loaded if not _is_token(key)]
        modules = [type(self._loaded[key]).__module__ for key in unpickled]
        return len(modules) == self._unpickled and all(name.startswith(ours) for name in modules)

    def get(
        self, token: str, bags: Iterable[Mapping[str, Any]], config: Mapping[str, Any]
    ) -> ResourceProvider:
        """Return the provider of a resource, configured at its first use.

        Args:
            token: The resource's type.
            bags: Its properties, of which the first that carries a provider names it. A program may
                build its provider from an output that a preview does not know yet.
            config: The stack's whole configuration, keys with their namespace.

        Raises:
            UnknownProviderError: the type is not ours, and no bag carries a provider.
        """
        _set_ambient_settings()
        key = token if is_ours(token) else _serialized(bags)
        provider = self._loaded.get(key)
        if provider is None:
            with self._lock:
                provider = self._loaded.get(key)
                if provider is None:
                    provider = self._new(key)
                    request = ConfigureRequest(Config(dict(config), get_project()))
                    provider.configure(request)
                    self._loaded[key] = provider
        return provider

    def _new(self, key: str) -> ResourceProvider:
        if _is_token(key):
            return of_type(key)
        self._unpickled += 1
        return pickling.load(key)


def _is_token(key: str) -> bool:
    return ":" in key  # which base64 has not


def _serialized(bags: Iterable[Mapping[str, Any]]) -> str:
    found = (bag.get(PROVIDER_KEY) for bag in bags)
    serialized = next((value for value in found if isinstance(value, str)), None)
    if serialized is None:
        raise UnknownProviderError
    return serialized


def _set_ambient_settings() -> None:
    # `pulumi.get_project()` works in providers, and per thread. The engine names neither stack nor
    # organization to a dynamic provider; the stand-ins are the bundled server's.
    configure(
        Settings(
            project=os.environ.get("PULUMI_PROJECT", "project"),
            stack="stack",
            organization="organization",
        )
    )
