"""What a team's thresholds make of a report."""

from __future__ import annotations

from collections.abc import Iterator

from vertex_custom_weights_provider.report.decision import Concern, Decision, Thresholds, Verdict
from vertex_custom_weights_provider.report.model import Callers, Fate, Report
from vertex_custom_weights_provider.report.prices import HOURS_A_MONTH


def verdict(report: Report, thresholds: Thresholds | None = None) -> Verdict:
    """Judge a report."""
    limits = thresholds or Thresholds()
    found = list(_concerns(report, limits))
    blocking = {Concern.PROBLEMS, Concern.BUDGET, *limits.block}
    stops = [told for concern, told in found if concern in blocking]
    warns = [told for concern, told in found if concern not in blocking]
    if stops:
        return Verdict(Decision.BLOCK, (*stops, *warns))
    return Verdict(Decision.WARN if warns else Decision.ALLOW, tuple(warns))


def _concerns(report: Report, limits: Thresholds) -> Iterator[tuple[Concern, str]]:
    if report.failed or report.problems:
        yield Concern.PROBLEMS, "something must be mended before anything can be deployed"
    if names := [one.name for one in report.changed if one.reach.public and _opens(one.fate)]:
        yield Concern.PUBLIC, f"reachable from the internet: {', '.join(names)}"
    for what in (Callers.LOSE_IT, Callers.FOLLOW, Callers.CUT_OFF):
        if names := [one.name for one in report.changed if one.callers is what]:
            yield Concern.CALLERS, f"callers {what.value}: {', '.join(names)}"
    if short := [row for row in report.quotas if row.verdict == "warn"]:
        yield Concern.QUOTA, f"quota falls short: {', '.join(row.accelerator for row in short)}"
    if names := [one.name for one in report.changed if one.verdict in ("warn", "error")]:
        yield Concern.WEIGHTS, f"weights with findings: {', '.join(names)}"
    if report.changed and not report.after.known:
        yield Concern.UNPRICED, "part of the price is unknown"
    if report.warnings:
        yield Concern.WARNINGS, f"{len(report.warnings)} warnings"
    yield from _over(report, limits)


def _opens(fate: Fate) -> bool:
    return fate in (Fate.NEW, Fate.REPLACED, Fate.IMPORTED)


def _over(report: Report, limits: Thresholds) -> Iterator[tuple[Concern, str]]:
    before, after = (side.ceiling * HOURS_A_MONTH for side in (report.before, report.after))
    if limits.most_a_month is not None and after > limits.most_a_month:
        told = f"{after:,.0f} USD a month at most replicas, of {limits.most_a_month:,.0f} allowed"
        yield Concern.BUDGET, told
    if limits.most_increase is not None and after - before > limits.most_increase:
        raised, allowed = after - before, limits.most_increase
        yield Concern.BUDGET, f"{raised:,.0f} USD a month more, of {allowed:,.0f} allowed"
