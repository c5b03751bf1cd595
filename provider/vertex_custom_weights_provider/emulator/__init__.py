"""An embedded fake of the Vertex AI, Compute and Cloud Storage surface this project speaks to.

One WSGI application over one SQLite file. It shares neither code nor data with what it checks, the
catalogue of models and machines included: an error there cannot hide behind the same error here.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

from .settings import Settings

if TYPE_CHECKING:
    from .http.app import App

__all__ = ["Settings", "create_app"]

# In process it is a library: who wants its log (`serve` does) adds a handler.
logging.getLogger(__name__).addHandler(logging.NullHandler())
# Modules that import each other, as werkzeug's do, must not be entered by two threads at once,
# through different ones: Python lets each go on with the unfinished half of the other.
_LOADING = threading.Lock()


def create_app(settings: Settings) -> App:
    """Open (or create) the state file and return the WSGI application over it.

    The application is thread-safe, and any number of processes may have the same state file open.
    """
    # werkzeug and the routes load only when one is built.
    with _LOADING:
        from . import assembly  # noqa: PLC0415

    return assembly.build(settings)


def __getattr__(name: str) -> Any:
    """Give `App` its name here without importing werkzeug for it."""
    if name == "App":
        with _LOADING:
            from .http.app import App

        return App
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
