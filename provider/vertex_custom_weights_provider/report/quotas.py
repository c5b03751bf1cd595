"""What a stack draws from accelerator quota: now, while it is changed, and afterwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from vertex_custom_weights_provider import catalog
from vertex_custom_weights_provider.report.deployment import QuotaKey, Serving
from vertex_custom_weights_provider.report.model import QuotaRow
from vertex_custom_weights_provider.report.reading.weights_facts import WeightsFacts


@dataclass(frozen=True)
class Draw:
    """A deployment as quota sees it.

    Attributes:
        now: What is deployed; None when it is new.
        then: What will be deployed; None when it is removed.
        both: Old and new are deployed at the same time.
        facts: Of the examination, which knows limits.
    """

    now: Serving | None
    then: Serving | None
    both: bool
    facts: WeightsFacts | None


@dataclass
class _Sum:
    before: int = 0
    meanwhile: int = 0
    after: int = 0
    limits: list[tuple[int, int | None]] = field(default_factory=list[tuple[int, int | None]])


def quota_rows(draws: Iterable[Draw]) -> tuple[QuotaRow, ...]:
    """Add up what all deployments draw, by quota."""
    sums: dict[QuotaKey, _Sum] = {}
    draws = list(draws)
    for draw in draws:
        _add(sums, draw)
    unknown = Counter(_place(draw) for draw in draws if _undecided(draw))
    rows = (_row(key, found, unknown[key.project, key.region]) for key, found in sums.items())
    return tuple(sorted(rows, key=lambda row: (row.verdict != "warn", row.region, row.metric)))


def _add(sums: dict[QuotaKey, _Sum], draw: Draw) -> None:
    """Add one deployment. What is removed goes last, so it counts meanwhile too."""
    now, then = (one.quota if one else None for one in (draw.now, draw.then))
    if now:
        found = sums.setdefault(now[0], _Sum())
        found.before += now[1]
    if then:
        found = sums.setdefault(then[0], _Sum())
        found.after += then[1]
        if draw.facts and draw.facts.limit is not None:
            found.limits.append((draw.facts.limit, draw.facts.usage))
    if now and then and now[0] == then[0] and not draw.both:
        sums[now[0]].meanwhile += max(now[1], then[1])
        return
    for one in filter(None, (now, then)):
        sums[one[0]].meanwhile += one[1]


def _undecided(draw: Draw) -> bool:
    """Tell whether a deployment takes accelerators that nobody can name: the service chooses."""
    return draw.then is not None and not draw.then.machine


def _place(draw: Draw) -> tuple[str, str]:
    wanted = draw.then or Serving()
    return wanted.project, wanted.region


def _row(key: QuotaKey, found: _Sum, unknown: int) -> QuotaRow:
    limit, usage = found.limits[-1] if found.limits else (None, None)
    default = catalog.accelerator(key.accelerator).default_quota.get(key.region)
    return QuotaRow(
        accelerator=key.accelerator,
        metric=key.metric.rpartition("/")[2],
        region=key.region,
        project=key.project,
        before=found.before,
        meanwhile=found.meanwhile,
        after=found.after,
        limit=limit,
        default=None if key.spot else default,  # Google publishes none for Spot
        elsewhere=None if usage is None else max(usage - found.before, 0),
        unknown=unknown,
    )
