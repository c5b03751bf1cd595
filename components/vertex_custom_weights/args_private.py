"""Arguments of private access: who may connect, from which networks, and under which names."""

from typing import NotRequired, TypedDict

import pulumi


class PrivateDnsArgs(TypedDict):
    """A name for the address of a connection. Needs `pulumi-gcp`, which talks to Cloud DNS."""

    domain: pulumi.Input[str]
    """DNS domain the name is in, such as `models.example.com`; or `google`, for the name that
    Vertex AI's certificate holds for, `ENDPOINT-REGION-NUMBER.prediction.p.vertexai.goog`, so that
    callers use https. That name changes with the endpoint's id."""
    name: NotRequired[str]
    """First part of the name; default the name of the endpoint. Excludes `domain: google`."""
    zone: NotRequired[pulumi.Input[str]]
    """Managed zone of the domain in the consumer project. When absent, a private zone is made for
    the one name, so that other names of the domain stay what they are."""


class ServiceDirectoryArgs(TypedDict):
    """Where a connection is registered. Mirrors `ForwardingRule.serviceDirectoryRegistrations`."""

    namespace: NotRequired[pulumi.Input[str]]
    """Namespace in project and region of the connection; default `goog-psc-default`."""
    service: NotRequired[pulumi.Input[str]]
    """Service of that namespace."""


class ConnectionArgs(TypedDict):
    """The connection of one consumer network: an address in it, and the rule behind the address."""

    network: pulumi.Input[str]
    """Consumer network: a name, or a full or partial URL."""
    subnetwork: pulumi.Input[str]
    """Subnetwork of that network, in the endpoint's region, from which the address is taken."""
    name: NotRequired[str]
    """Tells the connection from others; default `default`, which one connection may have."""
    project: NotRequired[pulumi.Input[str]]
    """Consumer project, one of those allowed; default the endpoint's."""
    ip_address: NotRequired[pulumi.Input[str]]
    """A literal of the subnetwork; one is allocated when absent."""
    global_access: NotRequired[pulumi.Input[bool]]
    """Let callers of other regions in; default that of all connections."""
    dns: NotRequired[PrivateDnsArgs]
    """Name of the address; default that of all connections."""
    service_directory: NotRequired[ServiceDirectoryArgs]
    """Registration in Service Directory; default that of all connections."""
    adopt_address: NotRequired[pulumi.Input[str]]
    """Full name of an address that exists, to take over instead of reserving one; without effect
    afterwards."""
    adopt_forwarding_rule: NotRequired[pulumi.Input[str]]
    """Full name of a forwarding rule that exists, to take over likewise."""


class SharedConnectionArgs(TypedDict):
    """A connection that another endpoint, or another stack, has made."""

    psc_ip_address: pulumi.Input[str]
    """Its address."""
    service_attachment: NotRequired[pulumi.Input[str]]
    """Where it leads. Compared with the endpoint's own, as it serves no other."""
    private_dns_name: NotRequired[pulumi.Input[str]]
    """Name of its address; empty when it has none."""
    psc_connection_status: NotRequired[pulumi.Input[str]]
    """Its status."""


class PrivateAccessArgs(TypedDict):
    """Private Service Connect: who may connect, and the connections of consumer networks.

    `network` and `subnetwork` connect one network of the endpoint's project; `connections` connect
    others beside it.
    """

    allowed_projects: NotRequired[pulumi.Input[list[pulumi.Input[str]]]]
    """Projects that may connect, 1 to 10; default this project. Cannot be changed afterwards."""
    check_permissions: NotRequired[pulumi.Input[bool]]
    """Check IAM permissions on the private path as well (v1beta1); default false. Callers then send
    a token, which takes https: see `dns`. Cannot be changed afterwards."""
    network: NotRequired[pulumi.Input[str]]
    """Consumer network to connect; none is connected when absent."""
    subnetwork: NotRequired[pulumi.Input[str]]
    """Subnetwork of that network from which the address is taken."""
    ip_address: NotRequired[pulumi.Input[str]]
    """A literal of that subnetwork; one is allocated when absent."""
    adopt_address: NotRequired[pulumi.Input[str]]
    """Full name of an address that exists, to take over instead of reserving one; without effect
    afterwards."""
    adopt_forwarding_rule: NotRequired[pulumi.Input[str]]
    """Full name of a forwarding rule that exists, to take over likewise."""
    global_access: NotRequired[pulumi.Input[bool]]
    """Let callers of other regions in, through any of the connections; default false."""
    connections: NotRequired[list[ConnectionArgs]]
    """Networks to connect, of several projects perhaps, each with an address of its own. Adding and
    removing one leaves the others alone."""
    dns: NotRequired[PrivateDnsArgs]
    """Name of the addresses, the same one in every connected network."""
    service_directory: NotRequired[ServiceDirectoryArgs]
    """Where the connections are registered in Service Directory."""
    shared_with: NotRequired[pulumi.Input[SharedConnectionArgs]]
    """Make no connection but use this one: `connection` of another endpoint that has the same
    project, location and allowed projects, or that endpoint's outputs in another stack."""
