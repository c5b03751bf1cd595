"""The report as Markdown for a pull request, within what a comment on GitHub may hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from vertex_custom_weights_provider.report import wording
from vertex_custom_weights_provider.report.decision import Decision
from vertex_custom_weights_provider.report.model import (
    EndpointReport,
    Fate,
    Part,
    Problem,
    Reason,
    Report,
    Weights,
)
from vertex_custom_weights_provider.report.pages.markup import code, prose
from vertex_custom_weights_provider.report.pages.mermaid import diagram
from vertex_custom_weights_provider.report.reading.changes import Change
from vertex_custom_weights_provider.report.wording import NOTHING

# GitHub refuses comments above 65,536 characters; the rest is for what else the comment says.
_MOST_CHARACTERS = 60_000
_MOST_ROWS = 100
_MOST_NAMES = 20
_MOST_MESSAGE = 600
_SEVERITIES = {"error": "error", "warn": "warning", "info": "note"}
_DECISIONS = {Decision.ALLOW: "✅", Decision.WARN: "⚠️", Decision.BLOCK: "⛔"}
_MARKS = {"error": "❌", "warn": "⚠️", "ok": "✅", "": ""}


def markdown(report: Report) -> str:
    """Return the report; what does not fit is counted and left to the HTML report."""
    blocks = [*_head(report)]
    used = sum(len(block) + 2 for block in blocks)
    tail = [*_tail(report)]
    room = _MOST_CHARACTERS - used - sum(len(block) + 2 for block in tail)
    left_out = 0
    for endpoint in report.changed:
        section = "\n\n".join(_section(endpoint))
        room -= len(section) + 2
        if room < 0:
            left_out += 1
        else:
            blocks.append(section)
    if left_out:
        blocks.append(f"_Details of {left_out} more endpoints are in the HTML report._")
    return "\n\n".join((*blocks, *tail)) + "\n"


def _head(report: Report) -> Iterator[str]:
    yield f"## Endpoints of {code(wording.title(report))}"
    yield f"**{wording.headline(report)}**"
    yield _judged(report)
    public = [Problem(e.name, wording.access(e.reach)) for e in report.changed if e.reach.public]
    if public:
        yield _alert("CAUTION", "Reachable from the internet:", public)
    if report.problems:
        yield _alert("CAUTION", "To be mended before anything can be deployed:", report.problems)
    if report.warnings:
        yield _alert("WARNING", "Warnings:", report.warnings)
    if report.compared is not None:
        found = [f"- {prose(line)}" for line in report.compared] or ["- nothing"]
        yield "\n".join(("Different from the base:", "", *found))
    if report.changed:
        yield from _summary(report)
    if report.endpoints:
        yield from _costs(report)
    if report.quotas and report.changed:
        yield from _quotas(report)


def _judged(report: Report) -> str:
    """Return the line that says allow, warn or block, and why."""
    judged = report.judged
    why = f": {prose('; '.join(judged.reasons))}" if judged.reasons else ""
    return f"{_DECISIONS[judged.decision]} **{judged.decision.value}**{why}"


def _alert(kind: str, intro: str, problems: Sequence[Problem]) -> str:
    lines = [f"> [!{kind}]", f"> {intro}", ">"]
    lines += [f"> - {_problem(problem)}" for problem in problems[:_MOST_NAMES]]
    more = len(problems) - _MOST_NAMES
    return "\n".join([*lines, f"> - and {more} more"] if more > 0 else lines)


def _problem(problem: Problem) -> str:
    message = problem.message
    if len(message) > _MOST_MESSAGE:
        message = f"{message[:_MOST_MESSAGE]}…"
    return f"{code(problem.where)}: {prose(message)}" if problem.where else prose(message)


def _summary(report: Report) -> Iterator[str]:
    rows = [
        (
            code(endpoint.name),
            f"**{endpoint.fate.value}**" if not endpoint.problems else "**stopped by an error**",
            endpoint.callers.value,
            wording.before_after(endpoint),
            wording.minutes(endpoint),
            _mark(endpoint.verdict),
        )
        for endpoint in report.changed[:_MOST_ROWS]
    ]
    heads = ("Endpoint", "What happens", "Callers", "USD an hour", "Minutes", "Weights")
    yield _table(heads, rows, right=(3, 4))
    more = len(report.changed) - _MOST_ROWS
    if more > 0:
        yield f"_and {more} more endpoints that change._"


def _mark(verdict: str) -> str:
    return f"{_MARKS[verdict]} {wording.VERDICTS[verdict]}" if verdict else NOTHING


def _costs(report: Report) -> Iterator[str]:
    prices = (report.before, report.meanwhile, report.after)
    shown = prices if report.changed else (report.before,) * 3
    rows = [
        ("USD an hour", *map(wording.money, shown)),
        ("USD a month", wording.monthly(shown[0]), NOTHING, wording.monthly(shown[2])),
    ]
    if report.changed:
        rows.append(("difference a month", NOTHING, NOTHING, wording.difference(report)))
    yield _table(("All endpoints", "Now", "Meanwhile", "Afterwards"), rows, right=(1, 2, 3))


def _quotas(report: Report) -> Iterator[str]:
    rows = [
        (
            f"{code(row.accelerator)} in {code(row.region) or 'an unknown region'}",
            str(row.before),
            wording.accelerators(row.meanwhile, row),
            wording.accelerators(row.after, row),
            wording.limit(row),
            f"{_MARKS[row.verdict]} {wording.quota_verdict(row)}".strip(),
        )
        for row in report.quotas[:_MOST_ROWS]
    ]
    heads = ("Quota", "Now", "Meanwhile", "Afterwards", "Limit", "")
    yield _table(heads, rows, right=(1, 2, 3))


def _section(endpoint: EndpointReport) -> Iterator[str]:
    kind = f" ({prose(endpoint.kind)})" if endpoint.kind else ""
    yield f"### {code(endpoint.name)}{kind}: {endpoint.fate.value}"
    yield "\n".join(_facts(endpoint))
    yield "\n\n".join(_details(endpoint))


def _facts(endpoint: EndpointReport) -> Iterator[str]:
    for problem in endpoint.problems:
        yield f"- ❌ {_problem(problem)}"
    for reason in endpoint.reasons:
        yield f"- **Why:** {_reason(reason)}"
    if access := wording.access(endpoint.reach):
        yield f"- **Reached:** {prose(access)}."
    yield from _urls(endpoint)
    if endpoint.effects:
        yield f"- **Callers:** {' '.join(map(prose, endpoint.effects))}"
    cost = f"{wording.before_after(endpoint)} USD an hour."
    yield f"- **Cost:** {cost} {wording.overlap(endpoint)}".rstrip()
    if endpoint.timed:
        yield f"- **Time:** {wording.duration(endpoint)}"
    for weights in endpoint.weights:
        yield from _weights(weights)
    for part in endpoint.parts:
        for note in part.notes:
            yield f"- **Note** on {code(part.name)}: {prose(note)}"


def _urls(endpoint: EndpointReport) -> Iterator[str]:
    """Yield where callers find it: one URL when it stays, else from where to where."""
    reach = endpoint.reach
    if endpoint.fate is Fate.REMOVED or not (reach.before or reach.after):
        return
    after = code(reach.after) if reach.after else prose(wording.url_after(reach))
    caveat = f" ({wording.CAVEAT})" if reach.after and not reach.sure else ""
    way = f"{code(reach.before)} → {after}" if reach.moves else after
    yield f"- **URL:** {way}{caveat}"


def _reason(reason: Reason) -> str:
    shown = [_change(change) for change in reason.changes if change.old or change.new]
    if not shown:
        return prose(wording.sentence(reason.why))
    return f"{', '.join(shown)}: {prose(reason.why)}."


def _change(change: Change) -> str:
    path = code(change.path)
    if not (change.old or change.new):
        return path
    if change.initial:
        return f"{path} {code(change.new)}"
    return f"{path} {code(change.old) or 'unset'} → {code(change.new) or 'unset'}"


def _weights(weights: Weights) -> Iterator[str]:
    model = [prose(weights.model)] if weights.model else []
    size = [f"{weights.gigabytes:.1f} GB"] if weights.gigabytes else []
    verdict = f"{_MARKS[weights.verdict]} {prose(wording.weights_verdict(weights))}".strip()
    told = ", ".join([*model, *size])
    what = f"{code(weights.uri) or 'weights not known yet'} on {prose(weights.hardware)}"
    facts = f" {told}:" if told else " Verdict:"
    yield f"- **Weights:** {what}, {weights.replicas}.{facts} {verdict}."
    for finding in weights.findings:
        severity = _SEVERITIES.get(finding.severity, "note")
        yield f"  - {code(finding.rule)} {severity}: {prose(finding.message)}"


def _details(endpoint: EndpointReport) -> Iterator[str]:
    yield "<details><summary>Topology and resources</summary>"
    yield f"```mermaid\n{diagram(endpoint.topology)}\n```"
    rows = [
        (code(part.name), prose(part.kind), _action(part), "; ".join(map(_change, part.changes)))
        for part in endpoint.parts
    ]
    yield _table(("Resource", "Kind", "", "Properties"), rows)
    yield "</details>"


def _action(part: Part) -> str:
    renamed = f", renamed from {code(part.renamed_from)}" if part.renamed_from else ""
    return f"{part.action}{renamed}"


def _tail(report: Report) -> Iterator[str]:
    if report.unchanged:
        yield f"Unchanged endpoints: {_names(endpoint.name for endpoint in report.unchanged)}."
    if report.others:
        yield "### Other resources"
        rows = [(code(o.name), code(o.type), o.action) for o in report.others[:_MOST_ROWS]]
        yield _table(("Resource", "Type", ""), rows)
        more = len(report.others) - _MOST_ROWS
        if more > 0:
            yield f"_and {more} more._"
    yield f"<sub>{' '.join(map(prose, wording.footnotes(report)))}</sub>"


def _names(names: Iterable[str]) -> str:
    every = list(names)
    shown = ", ".join(map(code, every[:_MOST_NAMES]))
    more = len(every) - _MOST_NAMES
    return f"{shown} and {more} more" if more > 0 else shown


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = ()) -> str:
    ruler = ["---:" if column in right else "---" for column in range(len(heads))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heads, ruler, *rows))
