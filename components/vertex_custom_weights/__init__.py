"""Your own model weights on Vertex AI Model Garden: components for Pulumi programs."""

from .args import (
    CustomWeightsEndpointArgs,
    DeploymentArgs,
    MachineArgs,
    PrivateAccessArgs,
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

__all__ = [
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
    "PrivateServiceConnect",
    "PrivateServiceConnectArgs",
    "QwenEndpoint",
    "ReplicasArgs",
    "ScalingTargetsArgs",
    "VersionArgs",
    "look_ahead",
]
