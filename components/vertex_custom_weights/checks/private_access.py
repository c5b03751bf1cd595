"""What of an endpoint's private access cannot be honoured."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

import pulumi

from . import connections
from .names import Spell

_NOT_SHARED = (*connections.ONE, *connections.FOR_ALL, "connections")


def problems(args: Mapping[str, Any], spell: Spell) -> Iterator[str]:
    """Yield a sentence for each option that excludes another one, or lacks what it needs.

    Args:
        args: The arguments of an endpoint, in snake_case.
        spell: How the user wrote the names.
    """
    given = args.get("private_service_connect")
    if not isinstance(given, dict):
        return
    access = cast("Mapping[str, Any]", given)
    here = spell("private_service_connect")
    if args.get("public"):
        yield f"public and {here} exclude each other. Remove one of them."
    if "shared_with" in access:
        yield from _shared(access, here, spell)
        return
    yield from connections.problems(access, f"{here}.", spell)
    yield from _strangers(access, args.get("project"), here, spell)


def unnamed(name: str, args: Mapping[str, Any], spell: Spell = str) -> Iterator[str]:
    """Yield the names in DNS that would begin with the endpoint's, which cannot be part of one."""
    if connections.is_label(name):
        return
    here = spell("private_service_connect")
    access: Any = args.get("private_service_connect")
    listed: Any = access.get("connections") if _is_object(access) else None
    holders = [(f"{here}.", access)]
    if isinstance(listed, list):
        entries = enumerate(cast("list[Any]", listed))
        holders += [(f"{here}.connections[{number}].", entry) for number, entry in entries]
    for path, holder in holders:
        dns: Any = holder.get("dns") if _is_object(holder) else None
        if connections.takes_first_part(dns):
            yield f"{path}dns.name is missing, and {name!r} cannot be part of a DNS name."


def unreachable(args: Mapping[str, Any], spell: Spell = str) -> Iterator[str]:
    """Yield a warning when the program lets nobody in: private, and no network is connected.

    Who writes out `allowed_projects` has consumers that connect by themselves.
    """
    given = args.get("private_service_connect")
    access = cast("Mapping[str, Any]", given if _is_object(given) else {})
    here, later = spell("private_service_connect"), given is not None and not _is_object(given)
    if args.get("public") or later or "shared_with" in access or "allowed_projects" in access:
        return
    if not connections.connections(access):
        yield (
            "nobody can call it: it is private, and no network is connected. Set "
            f"{here}.network and {here}.subnetwork, or {here}.{spell('allowed_projects')} where "
            "consumers connect by themselves, or public."
        )


def _shared(access: Mapping[str, Any], here: str, spell: Spell) -> Iterator[str]:
    beside = [spell(key) for key in _NOT_SHARED if key in access]
    if beside:
        yield (
            f"{here}.{spell('shared_with')} makes no connection, so {', '.join(beside)} cannot be "
            "honoured. Remove one or the other."
        )
    shared = access["shared_with"]
    if isinstance(shared, dict) and "psc_ip_address" not in shared:
        yield f"{here}.{spell('shared_with')}.{spell('psc_ip_address')} is missing."


def _strangers(access: Mapping[str, Any], own: Any, here: str, spell: Spell) -> Iterator[str]:
    """Yield the consumer projects that are not let in.

    Adding one to the list later replaces the endpoint, so the list has to be written out.
    """
    allowed = access.get("allowed_projects", [own or pulumi.Config("gcp").get("project")])
    if not isinstance(allowed, list):
        return
    let_in = cast("list[Any]", allowed)
    if not let_in or not all(isinstance(project, str) for project in let_in):
        return
    own = own or pulumi.Config("gcp").get("project")
    for path, project in _consumers(access, own, here):
        if isinstance(project, str) and not _among(project, let_in):
            yield (
                f"{path}: {project} is not one of {spell('allowed_projects')} "
                f"({', '.join(let_in)}), which cannot be changed afterwards. Add it there."
            )


def _consumers(access: Mapping[str, Any], own: Any, here: str) -> Iterator[tuple[str, Any]]:
    """Yield where each connection stands, and its project: the endpoint's own where it has none."""
    if access.get("network") is not None:
        yield f"{here}.network", own
    entries: Any = access.get("connections")
    for number, entry in enumerate(cast("list[Any]", entries) if isinstance(entries, list) else ()):
        if _is_object(entry):
            path = f"{here}.connections[{number}]"
            named = cast("Mapping[str, Any]", entry).get("project")
            yield (f"{path}.project", named) if named is not None else (f"{path}.network", own)


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _among(project: str, listed: list[str]) -> bool:
    """Tell whether it is listed; ids and numbers of projects cannot be told apart from here."""
    return project in listed or any(one.isdigit() != project.isdigit() for one in listed)
