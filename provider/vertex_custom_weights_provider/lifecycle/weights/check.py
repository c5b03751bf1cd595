"""The look at the weights that `check` takes, and what it costs a preview.

Nothing changed: one listing. The full examination, a few ranged reads per shard and what the
service says, runs only when the listing's digest or the machine is new.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from vertex_custom_weights_provider.api.cloud import Cloud
from vertex_custom_weights_provider.lifecycle.diff import compare
from vertex_custom_weights_provider.lifecycle.lines import Line
from vertex_custom_weights_provider.lifecycle.references.locations import location_problems
from vertex_custom_weights_provider.lifecycle.weights import announced, machine_choice
from vertex_custom_weights_provider.lifecycle.weights.machine_choice import Deployment
from vertex_custom_weights_provider.properties.base import Problem
from vertex_custom_weights_provider.properties.custom_weights_deployment import (
    CustomWeightsDeploymentSpec,
)
from vertex_custom_weights_provider.properties.machines import DedicatedResources, MachineSpec
from vertex_custom_weights_provider.storage import Deadline, GcsSource, Listing, StorageError
from vertex_custom_weights_provider.storage.inventory import listing_digest
from vertex_custom_weights_provider.storage.patience import PREVIEW_SECONDS

if TYPE_CHECKING:
    from vertex_custom_weights_provider import preflight

_UNREMARKABLE_SECONDS = 2.0
_EXAMINED = ("project", "location", "gcsUri", "dedicatedResources", "preflight", "baseModel")


class Weights(msgspec.Struct, frozen=True):
    """What is known of the weights after a look.

    Attributes:
        fingerprint: Digest of the bytes that serving reads; None when it could not be taken.
        problems: Findings that stop a preview.
        warnings: Findings that are shown.
        notes: What a reviewer may want to know.
        resources: Machine and replicas, where the program leaves the machine to preflight.
        report: The full examination, where there was one.
    """

    fingerprint: str | None
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Line, ...] = ()
    notes: tuple[Line, ...] = ()
    resources: DedicatedResources | None = None
    report: preflight.Report | None = None


def examine_weights(asked: Deployment, old: Mapping[str, Any], cloud: Cloud) -> Weights:
    """Look at region, machine and weights, as far as they are known and the program wants it."""
    parsed = machine_choice.kept(asked, old)
    chosen = parsed.spec.dedicated_resources if machine_choice.is_automatic(asked) else None
    wrong_place = tuple(location_problems(parsed, old))
    before = old.get("weightsFingerprint")
    if parsed.spec.preflight == "off":
        open_choice = machine_choice.is_automatic(parsed)
        undecided = (machine_choice.no_choice(looked=False),) if open_choice else ()
        return Weights(before, (*wrong_place, *undecided), resources=chosen)
    if not parsed.has("gcsUri"):
        return Weights(before, wrong_place, resources=chosen)
    kept = _kept(parsed, old)
    same = not wrong_place and _unchanged(parsed, old)
    if kept and same:
        return Weights(kept, resources=chosen)
    source = GcsSource(cloud.storage_rest, parsed.spec.gcs_uri)
    deadline = Deadline(waiting=_patience(cloud, source.uri))
    try:
        listing = announced.listing(cloud, parsed.spec.gcs_uri, deadline)
    except StorageError:
        listing = None  # the examination says what is wrong with the folder
    digest = listing_digest(listing) if listing is not None else before
    if listing is not None and digest == before and same:
        return Weights(digest, resources=chosen)
    cloud.memory.of(announced.LookAhead).study_next(cloud)
    place = not wrong_place
    look = _Look(source, listing, kept or digest, cloud, trusted_place=place, deadline=deadline)
    return look.at(asked, parsed, wrong_place)


def _patience(cloud: Cloud, uri: str) -> Callable[[float], None]:
    """Say that it takes long, and give up at once when the engine wants to stop."""

    def waiting(seconds: float) -> None:
        cloud.clock.sleep(0)
        if seconds >= _UNREMARKABLE_SECONDS:
            cloud.report.status(f"examining {uri}: {seconds:.0f} of {PREVIEW_SECONDS:.0f} s")

    return waiting


def _kept(parsed: Deployment, old: Mapping[str, Any]) -> str | None:
    """Return the old fingerprint where new bytes are to be ignored.

    They are ignored as long as the endpoint lives: another one loads what is there then.
    """
    before = old.get("weightsFingerprint")
    if before is None or parsed.spec.weights_changes != "ignore":
        return None
    new = {**parsed.spec.wire(), "weightsFingerprint": before}
    return None if compare(CustomWeightsDeploymentSpec, old, new).renewing else before


def _unchanged(parsed: Deployment, old: Mapping[str, Any]) -> bool:
    wire = parsed.spec.wire()
    return not parsed.unknown.intersection(_EXAMINED) and all(
        wire.get(key) == old.get(key) for key in _EXAMINED
    )


class _Look(msgspec.Struct, frozen=True):
    """A full examination of one folder."""

    source: GcsSource
    listing: Listing | None
    fingerprint: str | None
    cloud: Cloud
    trusted_place: bool
    deadline: Deadline

    def at(self, asked: Deployment, parsed: Deployment, problems: tuple[Problem, ...]) -> Weights:
        """Examine the folder for a deployment; choose its machine, where that is left to us.

        Args:
            asked: The deployment as the program has it.
            parsed: The same, with the machine that was chosen earlier.
            problems: What is wrong already.
        """
        report = self._report(parsed)
        notes: list[Line] = []
        automatic = machine_choice.is_automatic(asked)
        if automatic and (machine_choice.is_automatic(parsed) or not machine_choice.fits(report)):
            machine, report = self._choose(asked, report)
            if machine is not None:
                parsed = machine_choice.settled(asked, machine)
                notes.append(Line("machineType", machine_choice.told(machine)))
            elif self._placed(asked) and not _refused(asked, report):
                problems = (*problems, machine_choice.no_choice(looked=True))
        bad = [finding for finding in report.findings if finding.severity == "error"]
        warnings = [Line(f.id, f.message, "warn") for f in report.findings if f.severity == "warn"]
        notes += [Line(f.id, f.message) for f in report.findings if f.severity == "info"]
        if parsed.spec.preflight == "warn":
            warnings += [Line(f.id, f"{f.path}: {f.message}", "warn") for f in bad]
            bad = []
        errors = [Problem(f.path, Line(f.id, f.message).shown) for f in bad]
        resources = parsed.spec.dedicated_resources if automatic else None
        found = (*problems, *errors)
        return Weights(self.fingerprint, found, tuple(warnings), tuple(notes), resources, report)

    def _choose(
        self, asked: Deployment, report: preflight.Report
    ) -> tuple[machine_choice.Machine | None, preflight.Report]:
        """Return the first machine that nothing speaks against, and the report on it."""
        if not self._placed(asked):
            return None, report
        tried: list[tuple[machine_choice.Machine, preflight.Report]] = []
        for machine in machine_choice.candidates(report, asked.spec.location):
            tried.append((machine, self._report(machine_choice.settled(asked, machine))))
            if machine_choice.fits(tried[-1][1]):
                return tried[-1]
        return tried[0] if tried else (None, report)

    def _placed(self, parsed: Deployment) -> bool:
        return self.trusted_place and parsed.has("project", "location")

    def _report(self, parsed: Deployment) -> preflight.Report:
        # Imported late: most previews find nothing new and never get here.
        from vertex_custom_weights_provider import preflight
        from vertex_custom_weights_provider.lifecycle.weights import answers

        asked: dict[str, Any] = {}
        if self._placed(parsed):
            place = (parsed.spec.project, parsed.spec.location)
            asked["recommend"] = answers.service(self.cloud, *place, self.fingerprint)
            asked["quota"] = answers.quota(self.cloud, parsed.spec.project)
        request = _request(parsed, trusted_place=self.trusted_place)
        return preflight.examine(
            self.source,
            request,
            listing=self.listing,
            memo=self.cloud.memory.of(preflight.Memo),
            deadline=self.deadline,
            **asked,
        )


def _request(parsed: Deployment, *, trusted_place: bool) -> preflight.Request:
    from vertex_custom_weights_provider import preflight

    resources = parsed.spec.dedicated_resources or DedicatedResources()
    machine = resources.machine_spec or MachineSpec()
    if machine_choice.is_automatic(parsed):
        machine = MachineSpec()
    low = 1 if resources.min_replica_count is None else resources.min_replica_count
    return preflight.Request(
        machine_type=machine.machine_type,
        accelerator_type=machine.accelerator_type,
        accelerator_count=machine.accelerator_count,
        location=parsed.spec.location if trusted_place and parsed.has("location") else None,
        min_replicas=low,
        max_replicas=resources.max_replica_count or max(low, 1),
        spot=bool(resources.spot),
        base_model=parsed.spec.base_model,
        family=parsed.spec.family,
    )


_OF_WEIGHTS = ("gcsUri", "family")


def _refused(asked: Deployment, report: preflight.Report) -> bool:
    """Tell whether the weights are refused: that no machine fits them says nothing more."""
    wrong = (f for f in report.findings if f.severity == "error" and f.path in _OF_WEIGHTS)
    return asked.spec.preflight in (None, "enforce") and next(wrong, None) is not None
