"""Machines: that the region offers them, and that quota allows for all replicas."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from vertex_custom_weights_provider import catalog

from .check import Check
from .wanted import Deployment

if TYPE_CHECKING:
    from vertex_custom_weights_provider.preflight import Quota

_MANY = 6


def check_regions(deployments: Iterable[Deployment]) -> Iterator[Check]:
    """Check that each region exists and offers the accelerators wanted there."""
    known = {row.id: row for row in catalog.regions()}
    accelerators = {row.id: row for row in catalog.accelerators()}
    for location, kind in sorted({(d.location, d.accelerator) for d in deployments}):
        if location not in known:
            told = f"No Vertex AI region. {catalog.hint(location, known)}".strip()
            yield Check(f"region {location}", "problem", told)
            continue
        row = accelerators.get(kind)
        if row is None:
            continue  # Vertex AI chooses, or a TPU
        about = f"{kind} in {location}"
        if location in row.default_quota:
            yield Check(about, "ok", f"Offered for serving ({catalog.models_date()}).")
        else:
            offered = ", ".join(sorted(row.default_quota)[:_MANY])
            told = f"Not offered for serving ({catalog.models_date()}). Use one of: {offered} …"
            yield Check(about, "problem", told)


def check_quota(
    deployments: Iterable[Deployment], reader: Callable[[str], Quota]
) -> Iterator[Check]:
    """Check that quota allows for all replicas of all deployments.

    Args:
        deployments: What is wanted.
        reader: Returns what reads the quota of a project.
    """
    needed: Counter[tuple[str, str, str]] = Counter()
    for one in deployments:
        if one.accelerator and one.accelerators and not one.spot:
            place = one.project, one.location, one.accelerator
            needed[place] += one.accelerators * one.max_replicas
    known = {row.id: row for row in catalog.accelerators()}
    for (project, location, kind), count in sorted(needed.items()):
        row = known.get(kind)
        if row is not None:
            yield _quota(row, project, location, count, reader(project))


def _quota(row: catalog.Accelerator, project: str, location: str, count: int, read: Quota) -> Check:
    about = f"quota for {row.id} in {location}, {project}"
    request = (
        "gcloud beta quotas preferences create --service=aiplatform.googleapis.com "
        f"--quota-id={row.quota_id} --preferred-value={count} --dimensions=region={location} "
        f"--project={project}"
    )
    state = read(row.id, location)
    if state is None or state.limit is None:
        default = row.default_quota.get(location)
        told = f"Needs {count}; your limit could not be read"
        told += f" (projects start with {default})." if default is not None else "."
        enable = f"gcloud services enable cloudquotas.googleapis.com --project={project}"
        return Check(about, "unknown", told, (enable,))
    if count > state.limit:
        mend = (request,) if row.quota_id else ()
        return Check(about, "problem", f"Needs {count}; the limit is {state.limit}.", mend)
    used = state.usage or 0
    if count > state.limit - used:
        told = f"Needs {count}; {used} of {state.limit} are in use, this stack's own included."
        return Check(about, "note", told, (request,) if row.quota_id else ())
    return Check(about, "ok", f"Needs {count} of {state.limit}; {used} in use.")
