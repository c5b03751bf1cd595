"""Your own model weights on Vertex AI Model Garden: components for Pulumi programs."""

from . import resources as resources
from .args import (
    CustomWeightsEndpointArgs,
    DeploymentArgs,
    MachineArgs,
    ReplicasArgs,
    ScalingTargetsArgs,
    VersionArgs,
)
from .args_private import (
    ConnectionArgs,
    PrivateAccessArgs,
    PrivateDnsArgs,
    ServiceDirectoryArgs,
    SharedConnectionArgs,
)
from .config.look_ahead import look_ahead
from .endpoint import CustomWeightsEndpoint
from .families.deepseek import DeepSeekEndpoint
from .families.gemma import GemmaEndpoint
from .families.gpt_oss import GptOssEndpoint
from .families.llama import LlamaEndpoint
from .families.mistral import MistralEndpoint
from .families.phi import PhiEndpoint
from .families.qwen import QwenEndpoint
from .gcp.serving_network import ServingNetwork, ServingNetworkArgs
from .gcp.serving_project import ServingProject, ServingProjectArgs
from .gcp.weights_access import WeightsAccess, WeightsAccessArgs
from .parts.private_service_connect import PrivateServiceConnect, PrivateServiceConnectArgs

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
