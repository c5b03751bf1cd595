"""In which form this process declares resources: a program's dynamic ones, or those of the plugin.

A program in Python registers dynamic resources, which carry their provider. The plugin makes the
components of programs in other languages, and their children are resources of the plugin itself.
The types are the same in both forms, so that state moves between them.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

from vertex_custom_weights_provider.spelling import camel
from vertex_custom_weights_provider.tokens import PACKAGE

_plugin = False
_stack_file: ContextVar[bool] = ContextVar("stack_file", default=False)


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


@contextmanager
def stack_file() -> Generator[None]:
    """Declare what a stack file says inside the block: it names arguments in camelCase."""
    token = _stack_file.set(True)
    try:
        yield
    finally:
        _stack_file.reset(token)


def spelled(name: str) -> str:
    """Return an argument's name as it was written: in a Python program, or anywhere else."""
    return camel(name) if _plugin or _stack_file.get() else name
