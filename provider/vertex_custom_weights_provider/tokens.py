"""The type tokens of resources and components: how state, previews and the terminal call them.

`vcw:m:Deployment` is short enough that a terminal of 80 columns shows name, status and progress
beside it (ADR 0017). The engine finds the server of a type by the package in its token, unless the
registration says otherwise, as those of our dynamic resources do. `pulumi import` and programs in
YAML have nothing but the token, so there `pulumi-python:vcw:Deployment` means the same type.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PACKAGE: Final = "vcw"
"""Package of every token: the command's name, and that of a plugin for other languages."""
DYNAMIC_PACKAGE: Final = "pulumi-python"
"""Package whose plugin serves dynamic resources of Python."""
MODULE: Final = "m"
"""Short, because a terminal cuts off what comes after the type."""
RESOURCES: Final[Mapping[str, str]] = {
    "Endpoint": "Endpoint",
    "CustomWeightsDeployment": "Deployment",
    "PscAddress": "Address",
    "PscForwardingRule": "Rule",
    "TrafficSplit": "Traffic",
}
"""Resource type and the last part of its token."""
COMPONENTS: Final[Mapping[str, str]] = {
    "CustomWeightsEndpoint": "CustomWeights",
    "DeepSeekEndpoint": "DeepSeek",
    "GemmaEndpoint": "Gemma",
    "GlmEndpoint": "Glm",
    "GptOssEndpoint": "GptOss",
    "LlamaEndpoint": "Llama",
    "MistralEndpoint": "Mistral",
    "PhiEndpoint": "Phi",
    "PrivateServiceConnect": "Connection",
    "QwenEndpoint": "Qwen",
    "ServingNetwork": "Network",
    "ServingProject": "Project",
    "WeightsAccess": "Access",
}
"""Component and the last part of its token."""


def token(name: str) -> str:
    """Return the token of a resource type, a component or a function.

    Args:
        name: The class, such as `PscAddress`, or the function, such as `lookAhead`.
    """
    return f"{PACKAGE}:{MODULE}:{RESOURCES.get(name) or COMPONENTS.get(name) or name}"


def import_token(resource_type: str) -> str:
    """Return the token by which a resource is imported; programs know it as an alias."""
    return f"{DYNAMIC_PACKAGE}:{PACKAGE}:{RESOURCES[resource_type]}"


def canonical(urn: str) -> str:
    """Return the URN that a program gives to what may have been imported."""
    return urn.replace(f"{DYNAMIC_PACKAGE}:{PACKAGE}:", f"{PACKAGE}:{MODULE}:")


LOOK_AHEAD: Final = token("lookAhead")
"""The function that announces folders of weights before their resources are declared."""
_KINDS = {spell(kind): kind for kind in RESOURCES for spell in (token, import_token)}
_COMPONENTS = {token(component): component for component in COMPONENTS}


def resource_type(type_token: str) -> str | None:
    """Return which of our resource types a token means; None for other people's."""
    return _KINDS.get(type_token)


def component(type_token: str) -> str | None:
    """Return which of our components a token means; None for all else."""
    return _COMPONENTS.get(type_token)
