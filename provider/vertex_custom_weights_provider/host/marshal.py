"""Property bags between the wire and Python, exactly as Pulumi's bundled server does it.

Numbers arrive as floats, unknowns as `pulumi.output.Unknown` and only where they are kept, keys
whose value is null disappear. What a provider makes of that is its own business.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from google.protobuf import struct_pb2
from pulumi.runtime import rpc

PROVIDER_KEY = "__provider"
"""The property of every dynamic resource that holds its serialized provider."""


def from_wire(bag: struct_pb2.Struct, *, keep_unknowns: bool = False) -> dict[str, Any]:
    """Read a property bag; without `keep_unknowns` an unknown property is an absent one."""
    return rpc.deserialize_properties(bag, keep_unknowns)


def to_wire(bag: Mapping[str, Any]) -> struct_pb2.Struct:
    """Write a property bag; unknowns are marked as such."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(rpc.serialize_properties(dict(bag), {}))
    finally:
        loop.close()


def without_secrets(bag: Mapping[str, Any]) -> dict[str, Any]:
    """Take the secret marks off; configuration may carry them whatever the server accepts."""
    return {key: rpc.unwrap_rpc_secret(value) for key, value in bag.items()}
