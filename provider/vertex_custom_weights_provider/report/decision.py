"""Allow, warn or block: the words of a verdict, and what a team lets it depend on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class Concern(StrEnum):
    """What can stand against a change."""

    PROBLEMS = "problems"
    PUBLIC = "public"
    CALLERS = "callers"
    QUOTA = "quota"
    WEIGHTS = "weights"
    UNPRICED = "unpriced"
    WARNINGS = "warnings"
    BUDGET = "budget"


class Decision(StrEnum):
    """What is to become of the change."""

    ALLOW = "allow"
    WARN = "warn"
    BLOCK = "block"


@dataclass(frozen=True)
class Thresholds:
    """What blocks, beyond what would fail anyhow; everything else warns.

    Attributes:
        block: Concerns that block.
        most_a_month: US dollars a month, at most replicas, above which a stack blocks.
        most_increase: US dollars by which a change may raise that.
    """

    block: Collection[Concern] = ()
    most_a_month: float | None = None
    most_increase: float | None = None


@dataclass(frozen=True)
class Verdict:
    """The decision, and a sentence for each reason."""

    decision: Decision
    reasons: tuple[str, ...] = ()
