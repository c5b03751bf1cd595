"""What `check` chooses for a deployment, and refuses, without asking anybody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from vertex_custom_weights_provider.lifecycle.deployment.own_endpoint import (
    REPLACING,
    replacing_inputs,
)
from vertex_custom_weights_provider.lifecycle.diff import compare
from vertex_custom_weights_provider.lifecycle.identity import ids
from vertex_custom_weights_provider.properties.base import Problem
from vertex_custom_weights_provider.properties.custom_weights_deployment import (
    CustomWeightsDeploymentSpec,
)
from vertex_custom_weights_provider.properties.parsing import Parsed

_OF_THE_ENDPOINT = (
    "endpointUserId",
    "endpointDisplayName",
    "dedicatedEndpointDisabled",
    "privateServiceConnectConfig",
)

_ONTO_ONLY = {
    "smokeTest": "is for rollouts",
    "trafficSteps": "is for rollouts",
    "enableAccessLogging": "is for deployments by `deployModel`",
}


def one_shot_problems(parsed: Parsed[CustomWeightsDeploymentSpec]) -> Iterable[Problem]:
    """Yield what can only be asked for with a given endpoint."""
    for key, why in _ONTO_ONLY.items():
        if parsed.has(key):
            yield Problem(key, f"{why}, which take a given `endpoint`. Set one, or remove it.")
    container = parsed.spec.container_spec
    if container is not None and not container.image_uri:
        yield Problem(
            "containerSpec.imageUri",
            "is required: parts of the recommended container can be changed only on an endpoint "
            "that is given (in components rollout: same-endpoint). Name the image.",
        )


def onto_problems(parsed: Parsed[CustomWeightsDeploymentSpec]) -> Iterable[Problem]:
    """Yield what cannot be asked for beside a given endpoint."""
    given = parsed.spec.wire()
    for key in _OF_THE_ENDPOINT:
        if given.get(key) is not None:
            yield Problem(
                key, "belongs to the endpoint, and `endpoint` is given. Set it on that Endpoint."
            )
    if parsed.has("endpoint", "location"):
        location = str(parsed.spec.endpoint).split("/")[3]
        if location != parsed.spec.location:
            yield Problem(
                "location", f"is {parsed.spec.location}, but the endpoint is in {location}."
            )


def chosen_model_id(
    spec: CustomWeightsDeploymentSpec,
    parsed: Parsed[CustomWeightsDeploymentSpec],
    old: Mapping[str, Any],
    urn: str | None,
) -> dict[str, Any]:
    """Choose the model's id: the old one until a rollout, which uploads a model of its own."""
    if spec.model_user_id is not None or not parsed.known("modelUserId"):
        return {}
    if not urn or not parsed.known(*REPLACING, "dedicatedResources", "endpoint"):
        return {}
    diff = compare(CustomWeightsDeploymentSpec, old, spec.wire())
    if old.get("modelUserId") and not diff.renewing:
        return {"modelUserId": old["modelUserId"]}
    parts = (spec.endpoint, *replacing_inputs(spec))
    return {"modelUserId": ids.choose(urn, *parts)}


def chosen_ids(
    spec: CustomWeightsDeploymentSpec,
    parsed: Parsed[CustomWeightsDeploymentSpec],
    old: Mapping[str, Any],
    urn: str | None,
) -> dict[str, Any]:
    """Choose the ids of endpoint and model: the old ones while the resource lives."""
    given = {"endpointUserId": spec.endpoint_user_id, "modelUserId": spec.model_user_id}
    absent = [key for key, value in given.items() if value is None and parsed.known(key)]
    if absent and all(old.get(key) for key in absent):
        return {key: old[key] for key in absent}
    if not urn or not parsed.known(*REPLACING, "dedicatedResources"):
        return {}
    readable = spec.endpoint_display_name or ""
    fresh = ids.choose(urn, *replacing_inputs(spec), readable=readable)
    return dict.fromkeys(absent, fresh)
