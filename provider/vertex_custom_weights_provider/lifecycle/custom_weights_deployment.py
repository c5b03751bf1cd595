"""The life of a `CustomWeightsDeployment`: one `:deploy` makes endpoint, model and deployment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.lifecycle import endpoint_objects as objects
from vertex_custom_weights_provider.lifecycle import ids, ownership
from vertex_custom_weights_provider.lifecycle.context import Cloud
from vertex_custom_weights_provider.lifecycle.deploy import Deployed, Interrupted, deploy
from vertex_custom_weights_provider.lifecycle.differ import Diff, PropertyChange, compare
from vertex_custom_weights_provider.lifecycle.kind import Examined, Live, Outputs
from vertex_custom_weights_provider.lifecycle.waiting import Goal, achieve
from vertex_custom_weights_provider.lifecycle.weights import examine_weights
from vertex_custom_weights_provider.rest import Json
from vertex_custom_weights_provider.spec.base import IN_PLACE, replaces
from vertex_custom_weights_provider.spec.common import Timeouts
from vertex_custom_weights_provider.spec.custom_weights_deployment import (
    CustomWeightsDeploymentSpec,
)
from vertex_custom_weights_provider.spec.parsing import Parsed

model = CustomWeightsDeploymentSpec

# The inputs of which each change makes a new endpoint: they are part of its id.
_REPLACING = (
    "project",
    "location",
    "gcsUri",
    "dedicatedEndpointDisabled",
    "privateServiceConnectConfig",
    "containerSpec",
    "serviceAccount",
    "weightsFingerprint",
    "generation",
)
_REPLACING_RESOURCES = ("machineSpec", "spot", "flexStart")
_MUTATED = (
    "minReplicaCount",
    "maxReplicaCount",
    "requiredReplicaCount",
    "initialReplicaCount",
    "scaleToZeroSpec",
    "autoscalingMetricSpecs",
)


def examine(
    parsed: Parsed[CustomWeightsDeploymentSpec],
    old: Mapping[str, Any],
    urn: str | None,
    cloud: Cloud,
) -> Examined:
    """Choose ids, and look at the weights and the machine before anybody pays."""
    weights = examine_weights(parsed, old, cloud)
    spec = parsed.spec.model_copy(update={"weights_fingerprint": weights.fingerprint})
    chosen: dict[str, Any] = {}
    if weights.fingerprint:
        chosen["weightsFingerprint"] = weights.fingerprint
    for name in ("endpointDisplayName", "modelDisplayName"):
        if urn and name not in parsed.unknown and spec.wire().get(name) is None:
            chosen[name] = old.get(name) or ids.resource_name(urn)
    chosen.update(_chosen_ids(spec, parsed, old, urn))
    return Examined(chosen, weights.problems, weights.warnings, weights.notes)


def _chosen_ids(
    spec: CustomWeightsDeploymentSpec,
    parsed: Parsed[CustomWeightsDeploymentSpec],
    old: Mapping[str, Any],
    urn: str | None,
) -> dict[str, Any]:
    given = {"endpointUserId": spec.endpoint_user_id, "modelUserId": spec.model_user_id}
    absent = [key for key, value in given.items() if value is None and parsed.known(key)]
    if absent and all(old.get(key) for key in absent):
        return {key: old[key] for key in absent}
    if not urn or not parsed.known(*_REPLACING, "dedicatedResources"):
        return {}
    wire = spec.wire()
    resources = wire.get("dedicatedResources", {})
    fresh = ids.choose(
        urn,
        *(wire.get(key) for key in _REPLACING),
        *(resources.get(key) for key in _REPLACING_RESOURCES),
        readable=spec.endpoint_display_name or "",
    )
    return dict.fromkeys(absent, fresh)


def previewed(inputs: Mapping[str, Any]) -> tuple[Outputs, Iterable[str]]:
    """Return the names that are known before anything exists."""
    known: Outputs = {}
    for output, collection, key in (
        ("endpointName", "endpoints", "endpointUserId"),
        ("modelName", "models", "modelUserId"),
    ):
        parts = [inputs.get(name) for name in ("project", "location", key)]
        if all(isinstance(part, str) for part in parts):
            known[output] = f"projects/{parts[0]}/locations/{parts[1]}/{collection}/{parts[2]}"
    # Private and public exclude each other, so the one says what the other will not have.
    private = inputs.get("privateServiceConnectConfig")
    if isinstance(private, Mapping):
        known["dedicatedEndpointDns"] = ""
    elif private is None:
        known["serviceAttachment"] = ""
    return known, CustomWeightsDeploymentSpec.outputs.keys()


def ailing(outputs: Outputs) -> PropertyChange | None:
    """Return what must happen to a deployment that is not there although the endpoint is."""
    if outputs.get("deployedModelId") != "":
        return None
    if outputs.get("deployOperation"):
        return PropertyChange("deployedModelId", "UPDATE", IN_PLACE, "", None)
    gone = replaces("the model was undeployed outside this program")
    return PropertyChange("deployedModelId", "UPDATE", gone, "", None)


def explain(diff: Diff, outputs: Outputs) -> Iterable[str]:
    """Say what a replacement means for callers."""
    if diff.replacing and outputs.get("endpointName"):
        private = " and its service attachment" if outputs.get("serviceAttachment") else ""
        yield (
            f"a new endpoint is deployed beside {objects.last(outputs['endpointName'])}, then the "
            f"old one is removed: its name, DNS name{private} change for callers, and quota must "
            "cover both meanwhile"
        )


def create(spec: CustomWeightsDeploymentSpec, cloud: Cloud) -> Live[CustomWeightsDeploymentSpec]:
    """Deploy, or take over what an earlier try of the same resource has begun or finished."""
    incarnation = ownership.new_incarnation()
    try:
        done = deploy(spec, incarnation, {}, cloud)
    except Interrupted as cut:
        raise errors.Unfinished(
            cut.target.endpoint, _begun_outputs(cut, incarnation), _resumes(cut)
        ) from None
    if done.adopted:
        done = _stamped(spec, done, incarnation, cloud)
        cloud.report.info(
            f"took over {done.target.endpoint}, which this resource had deployed before; "
            "to deploy anew instead, raise `generation`"
        )
    return Live(done.target.endpoint, spec, _outputs(done, incarnation))


def _stamped(
    spec: CustomWeightsDeploymentSpec, done: Deployed, incarnation: str, cloud: Cloud
) -> Deployed:
    endpoint = objects.patch(
        cloud,
        done.target.endpoint,
        lambda e: objects.relabelled(e, spec.labels, spec.owner, incarnation),
    )
    return Deployed(done.target, endpoint, done.deployed_model, done.operation, done.adopted)


def read(
    id: str, spec: CustomWeightsDeploymentSpec | None, outputs: Outputs, cloud: Cloud
) -> Live[CustomWeightsDeploymentSpec] | None:
    """Read endpoint, deployment and model; None when the endpoint is gone.

    Raises:
        errors.ConfigurationError: an import names an endpoint that does not hold one deployment.
    """
    name = str(outputs.get("endpointName") or id)
    endpoint = cloud.vertex.find(name)
    if endpoint is None:
        return None
    deployed = _ours(endpoint, outputs, imported=spec is None)
    model_name = str(outputs.get("modelName") or _local(name, (deployed or {}).get("model", "")))
    registered = cloud.vertex.find(model_name) if model_name else None
    labels: Mapping[str, str] = endpoint.get("labels", {})
    held = outputs["incarnation"] if "incarnation" in outputs and spec else None
    found: Outputs = {
        "endpointName": name,
        "modelName": model_name,
        "deployedModelId": (deployed or {}).get("id", ""),
        "serviceAttachment": objects.attachment(endpoint, deployed),
        "dedicatedEndpointDns": endpoint.get("dedicatedEndpointDns", ""),
        "deployOperation": _operation(outputs, deployed),
        "incarnation": held if held is not None else labels.get(ownership.INCARNATION, ""),
    }
    return Live(id, _live_spec(name, endpoint, deployed, registered, spec), found)


def _operation(outputs: Outputs, deployed: Json | None) -> str:
    """Return the deploy operation; empty once its deployment was there and has gone."""
    undeployed = deployed is None and outputs.get("deployedModelId")
    return "" if undeployed else str(outputs.get("deployOperation", ""))


def _ours(endpoint: Json, outputs: Outputs, *, imported: bool) -> Json | None:
    """Return our deployment among those on the endpoint."""
    there: list[Json] = endpoint.get("deployedModels", [])
    if imported:
        if len(there) != 1:
            raise errors.ConfigurationError(
                f"{endpoint['name']} holds {len(there)} deployed models; a CustomWeightsDeployment "
                "stands for an endpoint with exactly one. Import an Endpoint instead."
            )
        return there[0]
    wanted, model_name = outputs.get("deployedModelId"), str(outputs.get("modelName", ""))
    return next(
        (d for d in there if d["id"] == wanted or objects.serves(d, model_name)),
        None,
    )


def _local(endpoint_name: str, model_name: str) -> str:
    """Spell a model name with the endpoint's project: the service answers with the number."""
    parent = endpoint_name.rsplit("/endpoints/", 1)[0]
    return f"{parent}/models/{objects.last(model_name)}" if model_name else ""


def update(
    id: str,
    old: CustomWeightsDeploymentSpec,
    outputs: Outputs,
    new: CustomWeightsDeploymentSpec,
    cloud: Cloud,
) -> Live[CustomWeightsDeploymentSpec]:
    """Change in place what can be; or finish a deployment whose wait was cut off."""
    if not outputs.get("deployedModelId"):
        return _resume(id, outputs, new, cloud)
    name = str(outputs["endpointName"])
    incarnation = str(outputs.get("incarnation") or ownership.new_incarnation())
    diff = compare(CustomWeightsDeploymentSpec, old.wire(), new.wire())
    renamed = {"displayName": new.endpoint_display_name}
    endpoint = objects.patch(
        cloud,
        name,
        lambda e: {
            **(renamed if diff.touches("endpointDisplayName") else {}),
            **objects.relabelled(e, new.labels, new.owner, incarnation, old.labels),
        },
    )
    if diff.touches("modelDisplayName"):
        fields = {"displayName": new.model_display_name}
        cloud.vertex.patch(str(outputs["modelName"]), fields, "displayName")
    mutated = [key for key in _MUTATED if diff.touches(f"dedicatedResources.{key}")]
    if diff.touches("dedicatedResources") and mutated:
        _mutate(new, mutated, outputs, cloud)
    found = {**outputs, "incarnation": incarnation}
    found["dedicatedEndpointDns"] = endpoint.get("dedicatedEndpointDns", "")
    return Live(id, new, found)


def _resume(
    id: str, outputs: Outputs, spec: CustomWeightsDeploymentSpec, cloud: Cloud
) -> Live[CustomWeightsDeploymentSpec]:
    incarnation = str(outputs.get("incarnation") or ownership.new_incarnation())
    try:
        done = deploy(spec, incarnation, outputs, cloud)
    except Interrupted as cut:
        raise errors.Unfinished(id, _begun_outputs(cut, incarnation), _resumes(cut)) from None
    done = _stamped(spec, done, incarnation, cloud)
    return Live(id, spec, _outputs(done, incarnation))


def _mutate(
    spec: CustomWeightsDeploymentSpec, keys: list[str], outputs: Outputs, cloud: Cloud
) -> None:
    """Change replicas and autoscaling of the running deployment."""
    name, deployed_id = str(outputs["endpointName"]), str(outputs["deployedModelId"])
    wire = spec.wire().get("dedicatedResources", {})
    wanted = {key: wire[key] for key in keys if key in wire}

    def reached() -> bool:
        there: list[Json] = cloud.vertex.get(name).get("deployedModels", [])
        nothing: Json = {}
        live = next((d for d in there if d["id"] == deployed_id), nothing)
        resources: Json = live.get("dedicatedResources", {})
        return all(resources.get(key) == wanted.get(key) for key in keys)

    def start() -> Json:
        deployed = {"id": deployed_id, "dedicatedResources": wanted}
        mask = ",".join(f"dedicatedResources.{key}" for key in keys)
        body = {"deployedModel": deployed, "updateMask": mask}
        return cloud.vertex.start(f"{name}:mutateDeployedModel", body)

    what = f"changing {', '.join(keys)} of {objects.last(name)}"
    achieve(cloud, Goal(what, name, reached, start), _timeouts(spec).update_seconds)


def delete(id: str, spec: CustomWeightsDeploymentSpec, outputs: Outputs, cloud: Cloud) -> None:
    """Undeploy, delete the endpoint, delete the registered model: in this order, all of it."""
    name = str(outputs.get("endpointName") or id)
    endpoint = cloud.vertex.find(name)
    if endpoint is not None and ownership.superseded(
        endpoint.get("labels", {}), outputs.get("incarnation")
    ):
        cloud.report.info(f"left {name} alone: a newer resource has taken it over")
        return
    model_name = str(outputs.get("modelName") or "")
    strangers = [
        d["id"]
        for d in (endpoint or {}).get("deployedModels", [])
        if not objects.serves(d, model_name)
    ]
    if strangers:
        told = ", ".join(strangers)
        cloud.report.warn(f"undeploying what others had deployed on {name}: {told}")
    seconds = _timeouts(spec).delete_seconds
    if not outputs.get("deployedModelId"):
        objects.stop_deploying(cloud, name, model_name, seconds)
    objects.remove(cloud, name, (model_name,) if model_name else (), seconds)


def _timeouts(spec: CustomWeightsDeploymentSpec) -> Timeouts:
    return spec.timeouts or Timeouts()


def _begun_outputs(cut: Interrupted, incarnation: str) -> Outputs:
    return {
        "endpointName": cut.target.endpoint,
        "modelName": cut.target.model,
        "deployedModelId": "",
        "serviceAttachment": "",
        "dedicatedEndpointDns": "",
        "deployOperation": cut.operation,
        "incarnation": incarnation,
    }


def _resumes(cut: Interrupted) -> str:
    if isinstance(cut.cause, errors.StillRunning):
        return str(cut.cause)
    return (
        f"stopped waiting ({cut.cause}); {cut.operation} goes on at Google. Run `pulumi up` again "
        "to resume."
    )


def _outputs(done: Deployed, incarnation: str) -> Outputs:
    return {
        "endpointName": done.target.endpoint,
        "modelName": done.target.model,
        "deployedModelId": done.deployed_model["id"],
        "serviceAttachment": objects.attachment(done.endpoint, done.deployed_model),
        "dedicatedEndpointDns": done.endpoint.get("dedicatedEndpointDns", ""),
        "deployOperation": done.operation,
        "incarnation": incarnation,
    }


def _live_spec(
    name: str,
    endpoint: Json,
    deployed: Json | None,
    registered: Json | None,
    spec: CustomWeightsDeploymentSpec | None,
) -> CustomWeightsDeploymentSpec:
    """Return the inputs that describe what is live.

    What the service chose for itself is only reported where the program chose too, or on import.
    """
    known = spec.wire() if spec else {}
    parts = name.split("/")
    live: Json = {**known, "location": parts[3], "endpointDisplayName": endpoint["displayName"]}
    if spec is None:
        live.update(project=parts[1], endpointUserId=parts[5])
    labels = ownership.seen(endpoint.get("labels", {}), (spec.labels or {}) if spec else None)
    live["labels"] = labels or None
    live["privateServiceConnectConfig"] = objects.psc_inputs(endpoint) or None
    if registered is not None:
        live["modelDisplayName"] = registered.get("displayName")
        if spec is None:
            live["modelUserId"] = objects.last(registered["name"])
            # Only an import needs to learn it. A registered model's weights never change, and the
            # service may spell the folder in a way of its own.
            live["gcsUri"] = registered.get("artifactUri", "")
    if deployed is not None:
        resources = _live_resources(deployed, known.get("dedicatedResources"), spec is None)
        live["dedicatedResources"] = resources or None
        live["serviceAccount"] = deployed.get("serviceAccount") or None
    return CustomWeightsDeploymentSpec.model_validate(
        {key: value for key, value in live.items() if value is not None}
    )


def _live_resources(deployed: Json, known: Json | None, imported: bool) -> Json:
    live: Json = deployed.get("dedicatedResources", {})
    if imported:
        return live
    settled = (*_MUTATED, *_REPLACING_RESOURCES)
    return {key: live[key] for key in settled if key in live and key in (known or {})}
