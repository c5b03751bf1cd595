"""The two forms in which our resources are served: what differs between them, and nothing else.

Dynamic resources of Python carry their provider in `__provider`, which the engine sends back with
the next call. Resources of the plugin are served by their type.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from google.protobuf import struct_pb2

from . import secrets
from .marshal import PROVIDER_KEY, from_wire, to_wire, without_secrets
from .type_tokens import with_provider

Bag = dict[str, Any]


class Given(Bag):
    """A bag, and which of its properties were secret."""

    def __init__(self, bag: Mapping[str, Any], secret: secrets.Marks) -> None:
        """Take both."""
        super().__init__(bag)
        self.secret = secret


class Form(Protocol):
    """How property bags travel."""

    def given(self, bag: struct_pb2.Struct, urn: str, *, keep_unknowns: bool = False) -> Given:
        """Read what an answer is to be written for."""
        ...

    def former(self, bag: struct_pb2.Struct, *, keep_unknowns: bool = False) -> Bag:
        """Read what is only looked at."""
        ...

    def kept(self, bag: Mapping[str, Any] | None, source: Given) -> struct_pb2.Struct:
        """Write what goes into state, for what `given` returned; None is an empty bag."""
        ...


class Dynamic:
    """Dynamic resources of Python: `__provider` goes into everything that ends up in state."""

    def given(self, bag: struct_pb2.Struct, urn: str, *, keep_unknowns: bool = False) -> Given:
        """Read a bag; where it names no provider, the type does.

        Raises:
            UnknownTypeError: no installed package serves the type.
        """
        plain = self.former(bag, keep_unknowns=keep_unknowns)
        return Given(with_provider(plain, urn), secrets.marks(bag))

    def former(self, bag: struct_pb2.Struct, *, keep_unknowns: bool = False) -> Bag:
        """Read a bag as it stands."""
        return without_secrets(from_wire(bag, keep_unknowns=keep_unknowns))

    def kept(self, bag: Mapping[str, Any] | None, source: Given) -> struct_pb2.Struct:
        """Write a bag with the provider of `source`."""
        whole = {**(bag or {}), PROVIDER_KEY: source[PROVIDER_KEY]}
        return secrets.marked(to_wire(whole), source.secret)


class Native:
    """Resources of the plugin."""

    def given(self, bag: struct_pb2.Struct, urn: str, *, keep_unknowns: bool = False) -> Given:
        """Read a bag."""
        del urn
        return Given(self.former(bag, keep_unknowns=keep_unknowns), secrets.marks(bag))

    def former(self, bag: struct_pb2.Struct, *, keep_unknowns: bool = False) -> Bag:
        """Read a bag; a state that dynamic resources have left may still name their provider."""
        plain = without_secrets(from_wire(bag, keep_unknowns=keep_unknowns))
        plain.pop(PROVIDER_KEY, None)
        return plain

    def kept(self, bag: Mapping[str, Any] | None, source: Given) -> struct_pb2.Struct:
        """Write a bag."""
        return secrets.marked(to_wire(bag or {}), source.secret)
