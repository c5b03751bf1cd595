"""What the provider's examination of a deployment's weights said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vertex_custom_weights_provider import catalog
from vertex_custom_weights_provider.preflight.rules import C5
from vertex_custom_weights_provider.report.reading.preview import bag, items, text

_COST = C5.id  # said in a place of its own


@dataclass(frozen=True)
class Finding:
    """One thing worth saying: rule id, severity `error`, `warn` or `info`, message."""

    rule: str
    severity: str
    message: str


@dataclass(frozen=True)
class WeightsFacts:
    """An examination.

    Attributes:
        verdict: `ok`, `warn` or `error`.
        findings: Errors first.
        model: The base model, for people; empty when not recognised.
        gigabytes: In accelerator memory, else on disk; None when unknown.
        minutes: That a deployment takes, an estimate; None when unknown.
        limit: Of the accelerator quota; None when unknown.
        usage: Of that quota, by everybody in the project; None when unknown.
        complete: Everything could be read.
    """

    verdict: str
    findings: tuple[Finding, ...] = ()
    model: str = ""
    gigabytes: float | None = None
    minutes: int | None = None
    limit: int | None = None
    usage: int | None = None
    complete: bool = True

    @property
    def said(self) -> frozenset[str]:
        """Rules of all findings, which the preview's lines repeat."""
        return frozenset(finding.rule for finding in self.findings)


def weights_facts(found: Mapping[str, Any]) -> WeightsFacts:
    """Read what `findings_log` carries; what is missing or of another type is unknown."""
    quota = bag(found.get("quota"))
    size = _number(found.get("bytes_in_memory")) or _number(found.get("bytes_on_disk"))
    return WeightsFacts(
        verdict=text(found.get("verdict")) or "warn",
        findings=tuple(_finding(bag(entry)) for entry in items(found.get("findings"))),
        model=_model(found),
        gigabytes=size / 1e9 if size else None,
        minutes=_number(found.get("expected_minutes")),
        limit=_number(quota.get("limit")),
        usage=_number(quota.get("usage")),
        complete=found.get("complete") is not False,
    )


def remarks(facts: WeightsFacts) -> tuple[Finding, ...]:
    """Return the findings that are shown as such."""
    return tuple(finding for finding in facts.findings if finding.rule != _COST)


def _finding(entry: Mapping[str, Any]) -> Finding:
    return Finding(text(entry.get("id")), text(entry.get("severity")), text(entry.get("message")))


def _model(found: Mapping[str, Any]) -> str:
    known = {row.id: row.name for row in catalog.models()}
    names = [known.get(row, row) for row in map(text, items(found.get("base_models"))) if row]
    return " or ".join(names) or text(found.get("service_base_model"))


def _number(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
