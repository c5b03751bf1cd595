"""`ServingNetwork`: a consumer network that endpoints are connected to, given or made."""

from collections.abc import Iterator
from typing import Any, NotRequired, Optional, TypedDict, Unpack, cast

import pulumi

from vertex_custom_weights.checks.given import given
from vertex_custom_weights.checks.names import names_problems, refuse
from vertex_custom_weights.child_options import below
from vertex_custom_weights_provider.resources.arguments import configured
from vertex_custom_weights_provider.resources.form import spelled
from vertex_custom_weights_provider.tokens import token

from . import declare

DEFAULT_RANGE = "10.64.0.0/24"
"""Addresses of a subnetwork that is made: 252 to give to connections and callers."""


class ServingNetworkArgs(TypedDict):
    """A network and a subnetwork of it. What is given is used, the rest is made."""

    network: NotRequired[pulumi.Input[str]]
    """Network that is there: a name, or a full or partial URL. One is made when absent."""
    subnetwork: NotRequired[pulumi.Input[str]]
    """Subnetwork that is there, of a network that is given. One is made when absent."""
    ip_range: NotRequired[pulumi.Input[str]]
    """Range of the subnetwork that is made, such as `10.64.0.0/24`, which is the default. Has to be
    free in a network that is given."""
    project: NotRequired[pulumi.Input[str]]
    """Consumer project; default `gcp:project`."""
    region: NotRequired[pulumi.Input[str]]
    """Region of the endpoints; default `gcp:region`."""


class ServingNetwork(pulumi.ComponentResource):
    """A network whose machines call endpoints, with a subnetwork for the addresses.

    What is made lets nobody in, as it has no firewall rule, and its machines reach Google's APIs
    without addresses on the internet. Needs `pulumi-gcp`, unless both are given.
    """

    network: pulumi.Output[str]
    """The network, as `network` of connections."""
    subnetwork: pulumi.Output[str]
    """The subnetwork, as `subnetwork` of connections."""
    project: pulumi.Output[str]
    """The consumer project, as `project` of connections."""

    def __init__(
        self,
        name: str,
        args: Optional[ServingNetworkArgs] = None,
        opts: Optional[pulumi.ResourceOptions] = None,
        **named: Unpack[ServingNetworkArgs],
    ) -> None:
        """Make what is not given.

        Raises:
            pulumi.RunError: an argument does not exist, or excludes another one.
        """
        args = cast("ServingNetworkArgs", given(name, args, named, opts))
        refuse(name, _problems(args))
        super().__init__(token("ServingNetwork"), name, None, opts)
        self._child = below(self, opts)
        project = configured(args.get("project"), "project", "project")
        self.project = pulumi.Output.from_input(project)
        self.network = self._network(name, args, project)
        self.subnetwork = self._subnetwork(name, args, project)
        self.register_outputs({key: getattr(self, key) for key in OUTPUTS})

    def _network(self, name: str, args: ServingNetworkArgs, project: Any) -> pulumi.Output[str]:
        if "network" in args:
            return pulumi.Output.from_input(args["network"])
        made = declare.declare(
            "gcp:compute/network:Network",
            f"{name}-network",
            {
                "project": project,
                "description": "Calls model endpoints on Vertex AI.",
                "autoCreateSubnetworks": False,
            },
            self._child,
        )
        return made.id

    def _subnetwork(self, name: str, args: ServingNetworkArgs, project: Any) -> pulumi.Output[str]:
        if "subnetwork" in args:
            return pulumi.Output.from_input(args["subnetwork"])
        made = declare.declare(
            "gcp:compute/subnetwork:Subnetwork",
            f"{name}-subnetwork",
            {
                "project": project,
                "region": configured(args.get("region"), "region", "region"),
                "network": self.network,
                "ipCidrRange": args.get("ip_range", DEFAULT_RANGE),
                "privateIpGoogleAccess": True,
            },
            self._child,
        )
        return made.id


OUTPUTS = ("network", "subnetwork", "project")
"""Names of the outputs."""


def _problems(args: ServingNetworkArgs) -> Iterator[str]:
    yield from names_problems({**args}, ServingNetworkArgs, "", spelled)
    if "subnetwork" in args and "network" not in args:
        yield "subnetwork is part of a network. Give the network too."
    if "subnetwork" in args and "ip_range" in args:
        yield "ip_range is for a subnetwork that is made. Remove it, or subnetwork."
