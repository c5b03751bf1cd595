"""The report before it is written down: what both Markdown and HTML show."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from vertex_custom_weights_provider.report.decision import Decision, Verdict
from vertex_custom_weights_provider.report.prices import Price
from vertex_custom_weights_provider.report.reach import Reach
from vertex_custom_weights_provider.report.reading.changes import Change
from vertex_custom_weights_provider.report.reading.weights_facts import Finding
from vertex_custom_weights_provider.report.topology import Topology


class Fate(StrEnum):
    """What happens to an endpoint, in the words of the report."""

    REPLACED = "replaced"
    REMOVED = "removed"
    RECONNECTED = "reconnected"
    ROLLED_OUT = "rolled out in place"
    CHANGED = "changed in place"
    NEW = "new"
    IMPORTED = "imported"
    RENAMED = "renamed"
    UNCHANGED = "unchanged"


class Callers(StrEnum):
    """What callers of an endpoint are in for."""

    LOSE_IT = "lose it"
    FOLLOW = "have to follow"
    CUT_OFF = "cut off for a while"
    UNAFFECTED = "notice nothing"
    NONE = "none yet"


@dataclass(frozen=True)
class Problem:
    """What must be mended: the resource it is about, empty for all of it, and what to do."""

    where: str
    message: str


@dataclass(frozen=True)
class Reason:
    """Why something new is made of a resource: the properties, and the rule they come under."""

    resource: str
    changes: tuple[Change, ...]
    why: str


@dataclass(frozen=True)
class Part:
    """One resource of an endpoint.

    Attributes:
        kind: Such as `CustomWeightsDeployment`.
        action: What happens to it, one or two words.
        renamed_from: The name it had before.
        changes: Properties that change.
        notes: What the provider said beyond the rest of the report.
    """

    name: str
    kind: str
    action: str
    changes: tuple[Change, ...] = ()
    renamed_from: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Weights:
    """The weights of one deployment, and what was found about them.

    Attributes:
        deployment: Its name.
        uri: Folder.
        model: Base model, empty when nobody looked.
        verdict: `ok`, `warn`, `error`, or empty when they were not examined.
        note: Why the verdict says less than it seems to.
    """

    deployment: str
    uri: str
    hardware: str
    replicas: str
    model: str = ""
    gigabytes: float | None = None
    verdict: str = ""
    note: str = ""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class EndpointReport:
    """One endpoint.

    Attributes:
        kind: Component, such as `LlamaEndpoint`; empty without.
        reasons: Why something new is made.
        effects: What callers notice, in sentences.
        before: Price now; None when it is new.
        after: Price afterwards; None when it is removed.
        both: Price while old and new run side by side; None when they do not.
        minutes: Until it serves as wanted; None when nothing is deployed or nobody knows.
        timed: Something is deployed, whether or not `minutes` is known.
        reach: Who reaches it, and where.
    """

    name: str
    kind: str
    fate: Fate
    callers: Callers
    reasons: tuple[Reason, ...]
    effects: tuple[str, ...]
    parts: tuple[Part, ...]
    weights: tuple[Weights, ...]
    topology: Topology
    reach: Reach = Reach()
    before: Price | None = None
    after: Price | None = None
    both: Price | None = None
    minutes: int | None = None
    timed: bool = False
    problems: tuple[Problem, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether anything happens to it."""
        return self.fate is not Fate.UNCHANGED or bool(self.problems)

    @property
    def extra(self) -> float | None:
        """US dollars that running side by side costs: the old one's price for the time it takes."""
        if self.both is None or self.after is None or self.minutes is None or not self.both.known:
            return None
        return (self.both.floor - self.after.floor) * self.minutes / 60

    @property
    def meanwhile(self) -> Price:
        """What it costs while the change is applied; what is removed goes last."""
        return self.both or self.after or self.before or Price()

    @property
    def verdict(self) -> str:
        """The worst verdict on its weights; empty when none were examined."""
        verdicts = {entry.verdict for entry in self.weights}
        return next((v for v in ("error", "warn", "ok") if v in verdicts), "")


@dataclass(frozen=True)
class QuotaRow:
    """One accelerator quota of a project in a region, in accelerators.

    Attributes:
        limit: None when unknown.
        default: What projects start with; None when unknown.
        elsewhere: What others in the project use; None when unknown.
        unknown: Deployments in the same project and region whose accelerators nobody knows yet.
    """

    accelerator: str
    metric: str
    region: str
    project: str
    before: int
    meanwhile: int
    after: int
    limit: int | None = None
    default: int | None = None
    elsewhere: int | None = None
    unknown: int = 0

    @property
    def verdict(self) -> str:
        """`ok`, `warn` when it falls short, empty when limit or need is not known."""
        if self.limit is None:
            return ""
        if self.meanwhile + (self.elsewhere or 0) > self.limit:
            return "warn"
        return "" if self.unknown else "ok"


@dataclass(frozen=True)
class Other:
    """A resource of the program that belongs to no endpoint."""

    name: str
    type: str
    action: str


@dataclass(frozen=True)
class Report:
    """A preview as a reviewer wants it.

    Attributes:
        failed: The preview ended with an error, so that the report may be incomplete.
        problems: What must be mended.
        warnings: What engine and provider warned of, beyond findings about weights.
        endpoints: In the order of their weight for a reviewer.
        others: Changed resources that belong to no endpoint.
        unchanged_others: Their number where nothing happens to them.
        unseen: Unchanged resources that the preview does not list, so that sums are partial.
        meanwhile: Price while the change is applied.
        minutes: Until all endpoints serve as wanted.
        judged: What the reader's thresholds make of it.
        compared: How it differs from another report, a sentence each; None when nobody asked.
    """

    project: str
    stack: str
    failed: bool
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    endpoints: tuple[EndpointReport, ...]
    others: tuple[Other, ...]
    unchanged_others: int
    unseen: int
    before: Price
    after: Price
    meanwhile: Price
    quotas: tuple[QuotaRow, ...]
    minutes: int | None
    prices_date: str
    price_region: str
    judged: Verdict = Verdict(Decision.ALLOW)
    compared: tuple[str, ...] | None = None

    @property
    def changed(self) -> tuple[EndpointReport, ...]:
        """Endpoints to which something happens."""
        return tuple(endpoint for endpoint in self.endpoints if endpoint.changed)

    @property
    def unchanged(self) -> tuple[EndpointReport, ...]:
        """Endpoints to which nothing happens."""
        return tuple(endpoint for endpoint in self.endpoints if not endpoint.changed)

    @property
    def severity(self) -> str:
        """`error` when something must be mended, else `warn` or `ok`."""
        verdicts = [entry.verdict for endpoint in self.changed for entry in endpoint.weights]
        if self.failed or self.problems:
            return "error"
        if self.warnings or {"warn", "error"} & {*verdicts, *(q.verdict for q in self.quotas)}:
            return "warn"
        return "ok"
