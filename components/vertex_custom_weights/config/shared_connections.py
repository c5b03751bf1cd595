"""Endpoints of a stack that use the connection of another one."""

from collections.abc import Iterator, Mapping
from typing import Any, Optional, cast

from vertex_custom_weights_provider.catalog import hint

from .references import OfEndpoint

Entries = Mapping[str, Mapping[str, Any]]
"""Arguments of endpoints, by name."""


def lender(arguments: Mapping[str, Any]) -> Optional[str]:
    """Return the name of the endpoint whose connection it uses."""
    shared = _access(arguments).get("shared_with")
    return shared.name if isinstance(shared, OfEndpoint) else None


def in_order(entries: Entries) -> list[str]:
    """Return all names, those that lend before those that borrow."""
    return sorted(entries, key=lambda name: lender(entries[name]) is not None)


def problems(name: str, entries: Entries) -> Iterator[str]:
    """Yield why an endpoint cannot use the connection it names, one sentence each."""
    other = lender(entries[name])
    if other is None:
        return
    here = "privateServiceConnect.sharedWith"
    if other == name or other not in entries:
        near = hint(other, [known for known in entries if known != name])
        yield f"{here}: {other} is no other endpoint of this stack. {near}".rstrip()
        return
    mine, theirs = entries[name], entries[other]
    if lender(theirs) is not None:
        yield f"{here}: {other} has no connection of its own. Name {lender(theirs)}."
    elif not {"network", "connections"} & _access(theirs).keys():
        yield f"{here}: {other} has no connection. Give it a network and a subnetwork."
    unlike = [
        spelled
        for spelled, key in (("project", "project"), ("location", "location"))
        if mine.get(key) != theirs.get(key)
    ]
    if _allowed(mine) != _allowed(theirs):
        unlike.append("allowedProjects")
    if unlike:
        yield (
            f"{here}: one connection serves endpoints of one project and location that allow the "
            f"same projects, but {other} has another {' and another '.join(unlike)}."
        )


def _allowed(arguments: Mapping[str, Any]) -> Any:
    """Return the projects let in; their order does not count."""
    allowed = _access(arguments).get("allowed_projects")
    if isinstance(allowed, list):
        return sorted(str(project) for project in cast("list[Any]", allowed))
    return allowed


def _access(arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    access = arguments.get("private_service_connect")
    return cast("dict[str, Any]", access) if isinstance(access, dict) else {}
