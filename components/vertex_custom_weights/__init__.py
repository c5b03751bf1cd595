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
from .families.deepseek import DeepSeekEndpoint, DeepSeekEndpointArgs
from .families.gemma import GemmaEndpoint, GemmaEndpointArgs
from .families.glm import GlmEndpoint, GlmEndpointArgs
from .families.gpt_oss import GptOssEndpoint, GptOssEndpointArgs
from .families.llama import LlamaEndpoint, LlamaEndpointArgs
from .families.mistral import MistralEndpoint, MistralEndpointArgs
from .families.phi import PhiEndpoint, PhiEndpointArgs
from .families.qwen import QwenEndpoint, QwenEndpointArgs
from .gcp.serving_network import ServingNetwork, ServingNetworkArgs
from .gcp.serving_project import ServingProject, ServingProjectArgs
from .gcp.weights_access import WeightsAccess, WeightsAccessArgs
from .parts.private_service_connect import PrivateServiceConnect, PrivateServiceConnectArgs

__all__ = [
    "ConnectionArgs",
    "CustomWeightsEndpoint",
    "CustomWeightsEndpointArgs",
    "DeepSeekEndpoint",
    "DeepSeekEndpointArgs",
    "DeploymentArgs",
    "GemmaEndpoint",
    "GemmaEndpointArgs",
    "GlmEndpoint",
    "GlmEndpointArgs",
    "GptOssEndpoint",
    "GptOssEndpointArgs",
    "LlamaEndpoint",
    "LlamaEndpointArgs",
    "MachineArgs",
    "MistralEndpoint",
    "MistralEndpointArgs",
    "PhiEndpoint",
    "PhiEndpointArgs",
    "PrivateAccessArgs",
    "PrivateDnsArgs",
    "PrivateServiceConnect",
    "PrivateServiceConnectArgs",
    "QwenEndpoint",
    "QwenEndpointArgs",
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
