"""How an endpoint is reached privately: by connections of its own, or by one that it shares."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional, cast

import pulumi

from vertex_custom_weights.args_private import PrivateAccessArgs
from vertex_custom_weights.checks import connections
from vertex_custom_weights_provider.addresses import is_certified

from .private_service_connect import PrivateServiceConnect, PrivateServiceConnectArgs


@dataclass(frozen=True)
class PrivateAccess:
    """What callers need to know; empty where nothing is connected.

    Attributes:
        psc_ip_address: Address of the first connection.
        psc_ip_addresses: Addresses by connection.
        private_dns_name: Name of the first connection's address.
        psc_connection_status: ACCEPTED when requests pass.
    """

    psc_ip_address: pulumi.Output[str]
    psc_ip_addresses: pulumi.Output[dict[str, str]]
    private_dns_name: pulumi.Output[str]
    psc_connection_status: pulumi.Output[str]


@dataclass(frozen=True)
class Behind:
    """The endpoint to be reached."""

    name: str
    endpoint_name: pulumi.Output[str]
    service_attachment: pulumi.Output[str]
    project: Any
    region: Any
    labels: Any
    below: pulumi.ResourceOptions


def connect(access: PrivateAccessArgs, endpoint: Behind) -> PrivateAccess:
    """Connect the networks that the arguments name.

    Args:
        access: The arguments, which have passed the checks.
        endpoint: What they lead to.
    """
    if "shared_with" in access:
        return _shared(access["shared_with"], endpoint)
    wanted = connections.connections(cast("Mapping[str, Any]", access))
    if not wanted:
        none: Any = {}
        empty = pulumi.Output.from_input("")
        return PrivateAccess(empty, pulumi.Output.from_input(none), empty, empty)
    # Under the endpoint's name its parts have short names and keep their aliases on a renaming.
    made = PrivateServiceConnect(endpoint.name, _arguments(access, endpoint), endpoint.below)
    return PrivateAccess(
        made.psc_ip_address,
        made.psc_ip_addresses,
        made.private_dns_name,
        made.psc_connection_status,
    )


def _arguments(access: PrivateAccessArgs, endpoint: Behind) -> PrivateServiceConnectArgs:
    """Return the arguments of the component, whose names in DNS begin with the endpoint's."""
    given = {
        key: value
        for key, value in cast("dict[str, Any]", access).items()
        if key in PrivateServiceConnectArgs.__annotations__
    }
    given = dict(_named(given, endpoint.name))
    if "connections" in given:
        given["connections"] = [_named(entry, endpoint.name) for entry in given["connections"]]
    if endpoint.labels is not None:
        given["labels"] = endpoint.labels
    own = {
        "endpoint": endpoint.endpoint_name,
        "service_attachment": endpoint.service_attachment,
        "project": endpoint.project,
        "region": endpoint.region,
    }
    return cast("PrivateServiceConnectArgs", {**own, **given})


def _named(entry: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return arguments whose name in DNS, if they ask for one, begins with the endpoint's."""
    if not connections.takes_first_part(entry.get("dns")):
        return entry
    return {**entry, "dns": {"name": name, **entry["dns"]}}


def _shared(given: Any, endpoint: Behind) -> PrivateAccess:
    """Use a connection that is there, having seen that it leads to this endpoint too."""
    address, theirs = _item(given, "psc_ip_address"), _item(given, "service_attachment")

    def verified(known: list[Any]) -> Any:
        ip, there, here = known
        # Previews may not know the attachments yet; the address does not wait for them.
        if isinstance(there, str) and isinstance(here, str) and there and here != there:
            raise pulumi.RunError(
                f"{endpoint.name}: the connection of {ip} leads to {there}, but this endpoint is "
                f"behind {here}. One connection serves endpoints of one project and location that "
                "allow the same projects. Give it a network and a subnetwork of its own."
            )
        return ip

    both = pulumi.Output.all(address, theirs, endpoint.service_attachment)
    ip: pulumi.Output[str] = both.apply(verified, run_with_unknowns=True)
    addresses: Any = {connections.DEFAULT: ip}
    return PrivateAccess(
        ip,
        pulumi.Output.from_input(addresses),
        _item(given, "private_dns_name").apply(_of_all),
        _item(given, "psc_connection_status"),
    )


def _of_all(name: str) -> str:
    """Return the name if it leads to every endpoint behind the connection; Google's names one."""
    return "" if is_certified(name) else name


def borrowed(args: Mapping[str, Any]) -> Optional[dict[str, Any]]:
    """Return what state remembers of a connection that another endpoint lends, for reports."""
    access = cast("Mapping[str, Any]", args.get("private_service_connect") or {})
    shared = access.get("shared_with")
    return None if shared is None else {"pscIpAddress": _item(shared, "psc_ip_address")}


def _item(given: Any, key: str) -> pulumi.Output[str]:
    """Return one value; of a dictionary the others need not be known for it."""
    if isinstance(given, dict):
        return pulumi.Output.from_input(cast("dict[str, Any]", given).get(key, ""))
    return pulumi.Output.from_input(given).apply(lambda known: known.get(key) or "")
