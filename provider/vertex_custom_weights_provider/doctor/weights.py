"""Folders of weights: that they are there, who may read them, and how far away they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vertex_custom_weights_provider import catalog, errors
from vertex_custom_weights_provider.preflight.deployment.questions import JsonRest

from .check import Check, could_not_tell, get
from .project import Project

_STORAGE = "https://storage.googleapis.com/storage/v1/b"
_READERS = {
    "roles/storage.objectViewer",
    "roles/storage.objectUser",
    "roles/storage.objectAdmin",
    "roles/storage.admin",
}
# Has the storage permissions of a reader for the buckets of its own project.
_PROJECT_READERS = {"roles/aiplatform.serviceAgent", "roles/editor", "roles/owner", *_READERS}


def check_folder(rest: JsonRest, uri: str) -> Iterator[Check]:
    """Check that you may list a folder of weights, and that something is in it."""
    bucket, _, folder = uri.removeprefix("gs://").partition("/")
    prefix = f"{folder.rstrip('/')}/" if folder else ""
    upload = f"gcloud storage cp --recursive FOLDER/* {uri.rstrip('/')}/"
    try:
        found = get(rest, f"{_STORAGE}/{bucket}/o", {"prefix": prefix, "maxResults": "1"})
    except errors.NotFound:
        yield Check(uri, "problem", f"There is no bucket {bucket}.")
    except errors.PermissionDenied as error:
        grant = f"gcloud storage buckets add-iam-policy-binding gs://{bucket} --member=user:YOU"
        told = f"You may not list it: {error.message}"
        yield Check(uri, "problem", told, (f"{grant} --role=roles/storage.objectViewer",))
    except errors.VcwError as error:
        yield could_not_tell(uri, error)
    else:
        if found.get("items"):
            yield Check(uri, "ok", "There, and you may list it.")
        else:
            yield Check(uri, "problem", "The folder is empty, or does not exist.", (upload,))


def check_bucket(
    rest: JsonRest, bucket: str, location: str, project: Project, *, by_stack: bool
) -> Iterator[Check]:
    """Check where a bucket is, and that the service agent of the endpoint's project may read it.

    Args:
        rest: The transport.
        bucket: Its name.
        location: Where the endpoint is.
        project: Project of the endpoint.
        by_stack: The stack grants access to the bucket itself.
    """
    about = f"gs://{bucket}"
    try:
        found = get(rest, f"{_STORAGE}/{bucket}")
    except errors.NotFound:
        return  # said of each folder in it
    except errors.VcwError as error:
        found = None
        yield could_not_tell(f"location of {about}", error)
    if found is not None:
        yield _location(about, str(found.get("location", "")), location)
    if by_stack:
        yield Check(f"service agent's access to {about}", "ok", "This stack grants it.")
    else:
        yield _agent(rest, bucket, found or {}, project)


def _location(about: str, stored: str, serving: str) -> Check:
    about = f"location of {about}"
    near = {row.id: row for row in catalog.regions()}.get(serving)
    if near is None or near.holds(stored):
        return Check(about, "ok", f"{stored}, for endpoints in {serving}.")
    told = (
        f"{stored}, and the endpoint is in {serving}: every replica loads the weights over that "
        "distance, which takes longer and is billed as traffic."
    )
    return Check(about, "note", told)


def _agent(rest: JsonRest, bucket: str, found: dict[str, Any], project: Project) -> Check:
    about = f"service agent's access to gs://{bucket}"
    agent = f"serviceAccount:{project.agent}"
    grant = (
        f"gcloud storage buckets add-iam-policy-binding gs://{bucket} --member={agent} "
        "--role=roles/storage.objectViewer"
    )
    own = project.number != "" and str(found.get("projectNumber", "")) == project.number
    inherited = (project.agent_roles or frozenset()) & _PROJECT_READERS
    if own and inherited:
        return Check(about, "ok", f"By {', '.join(sorted(inherited))} on the project.")
    try:
        policy = get(rest, f"{_STORAGE}/{bucket}/iam")
    except errors.VcwError as error:
        return could_not_tell(about, error, (grant,))
    for binding in policy.get("bindings", ()):
        if binding.get("role") in _READERS and agent in binding.get("members", ()):
            return Check(about, "ok", f"By {binding['role']} on the bucket.")
    return Check(about, "problem", "Nothing lets it read the weights.", (grant,))
