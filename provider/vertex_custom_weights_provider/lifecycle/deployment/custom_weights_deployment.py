"""The life of a `CustomWeightsDeployment`: one `:deploy` makes endpoint, model and deployment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.cloud import Cloud
from vertex_custom_weights_provider.api.messages import DeployedModel, Endpoint, Model
from vertex_custom_weights_provider.lifecycle.contract import Examined, Live, Outputs, timeouts_of
from vertex_custom_weights_provider.lifecycle.deployment import (
    given_endpoint,
    left_behind,
    other_tenants,
    runtime,
)
from vertex_custom_weights_provider.lifecycle.deployment.checks import (
    chosen_ids,
    chosen_model_id,
    one_shot_problems,
    onto_problems,
)
from vertex_custom_weights_provider.lifecycle.deployment.live_inputs import (
    live_spec,
    local,
    ours,
    require_sole,
    said,
    strangers,
)
from vertex_custom_weights_provider.lifecycle.deployment.own_endpoint import (
    Deployed,
    Target,
    deploy,
    stamp,
    targets,
)
from vertex_custom_weights_provider.lifecycle.deployment.scaling import mutate, touched
from vertex_custom_weights_provider.lifecycle.diff import PropertyChange, compare
from vertex_custom_weights_provider.lifecycle.identity import ids, lost_mark, ownership
from vertex_custom_weights_provider.lifecycle.status import (
    INCOMPLETE,
    OUTPUT,
    REMOVED,
    Status,
    seen,
    status_of,
)
from vertex_custom_weights_provider.lifecycle.steps import psc_automation, removal
from vertex_custom_weights_provider.lifecycle.steps import vertex_objects as objects
from vertex_custom_weights_provider.lifecycle.steps.waiting import to_finish
from vertex_custom_weights_provider.lifecycle.weights.check import examine_weights
from vertex_custom_weights_provider.properties.base import IN_PLACE, replaces
from vertex_custom_weights_provider.properties.custom_weights_deployment import (
    CustomWeightsDeploymentSpec,
)
from vertex_custom_weights_provider.properties.parsing import Parsed
from vertex_custom_weights_provider.properties.table import output_names

model = CustomWeightsDeploymentSpec


def examine(
    parsed: Parsed[CustomWeightsDeploymentSpec],
    old: Mapping[str, Any],
    urn: str | None,
    cloud: Cloud,
) -> Examined:
    """Choose ids, and look at the weights and the machine before anybody pays."""
    onto = bool(parsed.spec.endpoint) or "endpoint" in parsed.unknown
    weights = examine_weights(parsed, old, cloud)
    updates: dict[str, Any] = {"weights_fingerprint": weights.fingerprint}
    chosen: dict[str, Any] = {}
    if weights.resources is not None:  # the machine was left to preflight
        updates["dedicated_resources"] = weights.resources
        chosen["dedicatedResources"] = weights.resources.wire()
    spec = parsed.spec.but(**updates)
    if weights.fingerprint:
        chosen["weightsFingerprint"] = weights.fingerprint
    for name in ("modelDisplayName",) if onto else ("endpointDisplayName", "modelDisplayName"):
        if urn and name not in parsed.unknown and spec.wire().get(name) is None:
            chosen[name] = old.get(name) or ids.resource_name(urn)
    if onto:
        chosen.update(chosen_model_id(spec, parsed, old, urn))
        problems = (*weights.problems, *onto_problems(parsed))
    else:
        chosen.update(chosen_ids(spec, parsed, old, urn))
        problems = (*weights.problems, *one_shot_problems(parsed))
    notes = (*weights.notes, *runtime.planned(spec.dedicated_resources))
    facts = weights.report and weights.report.facts()
    return Examined(chosen, problems, weights.warnings, notes, facts)


def previewed(inputs: Mapping[str, Any]) -> tuple[Outputs, Iterable[str]]:
    """Return the names that are known before anything exists."""
    known: Outputs = {OUTPUT: Status.READY.value}
    if isinstance(inputs.get("endpoint"), str):
        known["endpointName"] = inputs["endpoint"]
    for output, collection, key in (
        ("endpointName", "endpoints", "endpointUserId"),
        ("modelName", "models", "modelUserId"),
    ):
        parts = [inputs.get(name) for name in ("project", "location", key)]
        if all(isinstance(part, str) for part in parts):
            known[output] = f"projects/{parts[0]}/locations/{parts[1]}/{collection}/{parts[2]}"
    # Private and public exclude each other, so the one says what the other will not have.
    private = inputs.get("privateServiceConnectConfig")
    if inputs.get("endpoint") is not None:
        return known, output_names(CustomWeightsDeploymentSpec)
    if isinstance(private, Mapping):
        known["dedicatedEndpointDns"] = ""
        if "pscAutomationConfigs" not in private:
            known[psc_automation.OUTPUT] = []
    elif private is None:
        known["serviceAttachment"] = ""
        known[psc_automation.OUTPUT] = []
    return known, output_names(CustomWeightsDeploymentSpec)


def ailing(outputs: Outputs) -> PropertyChange | None:
    """Return what must happen to a deployment that is not there although the endpoint is."""
    now, ready = status_of(outputs), Status.READY.value
    if now is Status.UNFINISHED:
        return PropertyChange(OUTPUT, "UPDATE", IN_PLACE, now.value, ready)
    if now is Status.UNDEPLOYED:
        gone = replaces("the model was undeployed outside this program")
        return PropertyChange(OUTPUT, "UPDATE", gone, now.value, ready)
    own = outputs.get("deployOperation")  # what others have deployed is not for us to connect
    return psc_automation.ailing(outputs) if own else None


def create(spec: CustomWeightsDeploymentSpec, cloud: Cloud) -> Live[CustomWeightsDeploymentSpec]:
    """Deploy, or take over what an earlier try of the same resource has begun or finished."""
    if spec.endpoint:
        return given_endpoint.create(spec, cloud)
    live = _settle("", spec, stamp(spec, ownership.new_incarnation(), cloud.state), {}, cloud)
    left_behind.tell(spec.owner, live.outputs["endpointName"], cloud)
    return live


def _settle(
    id: str,
    spec: CustomWeightsDeploymentSpec,
    by: ownership.Stamp,
    begun: Outputs,
    cloud: Cloud,
) -> Live[CustomWeightsDeploymentSpec]:
    """Deploy or finish deploying, and bring what was found there in line with the inputs."""
    done = _deployed(id, spec, by, begun, cloud)
    if spec.endpoint_user_id not in (None, done.target.endpoint_id):
        cloud.report.info(
            f"{spec.endpoint_user_id} is in use or still reserved: the endpoint is "
            f"{done.target.endpoint_id}"
        )
    name, outputs = done.target.endpoint, _outputs(done, by)
    if done.adopted and not begun:
        cloud.report.info(
            f"took over {name}, which this resource had deployed before; "
            "to deploy anew instead, raise `generation`"
        )
    try:
        if done.adopted and not begun:
            lost_mark.stop_if_engine_gone(cloud)
        endpoint = _aligned(done, outputs, spec, by, cloud)
    except errors.VcwError as trouble:
        if done.adopted and not begun:
            raise  # another state may still hold it, and is not to be told that this one does
        unfinished = _begun_outputs(done.target, done.operation, by)
        raise errors.Unfinished(id or name, unfinished, to_finish(trouble, name)) from None
    # Who takes over learns of it; to fail again would leave it in nobody's state.
    known = done.adopted and not begun
    live = Live(id or name, spec, outputs)
    return psc_automation.connected(cloud, live, endpoint, insists=not known)


def _deployed(
    id: str,
    spec: CustomWeightsDeploymentSpec,
    by: ownership.Stamp,
    begun: Outputs,
    cloud: Cloud,
) -> Deployed:
    """Deploy under the first pair of ids that can be used."""
    for target in targets(spec, begun):
        try:
            done = deploy(spec, target, by, cloud, begun=bool(begun))
        except errors.CutOff as cut:
            outputs = _begun_outputs(target, cut.operation, by)
            raise errors.Unfinished(id or target.endpoint, outputs, str(cut)) from None
        if done is not None:
            return done
    raise errors.AlreadyExists(
        f"{spec.endpoint_user_id} and its successors were all deleted in the last 7 days, for "
        "which time Vertex AI reserves them. Set another endpointUserId.",
        http_status=409,
    )


def _aligned(
    done: Deployed,
    outputs: Outputs,
    spec: CustomWeightsDeploymentSpec,
    by: ownership.Stamp,
    cloud: Cloud,
) -> Endpoint:
    """Bring what is deployed in line with the inputs, note its token, and return its endpoint."""
    registered = cloud.vertex.find(Model, done.target.model)
    found = live_spec(done.target.endpoint, done.endpoint, done.deployed_model, registered, spec)
    for remark in runtime.remarks(done.deployed_model):
        cloud.report.warn(remark)
    endpoint = _change(found, outputs, spec, by, cloud)
    outputs["incarnation"] = ownership.token(endpoint, by)
    return endpoint


def read(
    id: str, spec: CustomWeightsDeploymentSpec | None, outputs: Outputs, cloud: Cloud
) -> Live[CustomWeightsDeploymentSpec] | None:
    """Read endpoint, deployment and model; None when the endpoint is gone.

    Raises:
        errors.ConfigurationError: an import names an endpoint that does not hold one deployment.
    """
    if spec.endpoint if spec else "/deployedModels/" in id:
        return given_endpoint.read(id, spec, outputs, cloud)
    name = str(outputs.get("endpointName") or id)
    endpoint = cloud.vertex.find(Endpoint, name)
    if endpoint is None:
        coming = _not_visible_yet(id, spec, outputs, cloud)
        if coming is None and spec is not None:
            left_behind.tell_model(name, str(outputs.get("modelName", "")), cloud)
        return coming
    deployed = ours(endpoint, outputs, imported=spec is None)
    model_name = str(outputs.get("modelName") or local(name, deployed.model if deployed else ""))
    registered = cloud.vertex.find(Model, model_name) if model_name else None
    if spec is None:
        require_sole(registered)
    found: Outputs = {
        "endpointName": name,
        "modelName": model_name,
        "deployedModelId": deployed.id if deployed else "",
        "serviceAttachment": objects.attachment(endpoint, deployed),
        "dedicatedEndpointDns": endpoint.dedicated_endpoint_dns,
        psc_automation.OUTPUT: psc_automation.outcomes(endpoint),
        "deployOperation": str(outputs.get("deployOperation", "")),
        "incarnation": lost_mark.kept_token(outputs, endpoint.labels, imported=spec is None),
        OUTPUT: _seen(outputs, endpoint, deployed, imported=spec is None).value,
    }
    for remark in (*_remarks(found, endpoint), *(runtime.remarks(deployed) if deployed else ())):
        cloud.report.warn(remark)
    lost = spec if outputs.get("deployedModelId") and not deployed else None
    if lost and (why := runtime.why_gone(lost.dedicated_resources)):
        cloud.report.warn(f"nothing is deployed on {name} any more: {why}")
    folder = said(registered, spec, outputs, cloud)
    return Live(id, live_spec(name, endpoint, deployed, registered, spec, folder), found)


def _remarks(found: Outputs, endpoint: Endpoint) -> Iterator[str]:
    """Yield what is not as it should be, and is no input of this resource."""
    if complaint := psc_automation.complaint(found[psc_automation.OUTPUT]):
        yield complaint
    name, deployed_id = found["endpointName"], found["deployedModelId"]
    if others := strangers(endpoint, found["modelName"]):
        yield f"{name} also serves what others deployed: {', '.join(others)}"
    share = endpoint.split.get(deployed_id, 0)
    if deployed_id and share < 100:
        moved = "somebody has moved the rest away. A TrafficSplit can direct it"
        yield f"deployment {deployed_id} gets {share} % of the traffic of {name}: {moved}"


def _not_visible_yet(
    id: str, spec: CustomWeightsDeploymentSpec | None, outputs: Outputs, cloud: Cloud
) -> Live[CustomWeightsDeploymentSpec] | None:
    """Keep a resource whose deployment runs although its endpoint cannot be seen yet."""
    name, model_name = str(outputs.get("endpointName", "")), str(outputs.get("modelName", ""))
    if spec is None or status_of(outputs) is not Status.UNFINISHED or not (name and model_name):
        return None
    running = objects.running_deploy(cloud, name.rsplit("/endpoints/", 1)[0], model_name)
    return None if running is None else Live(id, spec, outputs)


def _seen(
    outputs: Outputs, endpoint: Endpoint, deployed: DeployedModel | None, *, imported: bool
) -> Status:
    """Return the status of a deployment whose endpoint is there."""
    if deployed is not None or ownership.REMOVAL in endpoint.labels:
        return seen(outputs, endpoint.labels, imported=imported)
    begun = status_of(outputs) is Status.UNFINISHED
    return Status.UNFINISHED if begun else Status.UNDEPLOYED


def update(
    id: str,
    old: CustomWeightsDeploymentSpec,
    outputs: Outputs,
    new: CustomWeightsDeploymentSpec,
    cloud: Cloud,
) -> Live[CustomWeightsDeploymentSpec]:
    """Change in place what can be; or finish a deployment whose wait was cut off."""
    if new.endpoint:
        return given_endpoint.update(id, old, outputs, new, cloud)
    by = stamp(new, lost_mark.new_or_kept_token(outputs), cloud.state.holding())
    if status_of(outputs) in REMOVED:
        removal.end(cloud, outputs, timeouts_of(new).create_seconds)
    if status_of(outputs) in INCOMPLETE:
        return _settle(id, new, by, outputs, cloud)
    endpoint = _change(old, outputs, new, by, cloud)
    dns = endpoint.dedicated_endpoint_dns
    marked = {"incarnation": by.incarnation, OUTPUT: Status.READY.value}
    known = {**outputs, **marked, "dedicatedEndpointDns": dns}
    return psc_automation.connected(cloud, Live(id, new, known), endpoint)


def _change(
    old: CustomWeightsDeploymentSpec,
    outputs: Outputs,
    new: CustomWeightsDeploymentSpec,
    by: ownership.Stamp,
    cloud: Cloud,
) -> Endpoint:
    """Bring a deployment that is there from `old` to `new`, and return its endpoint."""
    diff = compare(CustomWeightsDeploymentSpec, old.wire(), new.wire())
    renamed = {"displayName": new.endpoint_display_name}
    endpoint = objects.patch(
        cloud,
        Endpoint,
        str(outputs["endpointName"]),
        lambda e: {
            **(renamed if diff.touches("endpointDisplayName") else {}),
            **objects.relabelled(e, new.labels, by, old.labels),
        },
    )
    if diff.touches("modelDisplayName"):
        fields = {"displayName": new.model_display_name}
        cloud.vertex.patch(Model, str(outputs["modelName"]), fields, "displayName")
    mutated = touched(diff)
    if mutated:
        name, deployed_id = str(outputs["endpointName"]), str(outputs["deployedModelId"])
        mutate(new, mutated, name, deployed_id, cloud)
    return endpoint


def delete(id: str, spec: CustomWeightsDeploymentSpec, outputs: Outputs, cloud: Cloud) -> None:
    """Undeploy, delete the endpoint, delete the registered model: in this order, all of it."""
    if spec.endpoint:
        given_endpoint.delete(id, spec, outputs, cloud)
        return
    name = str(outputs.get("endpointName") or id)
    endpoint = cloud.vertex.find(Endpoint, name)
    if endpoint is not None and ownership.superseded(endpoint.labels, outputs.get("incarnation")):
        cloud.report.info(ownership.left_alone(name))
        return
    model_name = str(outputs.get("modelName") or "")
    if endpoint is not None:
        other_tenants.before_removal(cloud, name, endpoint, spec.owner, model_name)
    seconds = timeouts_of(spec).delete_seconds
    with removal.begun(cloud, Endpoint, name, outputs.get("incarnation")):
        if status_of(outputs) in INCOMPLETE:
            objects.stop_deploying(cloud, name, model_name, seconds)
        objects.remove(cloud, name, (model_name,) if model_name else (), seconds)


def _begun_outputs(target: Target, operation: str, by: ownership.Stamp) -> Outputs:
    return {
        "endpointName": target.endpoint,
        "modelName": target.model,
        "deployedModelId": "",
        "serviceAttachment": "",
        "dedicatedEndpointDns": "",
        psc_automation.OUTPUT: [],
        "deployOperation": operation,
        "incarnation": by.incarnation,
        OUTPUT: Status.UNFINISHED.value,
    }


def _outputs(done: Deployed, by: ownership.Stamp) -> Outputs:
    return {
        "endpointName": done.target.endpoint,
        "modelName": done.target.model,
        "deployedModelId": done.deployed_model.id,
        "serviceAttachment": objects.attachment(done.endpoint, done.deployed_model),
        "dedicatedEndpointDns": done.endpoint.dedicated_endpoint_dns,
        psc_automation.OUTPUT: [],
        "deployOperation": done.operation,
        "incarnation": by.incarnation,
        OUTPUT: Status.READY.value,
    }
