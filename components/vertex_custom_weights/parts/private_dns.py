"""A DNS name for an address in a consumer network, by Cloud DNS."""

from dataclasses import dataclass
from typing import Any

import pulumi

from vertex_custom_weights.args_private import PrivateDnsArgs
from vertex_custom_weights.checks.connections import Connection
from vertex_custom_weights.gcp import declare

_SECONDS = 300


def name_of(dns: PrivateDnsArgs, default: str) -> pulumi.Output[str]:
    """Return the full name, without a dot at its end."""
    first = dns.get("name", default)
    return pulumi.Output.from_input(dns["domain"]).apply(
        lambda domain: f"{first}.{domain.rstrip('.')}"
    )


@dataclass(frozen=True)
class Leads:
    """Where a name leads, and who sees it.

    Attributes:
        connection: The connection, which has `dns`.
        address: Its address.
        project: Consumer project.
        labels: Labels of a zone that is made.
    """

    connection: Connection
    address: pulumi.Output[str]
    project: Any
    labels: Any


def record(
    prefix: str, full_name: pulumi.Output[str], leads: Leads, opts: pulumi.ResourceOptions
) -> None:
    """Have the name lead to the address in the network of the connection.

    Args:
        prefix: Of the names of what is declared.
        full_name: The name, as `name_of` gives it.
        leads: Where it leads.
        opts: Options of what is declared.
    """
    zone = leads.connection.dns.get("zone")
    fully_qualified = full_name.apply(lambda known: f"{known}.")
    if zone is None:
        zone = _zone(prefix, fully_qualified, leads, opts)
    declare.declare(
        "gcp:dns/recordSet:RecordSet",
        f"{prefix}dns-record",
        {
            "project": leads.project,
            "managedZone": zone,
            "name": fully_qualified,
            "type": "A",
            "ttl": _SECONDS,
            "rrdatas": [leads.address],
        },
        opts,
    )


def _zone(
    prefix: str, fully_qualified: pulumi.Output[str], leads: Leads, opts: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    """Declare a zone of one name: a wider one would hide all else that the domain holds."""
    url = pulumi.Output.all(leads.connection.network, leads.project).apply(
        lambda known: (
            known[0] if "/" in known[0] else f"projects/{known[1]}/global/networks/{known[0]}"
        )
    )
    zone = declare.declare(
        "gcp:dns/managedZone:ManagedZone",
        f"{prefix}dns-zone",
        {
            "project": leads.project,
            "name": None,
            "dnsName": fully_qualified,
            "description": "Leads to a model endpoint on Vertex AI.",
            "visibility": "private",
            "privateVisibilityConfig": {"networks": [{"networkUrl": url}]},
            "labels": leads.labels,
        },
        opts,
    )
    return declare.output(zone, "name")
