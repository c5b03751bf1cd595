"""The rules: each yields what is wrong with a resource, one sentence with the way out.

Settings are what the stack's policy configuration says of the rule. Without settings only
`not_public` and `projects_allowed` ask for anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from vertex_custom_weights_provider import catalog

from .subject import DEPLOYMENT, LABELLED, Subject

Settings = Mapping[str, Any]


def not_public(subject: Subject, settings: Settings) -> Iterator[str]:
    """Callers come through Private Service Connect; exceptions by name, none in a perimeter."""
    if not subject.is_endpoint or subject.private:
        return
    if settings.get("vpcServiceControls"):
        yield (
            "is public, but inside a VPC Service Controls perimeter only private endpoints "
            "answer. Remove public."
        )
    elif not _any(subject.names, settings.get("except", ())):
        yield "is public. Remove public, or have it named in not-public.except."


def projects_allowed(subject: Subject, settings: Settings) -> Iterator[str]:
    """Somebody may connect, and nobody that the stack does not know."""
    allowed = subject.allowed_projects
    if not subject.is_endpoint or allowed is None:
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
    """A deployment with all its replicas costs no more an hour than the limit."""
    yield from _limited(subject, settings, 1, "costs up to {price}")


def rollout_cost(subject: Subject, settings: Settings) -> Iterator[str]:
    """Old and new deployment, side by side in a rollout, cost no more an hour than the limit."""
    told = "costs up to {price} while it is rolled out, old and new side by side"
    yield from _limited(subject, settings, 2, told)


def endpoint_cost(subjects: Iterable[Subject], settings: Settings) -> Iterator[str]:
    """All versions that an endpoint serves together cost no more an hour than the limit."""
    behind: dict[str, list[Subject]] = {}
    for subject in subjects:
        if subject.kind == DEPLOYMENT:
            behind.setdefault(subject.endpoint or subject.name, []).append(subject)
    for endpoint, deployments in behind.items():
        names = sorted(one.name for one in deployments)
        who = f"{', '.join(names)} on {endpoint.rsplit('/', 1)[-1]}" if names[1:] else names[0]
        yield from _together(deployments, settings, f"{who} cost{'' if names[1:] else 's'}")


def total_cost(subjects: Iterable[Subject], settings: Settings) -> Iterator[str]:
    """All endpoints of a stack together cost no more an hour than the limit."""
    deployments = [subject for subject in subjects if subject.kind == DEPLOYMENT]
    yield from _together(deployments, settings, "all endpoints together cost")


def _limited(subject: Subject, settings: Settings, times: int, told: str) -> Iterator[str]:
    limit = settings.get("maxUsdPerHour")
    if subject.kind != DEPLOYMENT or limit is None:
        return
    price = subject.usd_per_hour
    if price is None:
        yield _unpriced(subject)
    elif price * times > limit:
        yield (
            f"{told.format(price=f'{price * times:.2f} USD an hour')} "
            f"({times * subject.max_replicas} × {subject.machine_type}, prices of "
            f"{catalog.prices_date()}), and {limit:g} is the limit. Choose a smaller machine, or "
            "lower replicas.max."
        )


def _together(deployments: list[Subject], settings: Settings, told: str) -> Iterator[str]:
    limit = settings.get("maxUsdPerHour")
    if limit is None:
        return
    for subject in deployments:
        if subject.usd_per_hour is None:
            yield f"{subject.name} {_unpriced(subject)}"
    total = sum(subject.usd_per_hour or 0.0 for subject in deployments)
    if total > limit:
        yield (
            f"{told} up to {total:.2f} USD an hour (prices of {catalog.prices_date()}), and "
            f"{limit:g} is the limit."
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
    if subject.kind not in LABELLED:
        return
    allowed: Mapping[str, Any] = settings.get("values", {})
    wanted = dict.fromkeys((*settings.get("labels", ()), *allowed))
    missing = [key for key in wanted if not subject.labels.get(key)]
    if missing:
        yield f"has no label {', '.join(missing)}. Add to labels."
    for key, patterns in allowed.items():
        value = subject.labels.get(key)
        if value and not _any((value,), patterns):
            yield f"has label {key}: {value}. Allowed are {', '.join(patterns)}."


def guarded(subject: Subject, settings: Settings) -> Iterator[str]:
    """Pulumi refuses to delete what callers have an address of."""
    exempt = _any(subject.names, settings.get("except", ()))
    known = subject.is_endpoint or subject.kind == "PscAddress"
    if known and not subject.protected and not exempt:
        yield "could be deleted by mistake. Set protect: true."


def _unpriced(subject: Subject) -> str:
    if subject.machine_type is None:
        return "leaves the machine to Vertex AI, so nobody knows its price. Give it a machine."
    return f"runs on {subject.machine_type}, whose price is not known. Choose another machine."


def _any(names: Iterable[str], patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)
