"""Serve dynamic resources: `python -u -m vertex_custom_weights_provider.host ENGINE_ADDRESS`."""

import gc
import sys
from types import ModuleType


def main() -> None:
    """Serve in this process until the engine ends it."""
    imported_server().serve(sys.argv)


def imported_server() -> ModuleType:
    """Return the module that serves, as fast as the server that Pulumi bundles starts."""
    # The imports make a hundred thousand objects that live for ever; looking through them for
    # garbage again and again is a twentieth of the start (20 ms, 2026-11).
    gc.disable()
    from vertex_custom_weights_provider.host.deferred_imports import lighten

    lighten()
    from vertex_custom_weights_provider.host import server

    gc.freeze()
    # What is loaded on first use lives for ever as well; the usual 700 objects would cost it 25 ms.
    gc.set_threshold(50_000)
    gc.enable()
    return server


if __name__ == "__main__":
    main()
