"""What providers return, as the protocol's messages.

The serialized provider goes into everything that ends up in state: the engine sends it back with
the next call, and without it nobody would know whom to ask.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from google.protobuf import struct_pb2
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult
from pulumi.runtime.proto import provider_pb2

from .marshal import PROVIDER_KEY, to_wire


def outputs(bag: Mapping[str, Any] | None, source: Mapping[str, Any]) -> struct_pb2.Struct:
    """Return a bag for the state, with the provider of `source`; None is an empty bag."""
    return to_wire({**(bag or {}), PROVIDER_KEY: source[PROVIDER_KEY]})


def check(result: CheckResult, news: Mapping[str, Any]) -> provider_pb2.CheckResponse:
    """Return checked inputs and everything that is wrong with them."""
    failures = [
        provider_pb2.CheckFailure(property=each.property, reason=each.reason)
        for each in result.failures
    ]
    return provider_pb2.CheckResponse(inputs=outputs(result.inputs, news), failures=failures)


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


def create(result: CreateResult, props: Mapping[str, Any]) -> provider_pb2.CreateResponse:
    """Return the id and outputs of a new resource."""
    return provider_pb2.CreateResponse(id=result.id, properties=outputs(result.outs, props))


def read(result: ReadResult, props: Mapping[str, Any]) -> provider_pb2.ReadResponse:
    """Return the live resource; without an id it is gone."""
    if not result.id:
        return provider_pb2.ReadResponse()
    response = provider_pb2.ReadResponse(id=result.id, properties=outputs(result.outs, props))
    if result.inputs is not None:
        response.inputs.CopyFrom(outputs(result.inputs, props))
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
