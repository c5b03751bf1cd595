"""In which form this process declares resources: a program's dynamic ones, or those of the plugin.

A program in Python registers dynamic resources, which carry their provider. The plugin makes the
components of programs in other languages, and their children are resources of the plugin itself.
The types are the same in both forms, so that state moves between them.
"""

from __future__ import annotations

from vertex_custom_weights_provider.spelling import camel
from vertex_custom_weights_provider.tokens import PACKAGE

_plugin = False


def serve_plugin() -> None:
    """Declare resources of the plugin from now on, in all of this process."""
    global _plugin  # noqa: PLW0603 - a process has one form, and takes it before it declares any
    _plugin = True


def in_plugin() -> bool:
    """Tell whether resources are those of the plugin."""
    return _plugin


def setting(key: str) -> str:
    """Return the key of the stack's configuration that stands in for an argument."""
    return f"{PACKAGE if _plugin else 'gcp'}:{key}"


def spelled(name: str) -> str:
    """Return an argument's name as programs write it: in Python, or in other languages."""
    return camel(name) if _plugin else name
