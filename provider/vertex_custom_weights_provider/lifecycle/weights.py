"""The look at the weights that `check` takes, and what it costs a preview.

Nothing changed: one listing. The full examination, a few ranged reads per shard, runs only when
the listing's digest or the machine is new.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vertex_custom_weights_provider.lifecycle.context import Cloud
from vertex_custom_weights_provider.lifecycle.differ import compare
from vertex_custom_weights_provider.lifecycle.locations import location_problems
from vertex_custom_weights_provider.spec.base import Problem
from vertex_custom_weights_provider.spec.common import DedicatedResources, MachineSpec
from vertex_custom_weights_provider.spec.custom_weights_deployment import (
    CustomWeightsDeploymentSpec,
)
from vertex_custom_weights_provider.spec.parsing import Parsed
from vertex_custom_weights_provider.storage import GcsSource, StorageError
from vertex_custom_weights_provider.storage.inventory import listing_digest

if TYPE_CHECKING:
    from vertex_custom_weights_provider import preflight

_EXAMINED = ("project", "location", "gcsUri", "dedicatedResources", "preflight")


@dataclass(frozen=True)
class Weights:
    """What is known of the weights after a look.

    Attributes:
        fingerprint: Digest of the bytes that serving reads; None when it could not be taken.
        problems: Findings that stop a preview.
        warnings: Findings that are shown.
        notes: What a reviewer may want to know.
    """

    fingerprint: str | None
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def examine_weights(
    parsed: Parsed[CustomWeightsDeploymentSpec], old: Mapping[str, Any], cloud: Cloud
) -> Weights:
    """Look at region, machine and weights, as far as they are known and the program wants it."""
    wrong_place = tuple(location_problems(parsed, old))
    before = old.get("weightsFingerprint")
    mode = parsed.spec.preflight or "enforce"
    if mode == "off" or not parsed.has("gcsUri"):
        return Weights(before, wrong_place)
    kept = _kept(parsed, old)
    if kept and not wrong_place and _unchanged(parsed, old):
        return Weights(kept)
    source = GcsSource(cloud.storage_rest, parsed.spec.gcs_uri)
    listing = None
    try:
        listing = source.list()
    except StorageError:
        fingerprint = before  # the examination says what is wrong with the folder
    else:
        fingerprint = listing_digest(listing)
        if fingerprint == before and not wrong_place and _unchanged(parsed, old):
            return Weights(fingerprint)
    # Imported late: most previews find nothing new and never get here.
    from vertex_custom_weights_provider import preflight

    request = _request(parsed, trusted_place=not wrong_place)
    report = preflight.examine(source, request, listing=listing)
    errors = [Problem(f.path, f.message) for f in report.findings if f.severity == "error"]
    warnings = [f.message for f in report.findings if f.severity == "warn"]
    if mode == "warn":
        warnings += [f"{problem.path}: {problem.message}" for problem in errors]
        errors = []
    return Weights(kept or fingerprint, (*wrong_place, *errors), tuple(warnings), _notes(report))


def _kept(parsed: Parsed[CustomWeightsDeploymentSpec], old: Mapping[str, Any]) -> str | None:
    """Return the old fingerprint where new bytes are to be ignored.

    They are ignored as long as the endpoint lives: another one loads what is there then.
    """
    before = old.get("weightsFingerprint")
    if before is None or parsed.spec.weights_changes != "ignore":
        return None
    new = {**parsed.spec.wire(), "weightsFingerprint": before}
    return None if compare(CustomWeightsDeploymentSpec, old, new).replacing else before


def _unchanged(parsed: Parsed[CustomWeightsDeploymentSpec], old: Mapping[str, Any]) -> bool:
    wire = parsed.spec.wire()
    return not parsed.unknown.intersection(_EXAMINED) and all(
        wire.get(key) == old.get(key) for key in _EXAMINED
    )


def _request(
    parsed: Parsed[CustomWeightsDeploymentSpec], *, trusted_place: bool
) -> preflight.Request:
    from vertex_custom_weights_provider import preflight

    resources = parsed.spec.dedicated_resources or DedicatedResources()
    machine = resources.machine_spec or MachineSpec()
    low = 1 if resources.min_replica_count is None else resources.min_replica_count
    return preflight.Request(
        machine_type=machine.machine_type,
        accelerator_type=machine.accelerator_type,
        accelerator_count=machine.accelerator_count,
        location=parsed.spec.location if trusted_place and parsed.has("location") else None,
        min_replicas=low,
        max_replicas=resources.max_replica_count or max(low, 1),
        spot=bool(resources.spot),
    )


def _notes(report: preflight.Report) -> tuple[str, ...]:
    return tuple(f.message for f in report.findings if f.severity == "info")
