"""Numbers in words that Markdown and HTML share."""

from __future__ import annotations

from collections.abc import Iterator

from vertex_custom_weights_provider.report.model import EndpointReport, QuotaRow, Report, Weights
from vertex_custom_weights_provider.report.prices import HOURS_A_MONTH, Price
from vertex_custom_weights_provider.report.reach import Reach

NOTHING = "–"
VERDICTS = {
    "ok": "ok",
    "warn": "with reservations",
    "error": "would not deploy",
    "": "not examined",
}


def money(price: Price) -> str:
    """Return a price an hour: one number, or from fewest to most replicas."""
    if price.unpriced and not price.ceiling:
        return "unknown"
    known = _span(price.floor, price.ceiling)
    return f"{known} + unknown" if price.unpriced else known


def monthly(price: Price) -> str:
    """Return a price a month, in whole dollars."""
    if price.unpriced and not price.ceiling:
        return "unknown"
    low, high = (f"{round(side * HOURS_A_MONTH):,}" for side in (price.floor, price.ceiling))
    known = low if low == high else f"{low} to {high}"
    return f"{known} + unknown" if price.unpriced else known


def difference(report: Report) -> str:
    """Return what a change adds to a month, at fewest and at most replicas, with its sign."""
    if not (report.before.known and report.after.known):
        return "unknown"
    pairs = (
        (report.before.floor, report.after.floor),
        (report.before.ceiling, report.after.ceiling),
    )
    low, high = (f"{round((after - before) * HOURS_A_MONTH):+,}" for before, after in pairs)
    return low if low == high else f"{low} to {high}"


def accelerators(count: int, row: QuotaRow) -> str:
    """Return a need for quota, with what nobody can count."""
    return f"{count} + unknown" if row.unknown else str(count)


def access(reach: Reach) -> str:
    """Say who reaches an endpoint; empty when that is not known."""
    if reach.public is None:
        return ""
    if reach.public:
        return "PUBLIC: anybody on the internet who has the permission"
    return f"private{f', for {reach.who}' if reach.who else ''}"


def url_after(reach: Reach) -> str:
    """Return the URL afterwards, and what it depends on."""
    if not reach.after:
        return "known after the update"
    return reach.after


CAVEAT = "its id is passed over if it was deleted in the last 7 days"


def _span(low: float, high: float) -> str:
    return f"{low:.2f}" if round(low, 2) == round(high, 2) else f"{low:.2f} to {high:.2f}"


def sentence(text: str) -> str:
    """Return a text as a sentence: capital letter, full stop."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


def before_after(endpoint: EndpointReport) -> str:
    """Return both prices of an endpoint, or the one that stays."""
    before, after = money(endpoint.before or Price()), money(endpoint.after or Price())
    return before if before == after else f"{before} → {after}"


def overlap(endpoint: EndpointReport) -> str:
    """Say what running old and new side by side costs; empty when they do not."""
    if endpoint.both is None:
        return ""
    told = f"Old and new run side by side: {money(endpoint.meanwhile)} USD an hour"
    if endpoint.extra is None:
        return f"{told} until the old one is removed."
    return (
        f"{told} for about {endpoint.minutes} minutes, "
        f"some {endpoint.extra:.2f} USD for the old one."
    )


def minutes(endpoint: EndpointReport) -> str:
    """Return the time until an endpoint serves as wanted."""
    if not endpoint.timed:
        return NOTHING
    return "unknown" if endpoint.minutes is None else f"about {endpoint.minutes}"


def duration(endpoint: EndpointReport) -> str:
    """Say how long deploying takes; empty when nothing is deployed."""
    if not endpoint.timed:
        return ""
    if endpoint.minutes is None:
        return "Deploying takes 15 to 40 minutes as a rule; nobody looked at these weights."
    return f"About {endpoint.minutes} minutes until it serves."


def limit(row: QuotaRow) -> str:
    """Return the limit of a quota and what is known of its use."""
    if row.limit is not None:
        used = f", {row.elsewhere} used by others" if row.elsewhere else ""
        return f"{row.limit}{used}"
    if row.default is not None:
        return f"unknown (projects start with {row.default})"
    return "unknown"


def quota_verdict(row: QuotaRow) -> str:
    """Say whether a quota suffices."""
    return {"ok": "enough", "warn": "falls short", "": "not checked"}[row.verdict]


def weights_verdict(weights: Weights) -> str:
    """Say what the examination came to, in a few words."""
    if not weights.verdict:
        return weights.note or VERDICTS[""]
    told = VERDICTS[weights.verdict]
    return f"{told}; {weights.note}" if weights.note else told


def counts(report: Report) -> str:
    """Say how many endpoints have which fate."""
    fates = [endpoint.fate for endpoint in report.endpoints]
    found = [f"{fates.count(fate)} {fate.value}" for fate in dict.fromkeys(fates)]
    return ", ".join(found) or "no endpoints"


def title(report: Report) -> str:
    """Return what the report is about."""
    return f"{report.project}/{report.stack}" if report.project else "preview"


def against(report: Report, base: Report) -> Iterator[str]:
    """Yield how a report differs from the one of another branch, a sentence each."""
    there = {endpoint.name: endpoint for endpoint in base.endpoints}
    here = {endpoint.name: endpoint for endpoint in report.endpoints}
    for name in dict.fromkeys((*here, *there)):
        mine, theirs = here.get(name), there.get(name)
        if mine is None or theirs is None:
            yield f"{name}: {'only here' if theirs is None else 'only there'}"
            continue
        pairs = (
            ("", theirs.fate.value, mine.fate.value),
            ("callers ", theirs.callers.value, mine.callers.value),
            ("USD an hour ", money(theirs.after or Price()), money(mine.after or Price())),
            ("", access(theirs.reach), access(mine.reach)),
        )
        found = [f"{what}{old} → {new}" for what, old, new in pairs if old != new]
        if found:
            yield f"{name}: {'; '.join(found)}"
    before, after = monthly(base.after), monthly(report.after)
    if before != after:
        yield f"all endpoints afterwards: {before} → {after} USD a month"


def headline(report: Report) -> str:
    """Return the sentence that a reviewer in a hurry reads."""
    if report.failed:
        return "The preview failed: what is below may be incomplete."
    if not report.changed and not report.others:
        return "Nothing changes."
    if not report.changed:
        return "No endpoint changes."
    told = counts(report)
    wait = f" About {report.minutes} minutes." if report.minutes is not None else ""
    return f"{told[:1].upper()}{told[1:]}.{wait}"


def footnotes(report: Report) -> Iterator[str]:
    """Yield what the numbers rest on."""
    if report.unseen:
        yield (
            f"{report.unseen} unchanged resources are not in this preview, so sums leave them out; "
            "run it with --show-sames."
        )
    yield (
        f"Prices of {report.price_region}, {report.prices_date}, on demand, of the machines alone: "
        "from fewest to most replicas. Quota counts accelerators at most replicas."
    )
