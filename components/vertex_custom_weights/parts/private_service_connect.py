"""Private Service Connect from consumer networks: reserved addresses and the rules behind them."""

from dataclasses import dataclass
from typing import Any, NotRequired, Optional, TypedDict, Unpack, cast, overload

import pulumi

from vertex_custom_weights.args_private import (
    ConnectionArgs,
    PrivateDnsArgs,
    ServiceDirectoryArgs,
    SharedConnectionArgs,
)
from vertex_custom_weights.checks import connections
from vertex_custom_weights.checks.connections import Connection
from vertex_custom_weights.checks.given import given
from vertex_custom_weights.checks.names import names_problems, refuse
from vertex_custom_weights.child_options import below
from vertex_custom_weights_provider.resources.arguments import configured
from vertex_custom_weights_provider.resources.form import spelled
from vertex_custom_weights_provider.resources.psc_address import PscAddress
from vertex_custom_weights_provider.resources.psc_forwarding_rule import PscForwardingRule
from vertex_custom_weights_provider.tokens import token

from . import private_dns


class PrivateServiceConnectArgs(TypedDict):
    """Connections from consumer networks to one service attachment.

    `network` and `subnetwork` connect one network; `connections` connect others beside it.
    """

    service_attachment: pulumi.Input[str]
    """The endpoint's `service_attachment`."""
    endpoint: NotRequired[pulumi.Input[str]]
    """The endpoint's `endpoint_name`; required by `dns.domain: google`, unused otherwise."""
    network: NotRequired[pulumi.Input[str]]
    """Consumer network: a name, or a full or partial URL."""
    subnetwork: NotRequired[pulumi.Input[str]]
    """Subnetwork from which the address is taken."""
    project: NotRequired[pulumi.Input[str]]
    """Consumer project, allowed by the endpoint; default `gcp:project`."""
    region: NotRequired[pulumi.Input[str]]
    """Region of the endpoint; default `gcp:region`."""
    ip_address: NotRequired[pulumi.Input[str]]
    """A literal of the subnetwork; one is allocated when absent."""
    adopt_address: NotRequired[pulumi.Input[str]]
    """Full name of an address that exists, to take over instead of reserving one; without effect
    afterwards."""
    adopt_forwarding_rule: NotRequired[pulumi.Input[str]]
    """Full name of a forwarding rule that exists, to take over likewise."""
    global_access: NotRequired[pulumi.Input[bool]]
    """Let callers of other regions in; default false."""
    labels: NotRequired[pulumi.Input[dict[str, pulumi.Input[str]]]]
    """Labels of addresses and rules."""
    connections: NotRequired[list[ConnectionArgs]]
    """Networks to connect, each with an address of its own. Adding and removing one leaves the
    others alone."""
    dns: NotRequired[PrivateDnsArgs]
    """Name of the addresses, the same one in every connected network; its first part is the name of
    the component unless it says otherwise."""
    service_directory: NotRequired[ServiceDirectoryArgs]
    """Where the connections are registered in Service Directory."""


class PrivateServiceConnect(pulumi.ComponentResource):
    """Internal addresses that reach the endpoint, once their connections are ACCEPTED.

    When the endpoint is replaced the rules follow its new service attachment and the addresses
    stay. One connection serves every endpoint behind the same service attachment: those of one
    project and region that allow the same projects.
    """

    psc_ip_address: pulumi.Output[str]
    """Address that callers use; of several connections that of `default`, or the first one's."""
    psc_ip_addresses: pulumi.Output[dict[str, str]]
    """Address of each connection, by its name; `default` is the one without a name."""
    private_dns_name: pulumi.Output[str]
    """Name that leads to this address; empty without DNS."""
    address_name: pulumi.Output[str]
    """`projects/{project}/regions/{region}/addresses/{name}` of this address."""
    forwarding_rule_name: pulumi.Output[str]
    """`projects/{project}/regions/{region}/forwardingRules/{name}` of its rule."""
    psc_connection_status: pulumi.Output[str]
    """ACCEPTED when requests pass, through all connections; else the status of one that fails."""

    @overload
    def __init__(
        self,
        name: str,
        args: PrivateServiceConnectArgs,
        opts: Optional[pulumi.ResourceOptions] = None,
    ) -> None: ...

    @overload
    def __init__(
        self,
        name: str,
        *,
        opts: Optional[pulumi.ResourceOptions] = None,
        **named: Unpack[PrivateServiceConnectArgs],
    ) -> None: ...

    def __init__(
        self,
        name: str,
        args: Optional[PrivateServiceConnectArgs] = None,
        opts: Optional[pulumi.ResourceOptions] = None,
        **named: Any,
    ) -> None:
        """Reserve the addresses and connect them.

        Raises:
            pulumi.RunError: an argument does not exist, or excludes another one.
        """
        args = cast("PrivateServiceConnectArgs", given(name, args, named, opts))
        wanted = _wanted(name, args)
        super().__init__(token("PrivateServiceConnect"), name, None, opts)
        self._args, self._child = args, below(self, opts)
        self._attachment = pulumi.Output.from_input(args["service_attachment"])
        made = {connection.name: self._connect(name, connection) for connection in wanted}
        main = made.get(connections.DEFAULT) or made[wanted[0].name]
        self.psc_ip_address = main.address.ip_address
        self.private_dns_name = main.dns_name
        self.address_name = main.address.address_name
        self.forwarding_rule_name = main.rule.forwarding_rule_name
        addresses: Any = {key: one.address.ip_address for key, one in made.items()}
        self.psc_ip_addresses = pulumi.Output.from_input(addresses)
        statuses = [one.rule.psc_connection_status for one in made.values()]
        self.psc_connection_status = pulumi.Output.all(*statuses).apply(_worst)
        self.register_outputs({key: getattr(self, key) for key in OUTPUTS})

    @property
    def connection(self) -> SharedConnectionArgs:
        """The connection as `shared_with` of endpoints behind the same service attachment."""
        return SharedConnectionArgs(
            psc_ip_address=self.psc_ip_address,
            service_attachment=self._attachment,
            private_dns_name=self.private_dns_name,
            psc_connection_status=self.psc_connection_status,
        )

    def _connect(self, name: str, connection: Connection) -> "_Made":
        # Pulumi hands aliases down to children whose names begin with the component's.
        prefix = f"{name}-"
        if connection.name != connections.DEFAULT:
            prefix += f"{connection.name}-"
        project = connection.project or self._args.get("project")
        address = self._reserve(prefix, connection, project)
        rule = self._lead(prefix, connection, project, address)
        dns_name = self._give_name(prefix, name, connection, project, address)
        return _Made(address, rule, dns_name)

    def _reserve(self, prefix: str, connection: Connection, project: Any) -> PscAddress:
        return PscAddress(
            f"{prefix}ip",
            project=project,
            region=self._args.get("region"),
            labels=self._args.get("labels"),
            subnetwork=connection.subnetwork,
            address=connection.ip_address,
            adopt=connection.adopt_address,
            opts=self._child,
        )

    def _lead(
        self, prefix: str, connection: Connection, project: Any, address: PscAddress
    ) -> PscForwardingRule:
        directory = connection.service_directory
        return PscForwardingRule(
            f"{prefix}fwd",
            project=project,
            region=self._args.get("region"),
            labels=self._args.get("labels"),
            target=self._attachment,
            address=address.address_name,
            network=connection.network,
            allow_psc_global_access=connection.global_access,
            service_directory_registrations=[directory] if directory else None,
            adopt=connection.adopt_forwarding_rule,
            opts=self._child,
        )

    def _give_name(
        self, prefix: str, name: str, connection: Connection, project: Any, address: PscAddress
    ) -> pulumi.Output[str]:
        if connection.dns is None:
            return pulumi.Output.from_input("")
        endpoint = self._args.get("endpoint")
        full_name = private_dns.name_of(connection.dns, name, endpoint, self._child)
        project = configured(project, "project", "project")
        labels = self._args.get("labels")
        leads = private_dns.Leads(connection, address.ip_address, project, labels)
        private_dns.record(prefix, full_name, leads, self._child)
        return full_name


@dataclass(frozen=True)
class _Made:
    """What a connection is made of."""

    address: PscAddress
    rule: PscForwardingRule
    dns_name: pulumi.Output[str]


OUTPUTS = (
    "psc_ip_address",
    "psc_ip_addresses",
    "private_dns_name",
    "address_name",
    "forwarding_rule_name",
    "psc_connection_status",
)
"""Names of the outputs."""


def _wanted(name: str, args: PrivateServiceConnectArgs) -> list[Connection]:
    """Return the connections asked for, or refuse the arguments.

    Raises:
        pulumi.RunError: with all that is wrong.
    """
    given = cast("dict[str, Any]", args)
    wrong = [
        *names_problems(given, PrivateServiceConnectArgs, "", spelled),
        *connections.problems(given, "", spelled),
    ]
    if given.get("service_attachment") is None:
        wrong.append(
            f"{spelled('service_attachment')} is missing: the endpoint's output of that name."
        )
    wanted = [] if wrong else connections.connections(given)
    if not wrong and not wanted:
        wrong = ["network and subnetwork are missing: the consumer network to connect."]
    unnamed = [one for one in wanted if connections.takes_first_part(one.dns)]
    if unnamed and not connections.is_label(name):
        wrong = [f"dns.name is missing, and {name!r} cannot be part of a DNS name."]
    if any(_of_google(one) for one in wanted) and given.get("endpoint") is None:
        wrong = [
            f"endpoint is missing: the endpoint's output {spelled('endpoint_name')}, which "
            f"dns.domain: {connections.GOOGLE} makes the name from."
        ]
    refuse(name, wrong)
    return wanted


def _of_google(connection: Connection) -> bool:
    dns = connection.dns
    return dns is not None and dns.get("domain") == connections.GOOGLE


def _worst(statuses: list[str]) -> str:
    return next((status for status in statuses if status != "ACCEPTED"), "ACCEPTED")
