"""Serve the plugin: `python -u -m vertex_custom_weights_plugin ENGINE_ADDRESS`."""

import functools
import sys
from pathlib import Path
from typing import Any

from vertex_custom_weights_provider.host.__main__ import imported_server


def main() -> None:
    """Serve in this process until the engine ends it."""
    server = imported_server()
    from vertex_custom_weights_provider.host.plugin import Plugin
    from vertex_custom_weights_provider.resources.form import serve_plugin

    serve_plugin()
    front = functools.partial(Plugin, schema=_schema, construct=_Components(sys.argv[-1]))
    server.serve(sys.argv, front)


def _schema() -> str:
    return Path(__file__).with_name("schema.json").read_text(encoding="utf-8")


class _Components:
    """Makes components; they are loaded when the first is asked for."""

    def __init__(self, engine: str) -> None:
        self._engine = engine

    @functools.cached_property
    def _made(self) -> Any:
        from .construct import Constructor

        return Constructor(self._engine)

    def __call__(self, request: Any, config: Any) -> Any:
        return self._made.construct(request, config)


if __name__ == "__main__":
    main()
