"""Your own model weights on Vertex AI Model Garden: components for Pulumi programs."""

from .args import (
    CustomWeightsEndpointArgs,
    DeploymentArgs,
    MachineArgs,
    PrivateAccessArgs,
    ReplicasArgs,
)
from .endpoint import CustomWeightsEndpoint
from .llama import LlamaEndpoint
from .private_service_connect import PrivateServiceConnect, PrivateServiceConnectArgs

__all__ = [
    "CustomWeightsEndpoint",
    "CustomWeightsEndpointArgs",
    "DeploymentArgs",
    "LlamaEndpoint",
    "MachineArgs",
    "PrivateAccessArgs",
    "PrivateServiceConnect",
    "PrivateServiceConnectArgs",
    "ReplicasArgs",
]
