"""Which networks private access connects, and what of its arguments cannot be honoured."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from .names import Spell

GOOGLE = "google"
"""`dns.domain` of the name that Vertex AI's certificate holds for."""

DEFAULT = "default"
"""Name of the connection that is given without one."""

ONE = ("network", "subnetwork", "ip_address", "adopt_address", "adopt_forwarding_rule")
"""Keys that describe the connection of one network in place of an entry of `connections`."""

FOR_ALL = ("global_access", "dns", "service_directory")
"""Keys that hold for every connection that does not say otherwise."""

_OF_ONE = ONE[2:]
_IN_PROJECT = re.compile(r"(?:^|/)projects/([^/]+)/")
_NAME = re.compile(r"[a-z]([-a-z0-9]{0,30}[a-z0-9])?")
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


@dataclass(frozen=True)
class Connection:
    """One consumer network to connect. Values may be outputs.

    Attributes:
        name: Tells it from the others.
        network: Consumer network.
        subnetwork: Where the address is taken from.
        project: Consumer project; None is the endpoint's.
        ip_address: A literal; None has one allocated.
        global_access: Whether callers of other regions are let in.
        dns: `PrivateDnsArgs` of its address, if it gets a name.
        service_directory: `ServiceDirectoryArgs`, if it is registered somewhere special.
        adopt_address: An address that exists, to be taken over.
        adopt_forwarding_rule: A rule that exists, to be taken over.
    """

    name: str
    network: Any
    subnetwork: Any
    project: Any = None
    ip_address: Any = None
    global_access: Any = None
    dns: Any = None
    service_directory: Any = None
    adopt_address: Any = None
    adopt_forwarding_rule: Any = None


def connections(access: Mapping[str, Any]) -> list[Connection]:
    """Return the connections that arguments without problems ask for."""
    shared = {key: access[key] for key in FOR_ALL if key in access}
    one = {key: access[key] for key in (*ONE, "project") if key in access}
    entries = [one] if "network" in access else []
    entries += access.get("connections") or []
    return [Connection(**{"name": DEFAULT, **shared, **entry}) for entry in entries]


def problems(access: Mapping[str, Any], here: str, spell: Spell) -> Iterator[str]:
    """Yield what cannot be honoured, one sentence each.

    Args:
        access: `PrivateAccessArgs` or `PrivateServiceConnectArgs`.
        here: Path of the arguments with a dot at its end, or "" for those of a component.
        spell: How the user wrote the names.
    """
    if ("network" in access) != ("subnetwork" in access):
        yield f"{here}network and {here}subnetwork come together. Give both, or neither."
    listed = access.get("connections", [])
    if not isinstance(listed, list):
        yield f"{here}connections must be a list of objects with network and subnetwork."
        return
    yield from _apart(access, here)
    entries = cast("list[Any]", listed)
    for number, entry in enumerate(entries):
        yield from _entry(entry, f"{here}connections[{number}]")
    if all(isinstance(entry, dict) for entry in entries):
        yield from _together(access, entries, here, spell)


def _entry(entry: Any, path: str) -> Iterator[str]:
    if not isinstance(entry, dict):
        yield f"{path} must be an object with at least network and subnetwork."
        return
    given = cast("Mapping[str, Any]", entry)
    missing = [key for key in ("network", "subnetwork") if given.get(key) is None]
    if missing:
        yield f"{path}: {' and '.join(missing)} must be given."
    yield from _apart(given, f"{path}.")
    name = given.get("name", DEFAULT)
    if not (isinstance(name, str) and _NAME.fullmatch(name)):
        yield (
            f"{path}.name: {name!r} is no name. Use lower-case letters, digits and hyphens, 32 "
            "at most, with a letter first."
        )


def _apart(given: Mapping[str, Any], here: str) -> Iterator[str]:
    """Yield it when a subnetwork cannot be one of its network: both lie in one project."""
    own = given.get("project")
    network, subnetwork = (_project(given.get(key), own) for key in ("network", "subnetwork"))
    if not network or not subnetwork or network.isdigit() != subnetwork.isdigit():
        return  # not known yet, or an id and a number of what may be one project
    if network != subnetwork:
        yield (
            f"{here}subnetwork is in project {subnetwork}, {here}network in {network}. A "
            "subnetwork lies in its network's project; with a Shared VPC both are the host's."
        )


def _project(reference: Any, own: Any) -> str:
    """Return the project that a network or a subnetwork lies in, or nothing."""
    if not isinstance(reference, str):
        return ""
    found = _IN_PROJECT.search(reference)
    if found:
        return found[1]
    return own if isinstance(own, str) else ""


def _together(
    access: Mapping[str, Any], entries: list[Mapping[str, Any]], here: str, spell: Spell
) -> Iterator[str]:
    """Yield what is wrong between connections, and between them and what holds for all."""
    names = [str(entry.get("name", DEFAULT)) for entry in entries]
    names += [DEFAULT] if "network" in access else []
    for name, times in Counter(names).items():
        if times > 1:
            yield (
                f"{here}connections: {times} are named {name}. Give each another name; network "
                f"and subnetwork beside connections are the one named {DEFAULT}."
            )
    if not names:
        for key in (*_OF_ONE, *FOR_ALL):
            if key in access:
                yield f"{here}{spell(key)} needs a network and a subnetwork to connect."
    elif "network" not in access:
        for key in _OF_ONE:
            if key in access:
                yield f"{here}{spell(key)} belongs to a network. Move it into its connection."
    yield from _names(access, entries, here)


def _names(access: Mapping[str, Any], entries: list[Mapping[str, Any]], here: str) -> Iterator[str]:
    """Yield what is wrong with names in DNS."""
    for path, holder in [(here, access)] + [
        (f"{here}connections[{number}].", entry) for number, entry in enumerate(entries)
    ]:
        dns = holder.get("dns")
        if isinstance(dns, dict):
            yield from _dns(cast("Mapping[str, Any]", dns), f"{path}dns")
    common: Any = access.get("dns")
    followers = sum("dns" not in entry for entry in entries) + ("network" in access)
    if isinstance(common, dict) and "zone" in common and followers > 1:
        yield (
            f"{here}dns.zone: one zone cannot hold the addresses of {followers} connections under "
            "one name. Give each connection a dns of its own, or leave the zone out."
        )


def _dns(dns: Mapping[str, Any], path: str) -> Iterator[str]:
    domain = dns.get("domain")
    if domain is None:
        yield f"{path}.domain is missing: the DNS domain, such as models.example.com."
    elif domain == GOOGLE:
        if "name" in dns:
            yield (
                f"{path}.name excludes {path}.domain: {GOOGLE}, as the whole name is the one that "
                "Vertex AI's certificate holds for. Remove one of them."
            )
    elif isinstance(domain, str):
        labels = domain.rstrip(".").split(".")
        if len(labels) < 2 or not all(map(_LABEL.fullmatch, labels)):
            yield (
                f"{path}.domain: {domain!r} is no domain such as models.example.com, "
                f"and not {GOOGLE}."
            )
    name = dns.get("name")
    if name is not None and not is_label(name):
        yield (
            f"{path}.name: {name!r} is no part of a DNS name. Use lower-case letters, digits and "
            "hyphens, 63 at most."
        )


def takes_first_part(dns: Any) -> bool:
    """Tell whether `dns` asks for a name whose first part is somebody else's to say."""
    if not isinstance(dns, dict):
        return False
    given = cast("Mapping[str, Any]", dns)
    return "name" not in given and given.get("domain") != GOOGLE


def is_label(name: Any) -> bool:
    """Tell whether it can stand between the dots of a DNS name."""
    return isinstance(name, str) and _LABEL.fullmatch(name) is not None
