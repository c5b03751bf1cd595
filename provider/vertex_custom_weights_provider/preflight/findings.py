"""What an examination has to say: findings, each with a rule id, a severity and a property."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Literal

import msgspec

from vertex_custom_weights_provider.preflight.rules import RULES, Rule, Severity

Verdict = Literal["ok", "warn", "error"]

GCS_URI = "gcsUri"
BASE_MODEL = "baseModel"
FAMILY = "family"
LOCATION = "location"
MACHINE_TYPE = "dedicatedResources.machineSpec.machineType"
ACCELERATOR_TYPE = "dedicatedResources.machineSpec.acceleratorType"
ACCELERATOR_COUNT = "dedicatedResources.machineSpec.acceleratorCount"
MIN_REPLICAS = "dedicatedResources.minReplicaCount"
MAX_REPLICAS = "dedicatedResources.maxReplicaCount"

_SHOWN_NAME = 120
_MOST_OF_A_KIND = 10


class Finding(msgspec.Struct, frozen=True):
    """One thing worth saying.

    Attributes:
        id: Id of its rule in `rules.RULES`, such as `F2`.
        severity: `error` stops a preview, `warn` is shown on the resource, `info` in reports.
        path: The deployment property it belongs to, as the API spells it.
        message: One or two lines: what, the limit and its source, the next step.
    """

    id: str
    severity: Severity
    path: str
    message: str

    @property
    def doc_anchor(self) -> str:
        """Where the rule is explained."""
        return RULES[self.id].anchor


def error(rule: Rule, message: str, path: str = GCS_URI) -> Finding:
    """Make a finding that stops a preview."""
    return Finding(rule.id, "error", path, message)


def warn(rule: Rule, message: str, path: str = GCS_URI) -> Finding:
    """Make a finding that is shown and does not stop."""
    return Finding(rule.id, "warn", path, message)


def info(rule: Rule, message: str, path: str = GCS_URI) -> Finding:
    """Make a finding for reports."""
    return Finding(rule.id, "info", path, message)


def verdict(findings: Iterable[Finding]) -> Verdict:
    """Return the worst of the severities; information alone is fine."""
    severities = {finding.severity for finding in findings}
    if "error" in severities:
        return "error"
    return "warn" if "warn" in severities else "ok"


def few(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Leave out repetitions, and all but the first of very many findings of one kind."""
    kept: list[Finding] = []
    left_out: Counter[tuple[str, Severity, str]] = Counter()
    seen: Counter[tuple[str, Severity, str]] = Counter()
    for finding in dict.fromkeys(findings):
        kind = (finding.id, finding.severity, finding.path)
        seen[kind] += 1
        if seen[kind] > _MOST_OF_A_KIND:
            left_out[kind] += 1
        else:
            kept.append(finding)
    for (rule, severity, path), number in left_out.items():
        message = f"{number} more findings like these are left out. Mend these first."
        kept.append(Finding(rule, severity, path, message))
    return tuple(kept)


def printable(text: str) -> str:
    """Return untrusted text fit for a terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def shown(name: str) -> str:
    """Return an untrusted name fit for a message: escaped, and not too long."""
    safe = printable(name[: _SHOWN_NAME + 1])
    return safe if len(safe) <= _SHOWN_NAME else f"{safe[:_SHOWN_NAME]}..."


def some(names: Iterable[str], most: int = 3) -> str:
    """List the first few names, and how many more there are."""
    every = list(names)
    listed = ", ".join(shown(name) for name in every[:most])
    return f"{listed} and {len(every) - most} more" if len(every) > most else listed
