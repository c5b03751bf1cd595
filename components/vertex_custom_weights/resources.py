"""The low-level resources, one to one with Google's API; components are made of them.

`pulumi import` generates programs that find them here.
"""

from vertex_custom_weights_provider.resources.custom_weights_deployment import (
    CustomWeightsDeployment,
)
from vertex_custom_weights_provider.resources.endpoint import Endpoint
from vertex_custom_weights_provider.resources.psc_address import PscAddress
from vertex_custom_weights_provider.resources.psc_forwarding_rule import PscForwardingRule
from vertex_custom_weights_provider.resources.traffic_split import TrafficSplit

__all__ = [
    "CustomWeightsDeployment",
    "Endpoint",
    "PscAddress",
    "PscForwardingRule",
    "TrafficSplit",
]
