"""The two forms in which our resources are served: what differs between them, and nothing else.

Dynamic resources of Python carry their provider in `__provider`, which the engine sends back with
the next call. Resources of the plugin are served by their type; the engine sends their secrets
marked as such, and what is answered under the same name is marked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from google.protobuf import struct_pb2
from pulumi.runtime import rpc

from .marshal import PROVIDER_KEY, from_wire, to_wire, without_secrets
from .type_tokens import with_provider

Bag = dict[str, Any]
_rpc: Any = rpc


class Form(Protocol):
    """How property bags travel."""

    def given(self, bag: struct_pb2.Struct, urn: str, *, keep_unknowns: bool = False) -> Bag:
        """Read what an answer is to be written for."""
        ...

    def former(self, bag: struct_pb2.Struct, *, keep_unknowns: bool = False) -> Bag:
        """Read what is only looked at."""
        ...

    def kept(self, bag: Mapping[str, Any] | None, source: Bag) -> struct_pb2.Struct:
        """Write what goes into state, for what `given` returned; None is an empty bag."""
        ...


class Dynamic:
    """Dynamic resources of Python: `__provider` goes into everything that ends up in state."""

    def given(self, bag: struct_pb2.Struct, urn: str, *, keep_unknowns: bool = False) -> Bag:
        """Read a bag; where it names no provider, the type does.

        Raises:
            UnknownTypeError: no installed package serves the type.
        """
        return with_provider(from_wire(bag, keep_unknowns=keep_unknowns), urn)

    def former(self, bag: struct_pb2.Struct, *, keep_unknowns: bool = False) -> Bag:
        """Read a bag as it stands."""
        return from_wire(bag, keep_unknowns=keep_unknowns)

    def kept(self, bag: Mapping[str, Any] | None, source: Bag) -> struct_pb2.Struct:
        """Write a bag with the provider of `source`."""
        return to_wire({**(bag or {}), PROVIDER_KEY: source[PROVIDER_KEY]})


class _Given(Bag):
    """A bag, and which of its properties were secret."""

    secret: frozenset[str] = frozenset()


class Native:
    """Resources of the plugin."""

    def given(self, bag: struct_pb2.Struct, urn: str, *, keep_unknowns: bool = False) -> Bag:
        """Read a bag, and remember its secrets."""
        del urn
        marked = from_wire(bag, keep_unknowns=keep_unknowns)
        found = _Given(_plain(marked))
        found.secret = frozenset(k for k, value in marked.items() if rpc.is_rpc_secret(value))
        return found

    def former(self, bag: struct_pb2.Struct, *, keep_unknowns: bool = False) -> Bag:
        """Read a bag; a state that dynamic resources have left may still name their provider."""
        return _plain(from_wire(bag, keep_unknowns=keep_unknowns))

    def kept(self, bag: Mapping[str, Any] | None, source: Bag) -> struct_pb2.Struct:
        """Write a bag; what was secret in `source` is secret."""
        secret = getattr(source, "secret", frozenset[str]())
        return to_wire(
            {key: _secret(value) if key in secret else value for key, value in (bag or {}).items()}
        )


def _plain(bag: Mapping[str, Any]) -> Bag:
    return {key: value for key, value in without_secrets(bag).items() if key != PROVIDER_KEY}


def _secret(value: Any) -> Bag:
    """Return a value as the protocol marks secrets."""
    return {_rpc._special_sig_key: _rpc._special_secret_sig, "value": value}
