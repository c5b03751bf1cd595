"""Project numbers, resource names and generated ids."""

from __future__ import annotations

import hashlib
import secrets
import uuid


def project_number(project: str) -> str:
    """Return the number of a project given by id or number, or as `projects/…`.

    The emulator knows no projects: any id exists, and its number is derived from it, so id and
    number of one project always lead to the same documents.
    """
    project = project.removeprefix("projects/")
    if project.isascii() and project.isdigit():
        return project
    digest = int.from_bytes(hashlib.sha256(project.encode()).digest()[:8], "big")
    return str(100_000_000_000 + digest % 899_999_999_999)


def canonical(name: str) -> str:
    """Return a resource name with the project's number in place of its id."""
    head, slash, path = name.partition("/")
    project, _, rest = path.partition("/")
    if head != "projects" or not project:
        return name
    return f"{head}{slash}{project_number(project)}" + (f"/{rest}" if rest else "")


def long_id() -> str:
    """Return an id as the server makes them for operations and deployed models: 19 digits."""
    return str(10**18 + secrets.randbelow(8 * 10**18))


def endpoint_id() -> str:
    """Return an endpoint id as Model Garden generates it."""
    return f"mg-endpoint-{uuid.uuid4()}"


def model_id(now: float) -> str:
    """Return a model id as Model Garden generates it: the moment, in seconds."""
    return f"mg-custom-{int(now)}"


def etag() -> str:
    """Return an etag no other write has had."""
    return f"AMEw9y{secrets.token_urlsafe(20)}"
