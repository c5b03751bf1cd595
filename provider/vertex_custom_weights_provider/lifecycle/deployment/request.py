"""The one request that makes endpoint, model and deployment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vertex_custom_weights_provider.api.messages import Json
from vertex_custom_weights_provider.lifecycle.identity import ownership
from vertex_custom_weights_provider.properties.custom_weights_deployment import (
    CustomWeightsDeploymentSpec,
)


def request_body(
    spec: CustomWeightsDeploymentSpec, endpoint_id: str, model_id: str, by: ownership.Stamp
) -> Json:
    """Return the `DeployRequest`. An empty block is left out: the service then chooses."""
    wire = spec.wire()
    model_config = {
        "modelUserId": model_id,
        "modelDisplayName": wire.get("modelDisplayName"),
        "containerSpec": wire.get("containerSpec"),
    }
    endpoint_config = {
        "endpointUserId": endpoint_id,
        "endpointDisplayName": wire.get("endpointDisplayName"),
        "labels": ownership.stamp(spec.labels, by),
        "dedicatedEndpointDisabled": wire.get("dedicatedEndpointDisabled"),
        "privateServiceConnectConfig": wire.get("privateServiceConnectConfig"),
    }
    resources = wire.get("dedicatedResources")
    deploy_config = {
        # minReplicaCount is required by the API whenever the block is there.
        "dedicatedResources": {"minReplicaCount": 1, **resources} if resources else None,
        "serviceAccount": wire.get("serviceAccount"),
    }
    return {
        "customModel": {"gcsUri": spec.gcs_uri},
        "modelConfig": _present(model_config),
        "endpointConfig": _present(endpoint_config),
        **({"deployConfig": _present(deploy_config)} if any(deploy_config.values()) else {}),
    }


def _present(fields: Mapping[str, Any]) -> Json:
    return {key: value for key, value in fields.items() if value is not None}
