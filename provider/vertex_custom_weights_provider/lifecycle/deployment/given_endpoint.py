"""A `CustomWeightsDeployment` onto an endpoint that is there: upload, deploy, and roll out.

What is wanted is brought about from whatever is found, so that a rollout that was cut off anywhere
is finished, or undone, by the same function: the wanted model deployed, tested, with the traffic
of what this resource had deployed before; and what it had deployed before removed. The endpoint
itself, its name, address and service attachment are never touched.
"""

from __future__ import annotations

from functools import cache

from msgspec.structs import replace

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.cloud import Cloud
from vertex_custom_weights_provider.api.messages import DeployedModel, Endpoint, Model
from vertex_custom_weights_provider.api.names import last
from vertex_custom_weights_provider.lifecycle.contract import Live, Outputs, timeouts_of
from vertex_custom_weights_provider.lifecycle.deployment import models, rollback, runtime
from vertex_custom_weights_provider.lifecycle.deployment.live_inputs import (
    LOGGING,
    drifted,
    live_logging,
    live_resources,
    live_spec_onto,
    local,
    require_sole,
    said,
)
from vertex_custom_weights_provider.lifecycle.deployment.own_endpoint import stamp
from vertex_custom_weights_provider.lifecycle.deployment.place import (
    Place,
    intended_model,
    known_place,
    place_of,
)
from vertex_custom_weights_provider.lifecycle.deployment.rollout import Rollout, retire
from vertex_custom_weights_provider.lifecycle.deployment.scaling import mutate, touched
from vertex_custom_weights_provider.lifecycle.diff import compare
from vertex_custom_weights_provider.lifecycle.identity import ids, lost_mark, ownership
from vertex_custom_weights_provider.lifecycle.status import (
    INCOMPLETE,
    OUTPUT,
    Status,
    seen,
    status_of,
)
from vertex_custom_weights_provider.lifecycle.steps import psc_automation, removal
from vertex_custom_weights_provider.lifecycle.steps import vertex_objects as objects
from vertex_custom_weights_provider.lifecycle.steps.waiting import (
    END_UNSEEN,
    to_finish,
)
from vertex_custom_weights_provider.properties.custom_weights_deployment import (
    CustomWeightsDeploymentSpec,
)

Spec = CustomWeightsDeploymentSpec


def create(spec: Spec, cloud: Cloud) -> Live[Spec]:
    """Deploy onto the endpoint, or finish what an earlier try has begun."""
    return _settle("", spec, None, {}, stamp(spec, ownership.new_incarnation(), cloud.state), cloud)


def update(id: str, old: Spec, outputs: Outputs, new: Spec, cloud: Cloud) -> Live[Spec]:
    """Roll out, scale or relabel: whatever it takes."""
    by = stamp(new, lost_mark.new_or_kept_token(outputs), cloud.state.holding())
    if status_of(outputs) is Status.REMOVING:
        seconds = timeouts_of(new).create_seconds
        for name in (str(new.endpoint), str(outputs.get("modelName"))):
            removal.sit_out(cloud, name, seconds)
    return _settle(id, new, old, outputs, by, cloud)


def _settle(
    id: str,
    spec: Spec,
    old: Spec | None,
    outputs: Outputs,
    by: ownership.Stamp,
    cloud: Cloud,
) -> Live[Spec]:
    name, formerly = str(spec.endpoint), old.owner if old else None
    held = str(outputs.get("modelName", ""))
    host = cloud.vertex.find(Endpoint, name)
    if host is None:
        raise errors.ConfigurationError(f"endpoint: {name} does not exist. Create it first.")
    recipe = cache(lambda: models.recipe(spec, cloud))  # asked for when it is needed
    place = Place(name, "", "")
    try:
        altered = _altered(host, spec)
        model = models.ensure(spec, by, recipe, formerly, held, cloud, host, altered)
        place = place_of(host, name, model)
        Rollout(spec, place, recipe, by, formerly, cloud).run()
        if not id and by.met_one(place.model):
            lost_mark.stop_if_engine_gone(cloud)
        incarnation = _bring_in_line(spec, old, place, by, cloud)
        endpoint = psc_automation.awaited(cloud, name, cloud.vertex.get(Endpoint, name))
    except errors.VcwError as cut:
        if not isinstance(cut, END_UNSEEN) and not (place.model and _made_here(id, place, by, cut)):
            raise
        fallback = place.deployed_id or ids.number(intended_model(spec))
        kept = id or replace(place, deployed_id=fallback).resource_id
        told = to_finish(cut, place.model or name)
        raise errors.Unfinished(kept, _begun(spec, place, by), told) from None
    if complaint := psc_automation.complaint(psc_automation.outcomes(endpoint)):
        cloud.report.warn(complaint)  # the endpoint is another resource's, and what it lacks too
    _remark(place.find(endpoint), spec, cloud)
    return Live(id or place.resource_id, spec, _outputs(endpoint, place, incarnation))


def _made_here(id: str, place: Place, by: ownership.Stamp, trouble: errors.VcwError) -> bool:
    """Tell whether a creation leaves something behind that no state knows of yet.

    What it took over is left out: another state may still hold that, and its delete must not find
    that nobody newer does.
    """
    taken_back = isinstance(trouble, (rollback.Undone, errors.ForeignOwner))
    return not (id or taken_back or by.met_one(place.model))


def _altered(host: Endpoint, spec: Spec) -> list[str]:
    """Return those of our models that stand on the endpoint otherwise than the inputs want them.

    Somebody has deployed them in another way since. A new deployment, of a new model, is as it
    should be.
    """
    there = host.deployed_models
    ours = frozenset(ids.candidates(last(intended_model(spec))))
    found = (one for one in there if last(one.model) in ours and drifted(one, spec))
    return [local(str(spec.endpoint), one.model) for one in found]


def _bring_in_line(
    spec: Spec, old: Spec | None, place: Place, by: ownership.Stamp, cloud: Cloud
) -> str:
    """Bring names, labels and scaling in line with the inputs; return the token that it bears."""
    model = models.relabel(place.model, spec, by, old.labels if old else None, cloud)
    live = place.find(cloud.vertex.get(Endpoint, place.endpoint))
    wire, resources = spec.wire(), "dedicatedResources"
    wanted = {key: wire[key] for key in (resources, LOGGING) if key in wire}
    there = {
        resources: live_resources(live, wanted.get(resources), imported=False),
        **live_logging(live, wanted, imported=False),
    }
    if changed := touched(compare(Spec, there, wanted)):
        mutate(spec, changed, place.endpoint, place.deployed_id, cloud)
    return ownership.token(model, by)


def read(id: str, spec: Spec | None, outputs: Outputs, cloud: Cloud) -> Live[Spec] | None:
    """Read deployment and model; None when the endpoint is gone."""
    name, _, deployed_id = id.partition("/deployedModels/")
    name = str(spec.endpoint) if spec else name
    endpoint = cloud.vertex.find(Endpoint, name)
    if endpoint is None:
        return None
    place = known_place(name, deployed_id, endpoint, spec, outputs)
    deployed, model = place.find(endpoint), cloud.vertex.find(Model, place.model)
    if spec is None and (deployed is None or model is None):
        raise errors.ConfigurationError(f"{name} has no deployment {deployed_id} to take over.")
    if spec is None:
        require_sole(model)
    labels = model.labels if model else {}
    token = lost_mark.kept_token(outputs, labels, imported=spec is None)
    found = _outputs(endpoint, place, token)
    found[OUTPUT] = seen(outputs, labels, imported=spec is None).value
    _remark(deployed, spec, cloud)
    left = models.others_of_ours(endpoint, place.model, (_owner(spec),), cloud, cloud.state)
    idle = deployed is not None and spec is not None and not endpoint.split
    if idle:
        cloud.report.warn(f"nothing on {name} has traffic: its first deployment is not finished")
    if (deployed is None or left or idle) and found[OUTPUT] != Status.REMOVING.value:
        found[OUTPUT] = Status.UNFINISHED.value
    if left:
        cloud.report.warn(f"{', '.join(left)} is left of an unfinished rollout")
    folder = said(model, spec, outputs, cloud)
    return Live(id, live_spec_onto(name, deployed, model, spec, folder), found)


def _remark(deployed: DeployedModel | None, spec: Spec | None, cloud: Cloud) -> None:
    """Warn of what Vertex AI has made of the deployment by itself."""
    for remark in runtime.remarks(deployed) if deployed else ():
        cloud.report.warn(remark)
    if deployed is None and spec and (why := runtime.why_gone(spec.dedicated_resources)):
        cloud.report.warn(f"nothing of this resource is deployed on {spec.endpoint}: {why}")


def _owner(spec: Spec | None) -> str | None:
    return spec.owner if spec else None


def delete(id: str, spec: Spec, outputs: Outputs, cloud: Cloud) -> None:
    """Undeploy, and delete the model; the endpoint stays."""
    del id
    name, seconds = str(spec.endpoint), timeouts_of(spec).delete_seconds
    model_name = str(outputs.get("modelName") or intended_model(spec))
    begun = status_of(outputs) in INCOMPLETE
    if begun:  # the model cannot be seen before its upload is done
        removal.sit_out(cloud, model_name, seconds)
    model = cloud.vertex.find(Model, model_name)
    held = str(outputs.get("incarnation") or "")
    if model is not None and ownership.superseded(model.labels, held):
        cloud.report.info(ownership.left_alone(model_name))
        return
    if begun:
        removal.sit_out(cloud, name, seconds)
    endpoint = cloud.vertex.find(Endpoint, name)
    deployed = Place(name, model_name, "").find(endpoint) if endpoint else None
    own = deployed.id if deployed else ""
    others = models.others_of_ours(endpoint, model_name, (spec.owner,), cloud, cloud.state, held)
    with removal.begun(cloud, Model, model_name, held):
        retire(name, {**others, model_name: own}, seconds, cloud)


def _begun(spec: Spec, place: Place, by: ownership.Stamp) -> Outputs:
    return {
        "endpointName": place.endpoint,
        "modelName": place.model or intended_model(spec),
        "deployedModelId": "",
        "serviceAttachment": "",
        "dedicatedEndpointDns": "",
        psc_automation.OUTPUT: [],
        "deployOperation": "",
        "incarnation": by.incarnation,
        OUTPUT: Status.UNFINISHED.value,
    }


def _outputs(endpoint: Endpoint, place: Place, incarnation: str) -> Outputs:
    deployed = place.find(endpoint)
    return {
        "endpointName": place.endpoint,
        "modelName": place.model,
        "deployedModelId": deployed.id if deployed else "",
        "serviceAttachment": objects.attachment(endpoint, deployed),
        "dedicatedEndpointDns": endpoint.dedicated_endpoint_dns,
        psc_automation.OUTPUT: psc_automation.outcomes(endpoint),
        "deployOperation": "",
        "incarnation": incarnation,
        OUTPUT: Status.READY.value,
    }
