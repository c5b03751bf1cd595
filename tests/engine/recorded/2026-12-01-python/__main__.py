"""Twenty ways to declare endpoints, in Python."""

from typing import Any

import pulumi

from vertex_custom_weights import LlamaEndpoint, PrivateServiceConnect, QwenEndpoint
from vertex_custom_weights.resources import CustomWeightsDeployment, Endpoint

WEIGHTS = "gs://weights/llama"
MACHINE = {"type": "g2-standard-12", "accelerator": "NVIDIA_L4", "accelerator_count": 1}


def llama(name: str, opts: pulumi.ResourceOptions | None = None, **more: Any) -> LlamaEndpoint:
    if "private_service_connect" not in more:
        more["public"] = True
    if "versions" not in more:
        more["weights_uri"] = WEIGHTS
    return LlamaEndpoint(name, {"base_model": "llama-3.2-1b", **more}, opts)


raw = Endpoint(
    "raw",
    project="local-project",
    location="us-central1",
    dedicated_endpoint_enabled=True,
    labels={"team": "raw"},
    description=pulumi.Output.secret("hush-hush"),
)
plain = llama("plain")
llama("machine", machine=MACHINE)
llama("whole-output", machine=raw.endpoint_name.apply(lambda _: MACHINE))
llama("secret-replicas", replicas=pulumi.Output.secret({"min": 2, "max": 3}))
llama("other-labels", labels=raw.labels)
llama(
    "versions",
    versions={
        "v1": {"weights_uri": WEIGHTS, "traffic": 90},
        "v2": {"weights_uri": "gs://weights/next", "traffic": 10, "replicas": {"min": 2}},
    },
)
private = llama(
    "private",
    private_service_connect={
        "allowed_projects": ["local-project"],
        "network": "apps",
        "subnetwork": "apps-us-central1",
        "ip_address": "10.128.0.42",
        "global_access": True,
    },
)
llama(
    "shared",
    private_service_connect={
        "allowed_projects": ["local-project"],
        "shared_with": {
            "psc_ip_address": private.psc_ip_address,
            "psc_connection_status": private.psc_connection_status,
        },
    },
)
llama(
    "two-networks",
    private_service_connect={
        "allowed_projects": ["local-project", "shop-project"],
        "connections": [
            {"network": "apps", "subnetwork": "apps-us-central1"},
            {
                "name": "shop",
                "project": "shop-project",
                "network": "shop",
                "subnetwork": "shop-us-central1",
            },
        ],
    },
)
llama("elsewhere", project="other-project", location="europe-west4", machine=MACHINE)
llama("timeouts", deployment={"timeouts": {"create": "45m", "update": "30m", "delete": "10m"}})
llama(
    "container",
    machine=MACHINE,
    deployment={
        "container": {
            "image_uri": "us-docker.pkg.dev/local-project/serving/vllm:1",
            "args": ["--max-model-len=4096"],
            "env": [{"name": "LOG_LEVEL", "value": "debug"}],
            "ports": [{"container_port": 7080}],
            "predict_route": "/generate",
            "health_route": "/ping",
            "shared_memory_size_mb": 2048,
        }
    },
)
llama(
    "scaling",
    replicas={"min": 1, "max": 4, "targets": {"cpu_utilization": 70, "requests_per_minute": 120}},
)
llama("same-endpoint", deployment={"rollout": "same-endpoint", "smoke_test": {"enabled": False}})
llama("spot", machine={**MACHINE, "spot": True})
llama(
    "identity",
    deployment={
        "service_account": "serving@local-project.iam.gserviceaccount.com",
        "container_logging": True,
    },
)
CustomWeightsDeployment(
    "on-raw",
    project="local-project",
    location="us-central1",
    gcs_uri=WEIGHTS,
    endpoint=raw.endpoint_name,
    smoke_test={"enabled": False},
)
PrivateServiceConnect(
    "second-network",
    {
        "service_attachment": private.service_attachment,
        "network": "second",
        "subnetwork": "second-us-central1",
        "labels": {"team": "second"},
    },
)
QwenEndpoint(
    "qwen",
    {
        "weights_uri": "gs://weights/qwen",
        "base_model": "qwen3-0.6b",
        "public": True,
        "deployment": {"generation": 2, "preflight": "warn"},
    },
    pulumi.ResourceOptions(depends_on=[plain]),
)
