"""The network whose machines call models: given by configuration, or made."""

import pulumi

from vertex_custom_weights import ServingNetwork, ServingNetworkArgs, ServingProject

config = pulumi.Config()
network, subnetwork = config.get("network"), config.get("subnetwork")

args = ServingNetworkArgs()
if network:
    args["network"] = network
else:
    ServingProject("serving", {})
if subnetwork:
    args["subnetwork"] = subnetwork
else:
    args["ip_range"] = config.require("ipRange")

apps = ServingNetwork("apps", args)

pulumi.export("network", apps.network)
pulumi.export("subnetwork", apps.subnetwork)
