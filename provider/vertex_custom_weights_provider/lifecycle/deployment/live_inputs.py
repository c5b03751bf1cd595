"""A live deployment, seen as the inputs that would make it so."""

from __future__ import annotations

from typing import Any

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.cloud import Cloud
from vertex_custom_weights_provider.api.messages import DeployedModel, Endpoint, Json, Model
from vertex_custom_weights_provider.api.names import last
from vertex_custom_weights_provider.lifecycle.contract import Outputs
from vertex_custom_weights_provider.lifecycle.diff import (
    compare,
    is_default,
    without_service_defaults,
)
from vertex_custom_weights_provider.lifecycle.identity import ownership
from vertex_custom_weights_provider.lifecycle.steps import vertex_objects as objects
from vertex_custom_weights_provider.properties.custom_weights_deployment import (
    CustomWeightsDeploymentSpec,
)
from vertex_custom_weights_provider.properties.parsing import load

# What `:mutateDeployedModel` can change.
MUTATED = (
    "minReplicaCount",
    "maxReplicaCount",
    "requiredReplicaCount",
    "initialReplicaCount",
    "scaleToZeroSpec",
    "autoscalingMetricSpecs",
)
REPLACING_RESOURCES = ("machineSpec", "spot", "flexStart")
LOGGING = "enableContainerLogging"  # of a deployed model, also by `:mutateDeployedModel`
ACCESS_LOGGING = "enableAccessLogging"
# The service never adds these by itself: there and not in the program is drift.
_NEVER_CHOSEN = ("scaleToZeroSpec", "autoscalingMetricSpecs")


def ours(endpoint: Endpoint, outputs: Outputs, *, imported: bool) -> DeployedModel | None:
    """Return our deployment among those on the endpoint.

    Raises:
        errors.ConfigurationError: an import, and the endpoint does not hold exactly one.
    """
    there = endpoint.deployed_models
    if imported:
        if len(there) != 1:
            raise errors.ConfigurationError(
                f"{endpoint.name} holds {len(there)} deployed models; a CustomWeightsDeployment "
                "stands for an endpoint with exactly one. Import an Endpoint instead."
            )
        return there[0]
    wanted, model_name = outputs.get("deployedModelId"), str(outputs.get("modelName", ""))
    return next(
        (d for d in there if d.id == wanted or objects.serves(d, model_name)),
        None,
    )


def require_sole(registered: Model | None) -> None:
    """Refuse to take over a model that is deployed elsewhere too: it would be removed with this.

    Raises:
        errors.ConfigurationError: it is; or it has gone, and with it the folder it came from.
    """
    if registered is None:
        raise errors.ConfigurationError(
            "the model that is deployed is no longer in the registry, so it cannot be told which "
            "weights are served. Deploy anew, and remove this deployment."
        )
    places = registered.deployed_models
    if len(places) > 1:
        told = ", ".join(f"{last(p.endpoint)}/{p.deployed_model_id}" for p in places)
        raise errors.ConfigurationError(
            f"model {registered.name} is deployed {len(places)} times ({told}), but a "
            "CustomWeightsDeployment stands for a model that is deployed once. Undeploy the "
            "others, or leave it to be managed where it is."
        )


def weights_of(model: Model, folder: str) -> str:
    """Return the folder of a model that is taken over, as the model or else the program has it.

    Raises:
        errors.ConfigurationError: neither says.
    """
    if model.artifact_uri or folder:
        return model.artifact_uri or folder
    raise errors.ConfigurationError(
        f"model {model.name} does not say which weights it was made from (artifactUri), so gcsUri "
        "cannot be learnt. Declare the resource with its gcsUri, and name what is there in `adopt`."
    )


def said(
    model: Model | None, spec: CustomWeightsDeploymentSpec | None, outputs: Outputs, cloud: Cloud
) -> str:
    """Return the folder that an adoption says; warn where the model does not say it as well."""
    folder = str(outputs.get("gcsUri", "")) if spec is None else ""
    if folder and model is not None and not model.artifact_uri:
        cloud.report.warn(
            f"model {last(model.name)} does not say which weights it was made from, so gcsUri is "
            "taken from the program"
        )
    return folder


def strangers(endpoint: Endpoint, model_name: str) -> list[str]:
    """Return the ids of deployed models that are not of the model named `model_name`."""
    there = endpoint.deployed_models
    return [deployed.id for deployed in there if not objects.serves(deployed, model_name)]


def local(endpoint_name: str, model_name: str) -> str:
    """Spell a model name with the endpoint's project: the service answers with the number."""
    parent = endpoint_name.rsplit("/endpoints/", 1)[0]
    return f"{parent}/models/{last(model_name)}" if model_name else ""


def live_spec(
    name: str,
    endpoint: Endpoint,
    deployed: DeployedModel | None,
    registered: Model | None,
    spec: CustomWeightsDeploymentSpec | None,
    folder: str = "",
) -> CustomWeightsDeploymentSpec:
    """Return the inputs that describe what is live.

    What the service chose for itself is only reported where the program chose too, or on import.

    Args:
        name: Endpoint name.
        endpoint: The endpoint.
        deployed: Our deployment on it, None when it has gone.
        registered: The registry model, None when it has gone.
        spec: The program's inputs, None on import.
        folder: What an adoption says of the weights, for a model that does not.
    """
    known = spec.wire() if spec else {}
    parts = name.split("/")
    live: Json = {**known, "location": parts[3], "endpointDisplayName": endpoint.display_name}
    if spec is None:
        live.update(project=parts[1], endpointUserId=parts[5])
    labels = ownership.seen(endpoint.labels, (spec.labels or {}) if spec else None)
    live["labels"] = labels or None
    live |= _access(endpoint, known, imported=spec is None)
    if registered is not None:
        live["modelDisplayName"] = registered.display_name or None
        if spec is None:
            live |= _origin(registered, folder)
    if deployed is not None:
        resources = live_resources(deployed, known.get("dedicatedResources"), imported=spec is None)
        live["dedicatedResources"] = resources or None
        live["serviceAccount"] = deployed.service_account or None
        live |= live_logging(deployed, known, imported=spec is None)
    return load(CustomWeightsDeploymentSpec, live)


def live_spec_onto(
    name: str,
    deployed: DeployedModel | None,
    model: Model | None,
    spec: CustomWeightsDeploymentSpec | None,
    folder: str = "",
) -> CustomWeightsDeploymentSpec:
    """Return the inputs that describe what is live on a given endpoint.

    Args:
        name: Endpoint name.
        deployed: Our deployment on it, None when it has gone.
        model: The registry model, None when it has gone.
        spec: The program's inputs, None on import.
        folder: As for `live_spec`.
    """
    parts = name.split("/")
    known = spec.wire() if spec else {}
    live: dict[str, Any] = {"project": parts[1], "location": parts[3], **known, "endpoint": name}
    if model is not None:
        labels = ownership.seen(model.labels, (spec.labels or {}) if spec else None)
        live |= {"labels": labels or None, "modelDisplayName": model.display_name or None}
        if spec is None:
            live |= _origin(model, folder)
    if deployed is not None:
        wanted = known.get("dedicatedResources")
        resources = live_resources(deployed, wanted, imported=spec is None)
        live |= {"dedicatedResources": resources or None}
        live |= {"serviceAccount": deployed.service_account or None}
        live |= live_logging(deployed, known, imported=spec is None)
        if deployed.enable_access_logging:
            live |= {ACCESS_LOGGING: True}
    return load(CustomWeightsDeploymentSpec, live)


def drifted(
    deployed: DeployedModel, spec: CustomWeightsDeploymentSpec, endpoint: Endpoint | None = None
) -> list[str]:
    """Return what a deployment has otherwise than the inputs that only a new one can have.

    It was made from these inputs once: somebody has deployed the model in another way since.

    Args:
        deployed: The deployment.
        spec: What is wanted.
        endpoint: Its endpoint, where that is made by the same resource.
    """
    name = f"projects/{spec.project}/locations/{spec.location}/endpoints/-"
    host = endpoint or Endpoint(name=name, display_name=spec.endpoint_display_name or "")
    live, wanted = live_spec(name, host, deployed, None, spec).wire(), spec.wire()
    of_the_endpoint = ("privateServiceConnectConfig", "dedicatedEndpointDisabled", "endpoint")
    for key in of_the_endpoint if endpoint is None else ("endpoint",):
        live.pop(key, None)
        wanted.pop(key, None)
    diff = compare(CustomWeightsDeploymentSpec, live, wanted)
    return [change.path for change in diff.replacing]


def _access(endpoint: Endpoint, known: Json, *, imported: bool) -> Json:
    """Return by what ways the endpoint is reached."""
    private = objects.psc_inputs(endpoint, known.get("privateServiceConnectConfig"))
    ours = known.get("privateServiceConnectConfig", private)
    live: Json = {"privateServiceConnectConfig": without_service_defaults(private, ours) or None}
    shared = not endpoint.dedicated_endpoint_enabled
    if not private and ("dedicatedEndpointDisabled" in known or (imported and shared)):
        live["dedicatedEndpointDisabled"] = shared
    return live


def _origin(model: Model, folder: str) -> Json:
    """Return what only an import needs to learn from the registry.

    A registered model's weights never change, and the service may spell the folder in a way of its
    own, so that later looks do not ask.
    """
    return {"modelUserId": last(model.name), "gcsUri": weights_of(model, folder)}


def live_logging(deployed: DeployedModel | None, known: Json, *, imported: bool) -> Json:
    """Return which logs are kept, where the program says or learns it."""
    live = {
        LOGGING: bool(deployed and deployed.enable_container_logging),
        ACCESS_LOGGING: bool(deployed and deployed.enable_access_logging),
    }
    learnt = {LOGGING} if imported else set[str]()
    return {key: value for key, value in live.items() if key in known or key in learnt}


def live_resources(deployed: DeployedModel | None, known: Json | None, *, imported: bool) -> Json:
    """Return `dedicatedResources` as the program would have to write it.

    Args:
        deployed: The deployment.
        known: What the program writes, if anything.
        imported: Whether all of it is taken for the program's.
    """
    live = deployed.dedicated_resources if deployed else {}
    if imported:
        # The API leaves zeros out.
        return {"minReplicaCount": 0, **live} if "scaleToZeroSpec" in live else live
    known = known or {}
    found: dict[str, Any] = {
        key: without_service_defaults(live[key], known[key])
        for key in (*MUTATED, *REPLACING_RESOURCES)
        if key in live and key in known
    }
    # The API leaves default values out.
    absent = {key: value for key, value in known.items() if key not in live and is_default(value)}
    added = {key: live[key] for key in _NEVER_CHOSEN if key in live and key not in known}
    return {**found, **absent, **added}
