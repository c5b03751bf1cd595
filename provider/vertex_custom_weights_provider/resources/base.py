"""The base of all resource classes."""

from __future__ import annotations

import pickle
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pulumi
import pulumi.dynamic


class VertexResource(pulumi.dynamic.Resource):
    """A dynamic resource of which a program may declare any number."""

    def __init__(
        self,
        provider: pulumi.dynamic.ResourceProvider,
        name: str,
        props: dict[str, Any],
        opts: pulumi.ResourceOptions | None,
    ) -> None:
        """Register the resource."""
        with unwound_pickler():
            super().__init__(provider, name, props, opts)


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
