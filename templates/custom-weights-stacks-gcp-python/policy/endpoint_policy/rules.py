"""The rules: each yields what is wrong with a resource, one sentence with the way out.

Settings are what the stack's policy configuration says of the rule. Without settings only
`not_public` and `projects_allowed` ask for anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from vertex_custom_weights_provider import catalog

from .subject import DEPLOYMENT, ENDPOINTS, LABELLED, Subject

Settings = Mapping[str, Any]


def not_public(subject: Subject, settings: Settings) -> Iterator[str]:
    """Callers come through Private Service Connect; exceptions by name, none in a perimeter."""
    if subject.kind not in ENDPOINTS or subject.private:
        return
    if settings.get("serviceControls"):
        yield (
            "is public, but inside a VPC Service Controls perimeter only private endpoints "
            "answer. Remove public."
        )
    elif not _any(subject.names, settings.get("except", ())):
        yield "is public. Remove public, or have it named in not-public.except."


def projects_allowed(subject: Subject, settings: Settings) -> Iterator[str]:
    """Somebody may connect, and nobody that the stack does not know."""
    allowed = subject.allowed_projects
    if subject.kind not in ENDPOINTS or allowed is None:
        return
    if not allowed:
        yield "lets no project connect. Name at least one in allowedProjects."
    known = settings.get("projects")
    strangers = [one for one in allowed if known and not _any((one,), known)]
    if strangers:
        yield (
            f"lets {', '.join(strangers)} connect, which projects-allowed does not name. Remove "
            f"{'it' if len(strangers) == 1 else 'them'} from allowedProjects."
        )


def cost(subject: Subject, settings: Settings) -> Iterator[str]:
    """An endpoint with all its replicas costs no more an hour than the limit."""
    limit = settings.get("maxUsdPerHour")
    if subject.kind != DEPLOYMENT or limit is None:
        return
    price = subject.usd_per_hour
    if price is None:
        yield _unpriced(subject)
    elif price > limit:
        yield (
            f"costs up to {price:.2f} USD an hour ({subject.max_replicas} × "
            f"{subject.machine_type}, prices of {catalog.prices_date()}), and {limit:g} is the "
            "limit. Choose a smaller machine, or lower replicas.max."
        )


def total_cost(subjects: Iterable[Subject], settings: Settings) -> Iterator[str]:
    """All endpoints of a stack together cost no more an hour than the limit."""
    limit = settings.get("maxUsdPerHour")
    if limit is None:
        return
    total = 0.0
    for subject in subjects:
        if subject.kind == DEPLOYMENT:
            price = subject.usd_per_hour
            if price is None:
                yield f"{subject.name} {_unpriced(subject)}"
            total += price or 0.0
    if total > limit:
        yield (
            f"all endpoints together cost up to {total:.2f} USD an hour (prices of "
            f"{catalog.prices_date()}), and {limit:g} is the limit."
        )


def machines(subject: Subject, settings: Settings) -> Iterator[str]:
    """The machine is one of those allowed."""
    allowed = settings.get("machines")
    if subject.kind != DEPLOYMENT or not allowed:
        return
    if subject.machine_type is None:
        yield f"leaves the machine to Vertex AI. Give it one of {', '.join(allowed)}."
    elif not _any((subject.machine_type,), allowed):
        yield f"runs on {subject.machine_type}. Allowed are {', '.join(allowed)}."


def regions(subject: Subject, settings: Settings) -> Iterator[str]:
    """It is in one of the allowed regions."""
    allowed = settings.get("regions")
    if allowed and subject.region is not None and not _any((subject.region,), allowed):
        yield f"is in {subject.region}. Allowed are {', '.join(allowed)}."


def labels(subject: Subject, settings: Settings) -> Iterator[str]:
    """It carries the labels that bills and searches go by."""
    missing = [key for key in settings.get("labels", ()) if not subject.labels.get(key)]
    if subject.kind in LABELLED and missing:
        yield f"has no label {', '.join(missing)}. Add to labels."


def guarded(subject: Subject, settings: Settings) -> Iterator[str]:
    """Pulumi refuses to delete what callers have an address of."""
    exempt = _any(subject.names, settings.get("except", ()))
    if subject.kind in (*ENDPOINTS, "PscAddress") and not subject.protected and not exempt:
        yield "could be deleted by mistake. Set protect: true."


def _unpriced(subject: Subject) -> str:
    if subject.machine_type is None:
        return "leaves the machine to Vertex AI, so nobody knows its price. Give it a machine."
    return f"runs on {subject.machine_type}, whose price is not known. Choose another machine."


def _any(names: Iterable[str], patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)
