"""Examples of the plugin's resources and components: one set of properties, in several languages.

They stand in the schema's descriptions, in the form that Pulumi's registry and SDKs show.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import yaml

from vertex_custom_weights_provider import tokens

ENDPOINT = "projects/my-project/locations/us-central1/endpoints/support"
MACHINE = {"machineType": "g2-standard-12", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 1}
_SERVED: dict[str, Any] = {
    "weightsUri": "gs://my-bucket/my-run",
    "privateServiceConnect": {"network": "apps", "subnetwork": "apps-us-central1"},
}
_FAMILIES = {
    "CustomWeightsEndpoint": None,
    "DeepSeekEndpoint": "deepseek-r1",
    "GemmaEndpoint": "gemma-3-12b",
    "GlmEndpoint": "glm-4.7-flash",
    "GptOssEndpoint": "gpt-oss-20b",
    "LlamaEndpoint": "llama-3.1-8b",
    "MistralEndpoint": "mistral-7b-v0.3",
    "PhiEndpoint": "phi-4",
    "QwenEndpoint": "qwen3-8b",
}
PROPERTIES: Mapping[str, Mapping[str, Any]] = {
    **{
        name: {**_SERVED, **({"baseModel": model} if model else {})}
        for name, model in _FAMILIES.items()
    },
    "PrivateServiceConnect": {
        "serviceAttachment": "projects/tenant/regions/us-central1/serviceAttachments/support",
        "project": "shop",
        "network": "shop",
        "subnetwork": "shop-us-central1",
    },
    "ServingNetwork": {"ipRange": "10.20.0.0/24"},
    "ServingProject": {"moreServices": ["dns.googleapis.com"]},
    "WeightsAccess": {
        "bucket": "my-bucket",
        "serviceAgent": "service-1234567890@gcp-sa-aiplatform.iam.gserviceaccount.com",
    },
    "Endpoint": {"displayName": "support"},
    "CustomWeightsDeployment": {
        "endpoint": ENDPOINT,
        "gcsUri": "gs://my-bucket/my-run",
        "dedicatedResources": {"machineSpec": MACHINE, "minReplicaCount": 1},
    },
    "TrafficSplit": {
        "endpoint": ENDPOINT,
        "traffic": [
            {"deployedModelId": "1111111111", "percent": 90},
            {"deployedModelId": "2222222222", "percent": 10},
        ],
    },
    "PscAddress": {"subnetwork": "apps-us-central1"},
    "PscForwardingRule": {
        "target": "projects/tenant/regions/us-central1/serviceAttachments/support",
        "address": "10.20.0.10",
        "network": "apps",
    },
}
_BARE_KEY = re.compile(r'^(\s*)"(\w+)":', re.MULTILINE)


def described(name: str, text: str) -> str:
    """Return a description with the example of a resource or component behind it."""
    return (
        f"{text.rstrip()}\n\n{{{{% examples %}}}}\n## Example Usage\n\n{{{{% example %}}}}\n\n"
        f"```yaml\n{in_yaml(name)}```\n```typescript\n{in_typescript(name)}```\n"
        "{{% /example %}}\n{{% /examples %}}"
    )


def in_yaml(name: str) -> str:
    """Return the resources of a program in YAML."""
    resource = {"type": tokens.token(name), "properties": dict(PROPERTIES[name])}
    return yaml.safe_dump({"resources": {"support": resource}}, sort_keys=False)


def in_typescript(name: str) -> str:
    """Return a program in TypeScript."""
    kind = tokens.token(name).rsplit(":", 1)[-1]
    given = _BARE_KEY.sub(r"\1\2:", json.dumps(PROPERTIES[name], indent=4))
    return (
        'import * as vcw from "vertex-custom-weights";\n\n'
        f'const support = new vcw.m.{kind}("support", {given});\n'
    )
