"""Turn a serialized provider into a configured object, once per process."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from typing import Any

from pulumi.dynamic import Config, ConfigureRequest, ResourceProvider
from pulumi.metadata import get_project
from pulumi.runtime import Settings, configure

from . import pickling


class Providers:
    """The providers of this process by their serialized form; safe for any number of threads."""

    def __init__(self) -> None:
        self._loaded: dict[str, ResourceProvider] = {}
        self._tried = 0
        # One lock for all: unpickling imports user modules, and dill is not known to be safe
        # against itself. A provider whose `configure` raises is not kept and gets another try.
        self._lock = threading.Lock()

    @property
    def all_ours(self) -> bool:
        """Tell whether nothing but classes of this package was loaded, or tried to be."""
        ours = f"{__name__.partition('.')[0]}."
        modules = [type(provider).__module__ for provider in self._loaded.values()]
        return len(modules) == self._tried and all(name.startswith(ours) for name in modules)

    def get(self, serialized: str, config: Mapping[str, Any]) -> ResourceProvider:
        """Return the provider, unpickled and configured at its first use.

        Args:
            serialized: The value of `__provider`.
            config: The stack's whole configuration, keys with their namespace.
        """
        _set_ambient_settings()
        provider = self._loaded.get(serialized)
        if provider is None:
            with self._lock:
                provider = self._loaded.get(serialized)
                if provider is None:
                    self._tried += 1
                    provider = pickling.load(serialized)
                    request = ConfigureRequest(Config(dict(config), get_project()))
                    provider.configure(request)
                    self._loaded[serialized] = provider
        return provider


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
