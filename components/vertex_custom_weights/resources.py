"""The low-level resources, one to one with Google's API; components are made of them.

Type tokens have shorter names, so that a terminal has room for them. Programs that `pulumi import`
generates call the classes by these.
"""

from vertex_custom_weights_provider.resources.custom_weights_deployment import (
    CustomWeightsDeployment,
)
from vertex_custom_weights_provider.resources.endpoint import Endpoint
from vertex_custom_weights_provider.resources.psc_address import PscAddress
from vertex_custom_weights_provider.resources.psc_forwarding_rule import PscForwardingRule
from vertex_custom_weights_provider.resources.traffic_split import TrafficSplit

Address = PscAddress
Deployment = CustomWeightsDeployment
Rule = PscForwardingRule
Traffic = TrafficSplit

__all__ = [
    "Address",
    "CustomWeightsDeployment",
    "Deployment",
    "Endpoint",
    "PscAddress",
    "PscForwardingRule",
    "Rule",
    "Traffic",
    "TrafficSplit",
]
