"""From a preview and the provider's findings to the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from vertex_custom_weights_provider import catalog
from vertex_custom_weights_provider.report import outcomes
from vertex_custom_weights_provider.report.decision import Thresholds
from vertex_custom_weights_provider.report.deployment import Serving, serving
from vertex_custom_weights_provider.report.endpoints import Unit, others, units
from vertex_custom_weights_provider.report.lines import Lines
from vertex_custom_weights_provider.report.model import (
    EndpointReport,
    Fate,
    Other,
    Part,
    Reason,
    Report,
    Weights,
)
from vertex_custom_weights_provider.report.prices import total
from vertex_custom_weights_provider.report.quotas import Draw, quota_rows
from vertex_custom_weights_provider.report.reach import reach
from vertex_custom_weights_provider.report.reading.changes import Explanation, explain
from vertex_custom_weights_provider.report.reading.preview import Action, Preview, Resource
from vertex_custom_weights_provider.report.reading.weights_facts import (
    WeightsFacts,
    remarks,
    weights_facts,
)
from vertex_custom_weights_provider.report.topology import topology
from vertex_custom_weights_provider.report.verdict import verdict
from vertex_custom_weights_provider.tokens import resource_type

_WORDS = {
    Action.CREATE: "created",
    Action.UPDATE: "changed",
    Action.REPLACE: "replaced",
    Action.DELETE: "removed",
    Action.IMPORT: "imported",
    Action.SAME: "unchanged",
}
_ORDER = list(Fate)


def build(
    preview: Preview,
    findings: Mapping[str, Mapping[str, Any]] | None = None,
    thresholds: Thresholds | None = None,
) -> Report:
    """Make the report.

    Args:
        preview: The preview.
        findings: What `findings_log` recorded during it; None when it was not asked to.
        thresholds: What blocks.
    """
    report = _Builder(preview, findings).report()
    return replace(report, judged=verdict(report, thresholds))


@dataclass(frozen=True)
class _Deployment:
    """One deployment, before and after."""

    resource: Resource
    now: Serving | None
    then: Serving | None
    renewed: bool
    facts: WeightsFacts | None

    @property
    def made(self) -> bool:
        """Whether something is deployed."""
        return self.renewed or self.resource.action is Action.CREATE

    @property
    def draw(self) -> Draw:
        """What it draws from quota."""
        return Draw(self.now, self.then, self.renewed, self.facts)


class _Builder:
    """What the parts of one report have in common."""

    def __init__(self, preview: Preview, findings: Mapping[str, Mapping[str, Any]] | None) -> None:
        self._preview = preview
        self._recorded = findings is not None
        self._facts = {urn: weights_facts(found) for urn, found in (findings or {}).items()}
        self._explained: dict[str, Explanation] = {
            str(resource.urn): explain(resource, preview) for resource in preview.resources
        }
        said = {
            urn: explanation.said
            | (self._facts[urn].said if urn in self._facts else frozenset[str]())
            for urn, explanation in self._explained.items()
        }
        self._lines = Lines(preview, said)
        self._draws: list[Draw] = []

    def report(self) -> Report:
        """Assemble everything."""
        grouped = units(self._preview)
        rest = others(self._preview, grouped)
        endpoints = sorted(map(self._endpoint, grouped), key=_weight)
        changed = [one for one in rest if one.action is not Action.SAME]
        minutes = [one.minutes for one in endpoints if one.minutes is not None]
        open_end = any(one.timed and one.minutes is None for one in endpoints)
        return Report(
            project=self._preview.project,
            stack=self._preview.stack,
            failed=self._preview.failed,
            problems=self._lines.problems(),
            warnings=self._lines.warnings(),
            endpoints=tuple(endpoints),
            others=tuple(Other(o.urn.name, o.urn.type, _WORDS[o.action]) for o in changed),
            unchanged_others=len(rest) - len(changed),
            unseen=self._preview.unseen,
            before=total(one.before for one in endpoints if one.before),
            after=total(one.after for one in endpoints if one.after),
            meanwhile=total(one.meanwhile for one in endpoints),
            quotas=quota_rows(self._draws),
            minutes=max(minutes) if minutes and not open_end else None,
            prices_date=catalog.prices_date(),
            price_region=catalog.price_region(),
        )

    def _endpoint(self, unit: Unit) -> EndpointReport:
        deployments = [self._deployment(one) for one in unit.deployments]
        self._draws += [one.draw for one in deployments]
        now, then = ([getattr(d, side) for d in deployments] for side in ("now", "then"))
        side_by_side = [d.now.price for d in deployments if d.renewed and d.now]
        after = total(one.price for one in then if one)
        made = [d for d in deployments if d.made]
        return EndpointReport(
            name=unit.name,
            kind=unit.component,
            fate=outcomes.fate(unit, self._explained),
            callers=outcomes.callers(unit),
            reasons=tuple(self._reasons(unit)),
            effects=tuple(outcomes.effects(unit, self._explained)),
            parts=tuple(map(self._part, unit.parts)),
            weights=tuple(self._weights(d) for d in deployments if d.then is not None),
            topology=topology(unit),
            reach=reach(unit),
            before=total(one.price for one in now if one) if any(now) else None,
            after=after if any(then) else None,
            both=after + total(side_by_side) if side_by_side else None,
            minutes=_minutes(made),
            timed=bool(made),
            problems=self._lines.problems(unit.parts),
        )

    def _deployment(self, resource: Resource) -> _Deployment:
        urn = str(resource.urn)
        then = serving(resource.new)
        imported = resource.action is Action.IMPORT
        rolls_out = self._explained[urn].rolls_out
        return _Deployment(
            resource=resource,
            now=then if imported else serving(resource.old),
            then=then,
            renewed=resource.action is Action.REPLACE or rolls_out,
            facts=self._facts.get(urn),
        )

    def _reasons(self, unit: Unit) -> Iterable[Reason]:
        """Return the causes, those under one rule together. Rules follow what they lead to."""
        heart = {str(part.urn) for part in (unit.owner, *unit.deployments) if part}
        renewed = any(c.renews for urn in heart for c in self._explained[urn].changes)
        for part in unit.parts:
            if renewed and str(part.urn) not in heart:
                continue
            by_rule: dict[str, list[Any]] = {}
            for change in self._explained[str(part.urn)].changes:
                if change.renews:
                    by_rule.setdefault(change.reason, []).append(change)
            for why, changes in by_rule.items():
                yield Reason(part.urn.name, tuple(changes), why)

    def _part(self, resource: Resource) -> Part:
        explanation = self._explained[str(resource.urn)]
        notes = [*self._lines.notes(resource)]
        if resource.drifted:
            notes.append(f"changed outside this program: {', '.join(resource.drifted)}")
        if resource.gone:
            notes.append("was deleted outside this program")
        action = "rolled out" if explanation.rolls_out else _WORDS[resource.action]
        return Part(
            name=resource.urn.name,
            kind=resource_type(resource.urn.type) or resource.urn.type,
            action="may be replaced" if resource.unsure else action,
            changes=explanation.changes,
            renamed_from=resource.renamed_from,
            notes=tuple(notes),
        )

    def _weights(self, deployment: _Deployment) -> Weights:
        wanted, facts = deployment.then or Serving(), deployment.facts
        known = facts or WeightsFacts("")
        return Weights(
            deployment=deployment.resource.urn.name,
            uri=wanted.weights,
            hardware=wanted.hardware,
            replicas=wanted.replicas,
            model=known.model,
            gigabytes=known.gigabytes,
            verdict=known.verdict,
            note=self._caveat(deployment.resource, wanted, facts),
            findings=remarks(known),
        )

    def _caveat(self, resource: Resource, wanted: Serving, facts: WeightsFacts | None) -> str:
        """Say what the verdict does not."""
        if facts is None:
            if wanted.preflight == "off":
                return "not examined (preflight: off)"
            if resource.action is Action.SAME:
                return "unchanged"
            return "nothing new to examine" if self._recorded else "findings were not recorded"
        if not facts.complete:
            return "not everything could be read"
        if facts.verdict == "error" and wanted.preflight == "warn":
            return "deployed nevertheless (preflight: warn)"
        return ""


def _minutes(made: list[_Deployment]) -> int | None:
    """Return how long it takes: deployments onto one endpoint wait for each other."""
    each = [one.facts.minutes if one.facts else None for one in made]
    known = [minutes for minutes in each if minutes is not None]
    return sum(known) if known and len(known) == len(each) else None


def _weight(endpoint: EndpointReport) -> tuple[bool, bool, int, str]:
    opened = bool(endpoint.reach.public) and endpoint.fate is not Fate.UNCHANGED
    return (not endpoint.problems, not opened, _ORDER.index(endpoint.fate), endpoint.name)
