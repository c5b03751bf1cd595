"""Secrets on the wire: which values are marked, and the same marks on what is answered.

What is answered under the name of a secret input is secret, as the engine has it for providers that
take no secrets: below objects by name, of a list the whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf import struct_pb2
from pulumi.runtime import rpc

_rpc: Any = rpc
_SIGN, _SECRET = _rpc._special_sig_key, _rpc._special_secret_sig
_BAGS = ("news", "olds", "properties", "inputs")
# A shorter text stands in too many words to be hidden wherever it does.
_SHORTEST = 4

Marks = dict[str, Any]
"""By name: True for what is secret, the same again for an object with secrets in it."""


def marks(bag: struct_pb2.Struct) -> Marks:
    """Return what is secret in a bag."""
    found = {key: _marks(value) for key, value in bag.fields.items()}
    return {key: value for key, value in found.items() if value}


def _marks(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "list_value":
        return any(_marks(item) for item in value.list_value.values)
    if kind != "struct_value":
        return False
    return True if _is_secret(value) else marks(value.struct_value)


def marked(bag: struct_pb2.Struct, marks: Marks) -> struct_pb2.Struct:
    """Mark in a bag what is secret by these marks, and return it."""
    for key, mark in marks.items():
        if key not in bag.fields:
            continue
        value = bag.fields[key]
        if mark is not True and value.WhichOneof("kind") == "struct_value":
            marked(value.struct_value, mark)
        elif not _is_secret(value):
            plain = struct_pb2.Value()
            plain.CopyFrom(value)
            value.struct_value.Clear()
            value.struct_value.fields[_SIGN].string_value = _SECRET
            value.struct_value.fields["value"].CopyFrom(plain)
    return bag


def texts(request: Any) -> tuple[str, ...]:
    """Return the texts that are secret in a request, the longest first."""
    bags = (getattr(request, name) for name in _BAGS if hasattr(request, name))
    found = {text for bag in bags for value in bag.fields.values() for text in _secrets(value)}
    return tuple(sorted((one for one in found if len(one) >= _SHORTEST), key=len, reverse=True))


def _secrets(value: struct_pb2.Value) -> Iterator[str]:
    if _is_secret(value):
        yield from _leaves(value.struct_value.fields["value"])
        return
    for inner in _inside(value):
        yield from _secrets(inner)


def _leaves(value: struct_pb2.Value) -> Iterator[str]:
    if value.WhichOneof("kind") == "string_value":
        yield value.string_value
    for inner in _inside(value):
        yield from _leaves(inner)


def _inside(value: struct_pb2.Value) -> Iterator[struct_pb2.Value]:
    kind = value.WhichOneof("kind")
    if kind == "list_value":
        yield from value.list_value.values
    elif kind == "struct_value":
        yield from value.struct_value.fields.values()


def _is_secret(value: struct_pb2.Value) -> bool:
    if not value.HasField("struct_value"):
        return False
    fields = value.struct_value.fields
    return _SIGN in fields and fields[_SIGN].string_value == _SECRET
