"""Programs with all five resources, edits of theirs, and what a cloud holds afterwards."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .cloud import EmulatedCloud
from .harness import Engine

Inputs = dict[str, dict[str, Any]]

PROGRAM = """
    import json
    import re
    from pathlib import Path

    from vertex_custom_weights_provider.resources.custom_weights_deployment import (
        CustomWeightsDeployment,
    )
    from vertex_custom_weights_provider.resources.endpoint import Endpoint
    from vertex_custom_weights_provider.resources.psc_address import PscAddress
    from vertex_custom_weights_provider.resources.psc_forwarding_rule import PscForwardingRule
    from vertex_custom_weights_provider.resources.traffic_split import TrafficSplit

    given = json.loads(Path("inputs.json").read_text())


    def make(name, type_, **wired):
        def snake(key):
            return re.sub("[A-Z]", lambda upper: f"_{upper[0].lower()}", key)

        inputs = {snake(k): v for k, v in given[name].items() if v is not None}
        return type_(name, **wired, **inputs)


    host = make("host", Endpoint)
    ones = [
        make(name, CustomWeightsDeployment, endpoint=host.endpoint_name) for name in ("one", "two")
    ]
    first = given["split"]["first"]
    TrafficSplit(
        "split",
        endpoint=host.endpoint_name,
        traffic=[
            {"deployed_model_id": each.deployed_model_id, "percent": percent}
            for each, percent in zip(ones, (first, 100 - first))
        ],
    )
    solo = make("solo", CustomWeightsDeployment)
    address = make("address", PscAddress)
    make("rule", PscForwardingRule, target=solo.service_attachment, address=address.address_name)
"""

L4 = {"machineType": "g2-standard-12", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 1}
TWO_L4 = {"machineType": "g2-standard-24", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 2}
LABELS = [None, {"team": "a"}, {"team": "b"}, {"team": "a", "tier": "b"}]
TIMEOUTS = [None, {"create": "600s"}]
LOGGING = {
    "enabled": True,
    "samplingRate": 0.5,
    "bigqueryDestination": {"outputUri": "bq://local-project.logs.asked"},
}
RESOURCES = [
    {"machineSpec": machine, "minReplicaCount": low, "maxReplicaCount": high}
    for machine in (L4, TWO_L4)
    for low, high in ((1, 1), (1, 3), (2, 3))
]
CONTAINER = {
    "imageUri": "us-docker.pkg.dev/p/r/image",
    "env": [{"name": "MODE", "value": "fast"}],
    "ports": [{"containerPort": 8080}],
}
MODEL: dict[str, list[Any]] = {
    "gcsUri": ["gs://weights/a", "gs://weights/b"],
    "baseModel": [None, "llama-3.2-1b", "gemma-3-1b"],
    "family": [None, "llama", "gemma"],
    "modelDisplayName": ["one", "two"],
    "labels": LABELS,
    "dedicatedResources": RESOURCES,
    "containerSpec": [None, CONTAINER],
    "serviceAccount": [None, "server@local-project.iam.gserviceaccount.com"],
    "enableContainerLogging": [True, False],
    "weightsChanges": [None, "ignore"],
    "generation": [None, 1, 2],
    "timeouts": TIMEOUTS,
}
ONTO = {**MODEL, "enableAccessLogging": [None, True, False]}
# By resource: what each property may be, None for absent. What `check` fills in is always given:
# where a program falls silent, the old value stays.
CHOICES: dict[str, dict[str, list[Any]]] = {
    "host": {
        "displayName": ["one", "two"],
        "description": [None, "one", "two"],
        "labels": LABELS,
        "predictRequestResponseLoggingConfig": [None, LOGGING],
        "clientConnectionConfig": [None, {"inferenceTimeout": "1200s"}],
        "dedicatedEndpointEnabled": [True, False],
        "generation": [None, 1, 2],
        "timeouts": TIMEOUTS,
    },
    "one": ONTO,
    "two": ONTO,
    "split": {"first": [100, 70, 30]},
    "solo": {
        **MODEL,
        "endpointDisplayName": ["one", "two"],
        "privateServiceConnectConfig": [
            {"projectAllowlist": ["local-project"]},
            {"projectAllowlist": ["local-project", "other-project"]},
        ],
    },
    "address": {
        "subnetwork": ["default", "other"],
        "description": [None, "one"],
        "labels": LABELS,
        "timeouts": TIMEOUTS,
    },
    "rule": {
        "network": ["default"],
        "description": [None, "one"],
        "labels": LABELS,
        "allowPscGlobalAccess": [None, True, False],
        "noAutomateDnsZone": [None, True],
        "serviceDirectoryRegistrations": [[{"namespace": "one"}], [{"namespace": "two"}]],
        "timeouts": TIMEOUTS,
    },
}
# An edit: of which resource, which property, and how many values further.
EVERY_EDIT = [
    (name, key, step)
    for name, choices in CHOICES.items()
    for key, values in choices.items()
    for step in range(1, len(values))
]
# What is chosen anew for each object, and says nothing about what was asked for.
INCIDENTAL = frozenset(
    {
        "IPAddress",
        "address",
        "createTime",
        "creationTimestamp",
        "dedicatedEndpointDns",
        "deployedModelId",
        "endpoint",
        "etag",
        "fingerprint",
        "id",
        "labelFingerprint",
        "lastUpdateTime",
        "model",
        "name",
        "privateEndpoints",
        "pscConnectionId",
        "selfLink",
        "target",
        "trafficSplit",
        "updateTime",
        "users",
        "vcw-incarnation",
        "vcw-state",
        "versionCreateTime",
        "versionUpdateTime",
    }
)
# The same as none; a switch that is off may be left out as well.
DEFAULT_TIMEOUT = {"inferenceTimeout": "600s"}


def essence(value: Any) -> Any:
    """Leave out what is incidental, at every depth."""
    if isinstance(value, dict):
        if value.keys() == {"name", "value"}:  # a variable; Model Garden puts the id into MODEL_ID
            return {**value, "value": ""} if value["name"] == "MODEL_ID" else value
        said = {k: v for k, v in value.items() if v is not False and v != DEFAULT_TIMEOUT}
        kept = {key: inner for key, inner in said.items() if key not in INCIDENTAL}
        return {key: essence(inner) for key, inner in kept.items()}
    if isinstance(value, list):
        return sorted((essence(item) for item in value), key=json.dumps)
    return value


def shares(endpoint: Mapping[str, Any]) -> list[list[Any]]:
    """Return what is deployed with its traffic, because ids are chosen anew.

    A deployment keeps the display name that its model had when it was deployed.
    """
    split = endpoint.get("trafficSplit", {})
    found = [
        [int(split.get(deployed["id"], 0)), essence({**deployed, "displayName": ""})]
        for deployed in endpoint.get("deployedModels", [])
    ]
    return sorted(found, key=json.dumps)


def objects(cloud: EmulatedCloud) -> list[str]:
    """Return all that is there, line by line, without what is incidental."""
    found: list[Any] = []
    for kind in ("endpoints", "models", "addresses", "forwardingRules"):
        for live in cloud.items(kind):
            without = {key: value for key, value in live.items() if key != "deployedModels"}
            found.append([kind, essence(without), shares(live) if kind == "endpoints" else []])
    shown = sorted(json.dumps(item, sort_keys=True, indent=1) for item in found)
    return "\n".join(shown).splitlines()


def first_program() -> Inputs:
    """Return the inputs that edits begin with."""
    return {name: {key: v[0] for key, v in of.items()} for name, of in CHOICES.items()}


def edit(inputs: Inputs, name: str, key: str, step: int) -> None:
    """Give one property of one resource another value."""
    values = CHOICES[name][key]
    inputs[name][key] = values[(values.index(inputs[name][key]) + step) % len(values)]


def write(engine: Engine, inputs: Inputs) -> None:
    examined = ("one", "two", "solo")
    given = {n: {**v, **({"preflight": "off"} if n in examined else {})} for n, v in inputs.items()}
    (engine.folder / "inputs.json").write_text(json.dumps(given))
