"""Providers to and from the value of `__provider`, as `pulumi.dynamic` does it.

The only place that touches them: whatever the installed SDK does to a provider happens here too.
"""

from __future__ import annotations

import base64
import pickle
from typing import Any

import dill
from pulumi.dynamic import ResourceProvider, dynamic
from pulumi.runtime import _serialization  # pyright: ignore[reportPrivateImportUsage]

_dynamic: Any = dynamic
_guards: Any = _serialization
_dill: Any = dill


def dump(provider: ResourceProvider) -> str:
    """Return what a program puts into a resource of this provider."""
    serialized, _ = _guards._serialize(True, _dynamic.serialize_provider, provider)
    return serialized


def load(serialized: str) -> ResourceProvider:
    """Return the provider, importing the module of its class.

    The bytes are code of the user's program or state: whoever can change them can change that too.
    """
    data = base64.b64decode(serialized)
    # dill names itself where it added something, and handles what a program itself defines.
    pickler: Any = _dill if b"dill" in data or b"__main__" in data else pickle
    return _guards._deserialize(lambda: pickler.loads(data))
