"""What is set on an object and has no property in its resource: kept, but not declared."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from vertex_custom_weights_provider.api.messages import (
    DeployedModel,
    Endpoint,
    ForwardingRule,
    Json,
)

# What the service fills in, and what the resource declares, reports or replaces.
_SERVED = {
    "name",
    "etag",
    "createTime",
    "updateTime",
    "labels",
    "displayName",
    "deployedModels",
    "trafficSplit",
    "dedicatedEndpointEnabled",
    "dedicatedEndpointDns",
    "enablePrivateServiceConnect",
    "privateServiceConnectConfig",
    "satisfiesPzi",
    "satisfiesPzs",
}
_ENDPOINT_ONLY = {
    "description",
    "network",
    "encryptionSpec",
    "predictRequestResponseLoggingConfig",
    "clientConnectionConfig",
}
_DEPLOYED = {
    "id",
    "model",
    "modelVersionId",
    "displayName",
    "createTime",
    "dedicatedResources",
    "serviceAccount",
    "privateEndpoints",
    "status",
    "checkpointId",
    "enableContainerLogging",
}
_PLAIN_REGISTRATION = [{"namespace": "goog-psc-default"}]
_PLAIN_TIMEOUT = {"inferenceTimeout": "600s"}
_LONGEST = 60


def of_endpoint(endpoint: Endpoint, kind: str) -> Iterator[str]:
    """Yield a sentence for each field of an endpoint that a resource of this kind cannot say."""
    said = _SERVED | (_ENDPOINT_ONLY if kind == "Endpoint" else set[str]())
    plain = endpoint.json.get("clientConnectionConfig") == _PLAIN_TIMEOUT
    yield from _sentences(
        endpoint.json, said | ({"clientConnectionConfig"} if plain else set()), kind
    )


def of_deployed(deployed: DeployedModel, *, onto: bool) -> Iterator[str]:
    """Yield a sentence for each field of a deployed model that its resource cannot say.

    Args:
        deployed: The deployed model.
        onto: Its endpoint is a resource of its own.
    """
    said = _DEPLOYED | ({"enableAccessLogging"} if onto else set[str]())
    yield from _sentences(deployed.json, said, "CustomWeightsDeployment")


def of_rule(rule: ForwardingRule) -> Iterator[str]:
    """Yield a sentence for what a forwarding rule does not tell."""
    if rule.network_tier not in ("", "PREMIUM"):
        yield from _sentences({"networkTier": rule.network_tier}, set(), "PscForwardingRule")
    registrations = rule.service_directory_registrations
    if registrations and registrations != _PLAIN_REGISTRATION:
        found = _shown(registrations)
        yield f"service_directory_registrations is {found}; Compute Engine may have chosen it."


def _sentences(fields: Json, said: set[str], kind: str) -> Iterator[str]:
    for key in sorted(fields.keys() - said):
        if fields[key] not in (None, False, "", [], {}):
            yield f"{key} stays {_shown(fields[key])}: {kind} has no property for it."


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
