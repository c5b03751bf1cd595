"""Private Service Connect from a consumer network: a reserved address and the rule behind it."""

from typing import NotRequired, Optional, TypedDict

import pulumi

from vertex_custom_weights_provider.resources.psc_address import PscAddress
from vertex_custom_weights_provider.resources.psc_forwarding_rule import PscForwardingRule

from .options import below


class PrivateServiceConnectArgs(TypedDict):
    """One connection from one consumer network to one service attachment."""

    service_attachment: pulumi.Input[str]
    """The endpoint's `service_attachment`."""
    network: pulumi.Input[str]
    """Consumer network: a name, or a full or partial URL."""
    subnetwork: pulumi.Input[str]
    """Subnetwork from which the address is taken."""
    project: NotRequired[pulumi.Input[str]]
    """Consumer project, allowed by the endpoint; default `gcp:project`."""
    region: NotRequired[pulumi.Input[str]]
    """Region of the endpoint; default `gcp:region`."""
    ip_address: NotRequired[pulumi.Input[str]]
    """A literal of the subnetwork; one is allocated when absent."""
    global_access: NotRequired[pulumi.Input[bool]]
    """Let callers of other regions in; default false."""
    labels: NotRequired[pulumi.Input[dict[str, pulumi.Input[str]]]]
    """Labels of address and rule."""


class PrivateServiceConnect(pulumi.ComponentResource):
    """An internal address that reaches the endpoint, once the connection is ACCEPTED.

    When the endpoint is replaced the rule follows its new service attachment and the address
    stays. One connection serves every endpoint behind the same service attachment.
    """

    psc_ip_address: pulumi.Output[str]
    """Address that callers in the network use."""
    address_name: pulumi.Output[str]
    """`projects/{project}/regions/{region}/addresses/{name}`."""
    forwarding_rule_name: pulumi.Output[str]
    """`projects/{project}/regions/{region}/forwardingRules/{name}`."""
    psc_connection_status: pulumi.Output[str]
    """ACCEPTED when requests pass."""

    def __init__(
        self,
        name: str,
        args: PrivateServiceConnectArgs,
        opts: Optional[pulumi.ResourceOptions] = None,
    ) -> None:
        """Reserve the address and connect it."""
        super().__init__("vertex-custom-weights:index:PrivateServiceConnect", name, None, opts)
        child = below(self, opts)
        project, region, labels = args.get("project"), args.get("region"), args.get("labels")
        address = PscAddress(
            f"{name}-address",
            project=project,
            region=region,
            labels=labels,
            subnetwork=args["subnetwork"],
            address=args.get("ip_address"),
            opts=child,
        )
        rule = PscForwardingRule(
            f"{name}-forwarding-rule",
            project=project,
            region=region,
            labels=labels,
            target=args["service_attachment"],
            address=address.address_name,
            network=args["network"],
            allow_psc_global_access=args.get("global_access"),
            opts=child,
        )
        self.psc_ip_address = address.ip_address
        self.address_name = address.address_name
        self.forwarding_rule_name = rule.forwarding_rule_name
        self.psc_connection_status = rule.psc_connection_status
        self.register_outputs({key: getattr(self, key) for key in OUTPUTS})


OUTPUTS = ("psc_ip_address", "address_name", "forwarding_rule_name", "psc_connection_status")
"""Names of the outputs."""
