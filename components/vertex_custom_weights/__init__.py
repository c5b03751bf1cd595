"""Your own model weights on Vertex AI Model Garden: components for Pulumi programs."""

from . import resources as resources
from .access import (
    ConnectionArgs,
    PrivateAccessArgs,
    PrivateDnsArgs,
    ServiceDirectoryArgs,
    SharedConnectionArgs,
)
from .args import (
    CustomWeightsEndpointArgs,
    DeploymentArgs,
    MachineArgs,
    ReplicasArgs,
    ScalingTargetsArgs,
    VersionArgs,
)
from .deepseek import DeepSeekEndpoint
from .endpoint import CustomWeightsEndpoint
from .gemma import GemmaEndpoint
from .gpt_oss import GptOssEndpoint
from .llama import LlamaEndpoint
from .look_ahead import look_ahead
from .mistral import MistralEndpoint
from .phi import PhiEndpoint
from .private_service_connect import PrivateServiceConnect, PrivateServiceConnectArgs
from .qwen import QwenEndpoint
from .serving_network import ServingNetwork, ServingNetworkArgs
from .serving_project import ServingProject, ServingProjectArgs
from .weights_access import WeightsAccess, WeightsAccessArgs

__all__ = [
    "ConnectionArgs",
    "CustomWeightsEndpoint",
    "CustomWeightsEndpointArgs",
    "DeepSeekEndpoint",
    "DeploymentArgs",
    "GemmaEndpoint",
    "GptOssEndpoint",
    "LlamaEndpoint",
    "MachineArgs",
    "MistralEndpoint",
    "PhiEndpoint",
    "PrivateAccessArgs",
    "PrivateDnsArgs",
    "PrivateServiceConnect",
    "PrivateServiceConnectArgs",
    "QwenEndpoint",
    "ReplicasArgs",
    "ScalingTargetsArgs",
    "ServiceDirectoryArgs",
    "ServingNetwork",
    "ServingNetworkArgs",
    "ServingProject",
    "ServingProjectArgs",
    "SharedConnectionArgs",
    "VersionArgs",
    "WeightsAccess",
    "WeightsAccessArgs",
    "look_ahead",
]
