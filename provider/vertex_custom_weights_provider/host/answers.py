"""What providers return, as the protocol's messages.

How a bag is written for the state is the affair of the form that is served (`forms`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf import struct_pb2
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult
from pulumi.runtime.proto import provider_pb2

Kept = Callable[[Mapping[str, Any] | None], struct_pb2.Struct]
"""Writes a bag for the state."""


def check(
    result: CheckResult, kept: Kept, masked: Callable[[str], str]
) -> provider_pb2.CheckResponse:
    """Return checked inputs and everything that is wrong with them."""
    failures = [
        provider_pb2.CheckFailure(property=each.property, reason=masked(each.reason))
        for each in result.failures
    ]
    return provider_pb2.CheckResponse(inputs=kept(result.inputs), failures=failures)


def diff(result: DiffResult) -> provider_pb2.DiffResponse:
    """Return a diff; an undecided one leaves the comparison of inputs to the engine."""
    response = provider_pb2.DiffResponse(changes=_changes(result), replaces=result.replaces or [])
    if result.delete_before_replace is not None:
        response.deleteBeforeReplace = result.delete_before_replace
    detailed: Mapping[str, str] | None = getattr(result, "detailed", None)
    if detailed:
        response.hasDetailedDiff = True
        response.diffs.extend(sorted({_root(path) for path in detailed}))
        for path, kind in detailed.items():
            response.detailedDiff[path].kind = provider_pb2.PropertyDiff.Kind.Value(kind)
    return response


def create(result: CreateResult, kept: Kept) -> provider_pb2.CreateResponse:
    """Return the id and outputs of a new resource."""
    return provider_pb2.CreateResponse(id=result.id, properties=kept(result.outs))


def read(result: ReadResult, kept: Kept) -> provider_pb2.ReadResponse:
    """Return the live resource; without an id it is gone."""
    if not result.id:
        return provider_pb2.ReadResponse()
    response = provider_pb2.ReadResponse(id=result.id, properties=kept(result.outs))
    if result.inputs is not None:
        response.inputs.CopyFrom(kept(result.inputs))
    return response


def _changes(result: DiffResult) -> provider_pb2.DiffResponse.DiffChanges.ValueType:
    if result.changes is None:
        return provider_pb2.DiffResponse.DIFF_UNKNOWN
    if result.changes:
        return provider_pb2.DiffResponse.DIFF_SOME
    return provider_pb2.DiffResponse.DIFF_NONE


def _root(path: str) -> str:
    """Return the top-level property of a path such as `machine.count` or `labels["a"]`."""
    return re.split(r"[.\[]", path, maxsplit=1)[0]
