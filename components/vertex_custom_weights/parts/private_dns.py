"""A DNS name for an address in a consumer network, by Cloud DNS."""

from dataclasses import dataclass
from typing import Any

import pulumi

from vertex_custom_weights.args_private import PrivateDnsArgs
from vertex_custom_weights.checks.connections import GOOGLE, Connection
from vertex_custom_weights.gcp import declare
from vertex_custom_weights_provider.addresses import private_name

_SECONDS = 300


def name_of(
    dns: PrivateDnsArgs, default: str, endpoint: Any, opts: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    """Return the full name, without a dot at its end.

    Args:
        dns: The arguments.
        default: First part of a name that does not say its own.
        endpoint: Full resource name of the endpoint, which Google's name is made from.
        opts: Options of what is declared.
    """
    first = dns.get("name", default)

    def full(domain: str) -> Any:
        if domain == GOOGLE:
            return pulumi.Output.from_input(endpoint).apply(lambda known: _google(known, opts))
        return f"{first}.{domain.rstrip('.')}"

    return pulumi.Output.from_input(dns["domain"]).apply(full)


def _google(endpoint: str, opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """Return the name that the certificate holds for; it has the number of the project in it."""
    project = endpoint.split("/")[1]
    if project.isdigit():
        return pulumi.Output.from_input(private_name(endpoint, project))
    told = declare.ask("gcp:organizations/getProject:getProject", {"projectId": project}, opts)
    return told.apply(lambda found: private_name(endpoint, found["number"]))


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
