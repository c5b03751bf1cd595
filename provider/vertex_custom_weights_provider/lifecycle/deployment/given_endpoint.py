"""A `CustomWeightsDeployment` onto an endpoint that is there: upload, deploy, and roll out.

What is wanted is brought about from whatever is found, so that a rollout that was cut off anywhere
is finished, or undone, by the same function: the wanted model deployed, tested, with the traffic
of what this resource had deployed before; and what it had deployed before removed. The endpoint
itself, its name, address and service attachment are never touched.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from functools import cache

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.cloud import Cloud
from vertex_custom_weights_provider.api.messages import DeployedModel, Endpoint, Json, Model
from vertex_custom_weights_provider.api.names import last
from vertex_custom_weights_provider.lifecycle.contract import Live, Outputs, timeouts_of
from vertex_custom_weights_provider.lifecycle.deployment import models, rollback, traffic
from vertex_custom_weights_provider.lifecycle.deployment import trial_question as smoke
from vertex_custom_weights_provider.lifecycle.deployment.live_inputs import (
    LOGGING,
    drifted,
    live_logging,
    live_resources,
    live_spec_onto,
    local,
    require_sole,
)
from vertex_custom_weights_provider.lifecycle.deployment.own_endpoint import stamp
from vertex_custom_weights_provider.lifecycle.deployment.rollback import Place
from vertex_custom_weights_provider.lifecycle.deployment.scaling import mutate, touched
from vertex_custom_weights_provider.lifecycle.diff import compare
from vertex_custom_weights_provider.lifecycle.identity import ids, lost_mark, ownership
from vertex_custom_weights_provider.lifecycle.remedies import deployment
from vertex_custom_weights_provider.lifecycle.status import (
    INCOMPLETE,
    OUTPUT,
    Status,
    seen,
    status_of,
)
from vertex_custom_weights_provider.lifecycle.steps import psc_automation
from vertex_custom_weights_provider.lifecycle.steps import vertex_objects as objects
from vertex_custom_weights_provider.lifecycle.steps.waiting import (
    END_UNSEEN,
    finish,
    passes,
    pauses,
    sit_out,
    to_finish,
    unfinished,
)
from vertex_custom_weights_provider.properties.custom_weights_deployment import (
    CustomWeightsDeploymentSpec,
)
from vertex_custom_weights_provider.properties.trial_question import SmokeTest

Spec = CustomWeightsDeploymentSpec
_TRIES = 5  # at starting, when nobody says whether the last one arrived
_CONFLICTS = (errors.Aborted, errors.FailedPrecondition, errors.AlreadyExists)
_STEP_SECONDS = 30.0  # how long each share of the traffic is held before the next
_USUAL = "15 to 40 min"
_CUT = (*END_UNSEEN, rollback.Stuck)


def create(spec: Spec, cloud: Cloud) -> Live[Spec]:
    """Deploy onto the endpoint, or finish what an earlier try has begun."""
    return _settle("", spec, None, {}, stamp(spec, ownership.new_incarnation()), cloud)


def update(id: str, old: Spec, outputs: Outputs, new: Spec, cloud: Cloud) -> Live[Spec]:
    """Roll out, scale or relabel: whatever it takes."""
    by = stamp(new, lost_mark.new_or_kept_token(outputs))
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
        model = models.ensure(spec, by, recipe, formerly, held, cloud, altered)
        place = _place(host, name, model)
        _roll_out(spec, place, recipe, formerly, cloud)
        if not id and by.met_one(place.model):
            lost_mark.stop_if_engine_gone(cloud)
        incarnation = _bring_in_line(spec, old, place, by, cloud)
        endpoint = psc_automation.awaited(cloud, name, cloud.vertex.get(Endpoint, name))
    except errors.VcwError as cut:
        if not isinstance(cut, _CUT) and not (place.model and _made_here(id, place, by, cut)):
            raise
        kept = id or _id(name, place.deployed_id or ids.number(_intended(spec)))
        told = to_finish(cut, place.model or name)
        raise errors.Unfinished(kept, _begun(spec, place, by), told) from None
    if complaint := psc_automation.complaint(psc_automation.outcomes(endpoint)):
        cloud.report.warn(complaint)  # the endpoint is another resource's, and what it lacks too
    return Live(id or _id(name, place.deployed_id), spec, _outputs(endpoint, place, incarnation))


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
    ours = frozenset(ids.candidates(last(_intended(spec))))
    found = (one for one in there if last(one.model) in ours and drifted(one, spec))
    return [local(str(spec.endpoint), one.model) for one in found]


def _place(host: Endpoint, name: str, model: str) -> Place:
    """Return where the model is or goes: what was imported has an id that others have chosen."""
    there = _find(host, Place(name, model, ""))
    return Place(name, model, there.id if there else ids.number(model))


def _roll_out(
    spec: Spec,
    place: Place,
    recipe: Callable[[], models.Recipe],
    formerly: str | None,
    cloud: Cloud,
) -> None:
    """Deploy at 0 %, test, take over the traffic, retire what stood before; or undo all of it."""
    before, retiring = models.predecessors(
        place.endpoint,
        place.model,
        (spec.owner, formerly),
        timeouts_of(spec).create_seconds,
        cloud,
    )
    standing = tuple(filter(None, retiring.values()))
    fresh = _find(before, place) is None
    try:
        deployed = _deployed(spec, place, recipe, cloud)
        _take_over(spec, place, deployed, standing, cloud, fresh=fresh)
    except (errors.OperationFailed, errors.ApiError, smoke.SmokeTestFailed) as failure:
        if isinstance(failure, END_UNSEEN) and not deployment.is_stockout(failure):
            raise
        raise rollback.undone(failure, spec, place, before, standing, cloud) from None
    seconds = timeouts_of(spec).delete_seconds
    _retire(place.endpoint, retiring, seconds, cloud)


def _retire(name: str, leaving: Mapping[str, str], seconds: float, cloud: Cloud) -> None:
    """Undeploy and delete these models."""
    for model, deployed_id in leaving.items():
        if deployed_id:
            objects.undeploy(cloud, name, deployed_id, seconds)
        objects.remove_model(cloud, model, seconds)


def _deployed(
    spec: Spec, place: Place, recipe: Callable[[], models.Recipe], cloud: Cloud
) -> DeployedModel:
    """Deploy the model without traffic, one deployment at a time on this endpoint.

    Each wait has the whole time: a program may put more deployments onto an endpoint than one
    after the other are ready in it.
    """
    seconds = timeouts_of(spec).create_seconds
    what = f"deploying {last(place.model)} onto {last(place.endpoint)}"
    tries, rests = 0, pauses()
    while True:
        found = _find(cloud.vertex.get(Endpoint, place.endpoint), place)
        if found is not None:
            return found
        if sit_out(cloud, place.endpoint, what, seconds):
            rests = pauses()
            continue
        try:
            body = {"deployedModel": _body(spec, place, recipe())}
            operation = cloud.vertex.start(f"{place.endpoint}:deployModel", body)
            finish(cloud, operation, what, seconds, _USUAL)
        except errors.VcwError as trouble:
            tries += not _overtaken(trouble, place, cloud)
            if tries > _TRIES or not _may_pass(trouble):
                raise
            cloud.clock.sleep(next(rests))


def _overtaken(trouble: errors.VcwError, place: Place, cloud: Cloud) -> bool:
    """Tell that another deployment onto the endpoint was faster; of many, each waits its turn."""
    return isinstance(trouble, _CONFLICTS) and any(True for _ in unfinished(cloud, place.endpoint))


def _may_pass(trouble: errors.VcwError) -> bool:
    if isinstance(trouble, errors.NotFound):  # operations are kept for a while only
        return True
    return isinstance(trouble, _CONFLICTS) or (
        passes(trouble) and not deployment.is_stockout(trouble)
    )


def _body(spec: Spec, place: Place, recipe: models.Recipe) -> Json:
    wire = spec.wire()
    resources = {"minReplicaCount": 1, **wire.get("dedicatedResources", {})}
    body: Json = {
        "id": place.deployed_id,
        "model": place.model,
        "displayName": last(place.model),  # it cannot change afterwards
        "dedicatedResources": {**resources, "machineSpec": recipe.machine},
    }
    return body | {key: wire[key] for key in ("serviceAccount", LOGGING) if key in wire}


def _take_over(
    spec: Spec,
    place: Place,
    deployed: DeployedModel,
    retiring: tuple[str, ...],
    cloud: Cloud,
    *,
    fresh: bool,
) -> None:
    """Test the deployment and give it the traffic of its predecessors, in steps."""
    endpoint = cloud.vertex.get(Endpoint, place.endpoint)
    split = endpoint.split
    succeeds = any(split.get(key) for key in retiring)
    subject = smoke.Subject(endpoint, place.endpoint, deployed.id, succeeds)
    test = spec.smoke_test or SmokeTest()
    if not succeeds:
        if not split:
            smoke.ask(cloud, test, subject)
            traffic.shift(cloud, place.endpoint, place.deployed_id, (), 100)
        elif not split.get(place.deployed_id):
            if fresh:
                smoke.ask(cloud, test, subject)
            cloud.report.info(
                f"deployment {place.deployed_id} has no traffic yet: others on the endpoint have "
                "it, until a TrafficSplit says otherwise"
            )
        return
    steps = tuple(spec.traffic_steps or ()) or (100,)
    asks = True
    for percent in (*(step for step in steps if step < 100), 100):
        asks = asks and smoke.ask(cloud, test, subject)
        cloud.report.status(f"giving {percent} % of the traffic to {place.deployed_id}")
        traffic.shift(cloud, place.endpoint, place.deployed_id, retiring, percent)
        if percent < 100:
            cloud.clock.sleep(_STEP_SECONDS)


def _bring_in_line(
    spec: Spec, old: Spec | None, place: Place, by: ownership.Stamp, cloud: Cloud
) -> str:
    """Bring names, labels and scaling in line with the inputs; return the token that it bears."""
    model = models.relabel(place.model, spec, by, old.labels if old else None, cloud)
    live = _find(cloud.vertex.get(Endpoint, place.endpoint), place)
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
    place = _known_place(name, deployed_id, endpoint, spec, outputs)
    deployed, model = _find(endpoint, place), cloud.vertex.find(Model, place.model)
    if spec is None and (deployed is None or model is None):
        raise errors.ConfigurationError(f"{name} has no deployment {deployed_id} to take over.")
    if spec is None:
        require_sole(model)
    labels = model.labels if model else {}
    token = lost_mark.kept_token(outputs, labels, imported=spec is None)
    found = _outputs(endpoint, place, token)
    found[OUTPUT] = seen(outputs, labels, imported=spec is None).value
    left = models.others_of_ours(endpoint, place.model, (_owner(spec),), cloud)
    idle = deployed is not None and spec is not None and not endpoint.split
    if idle:
        cloud.report.warn(f"nothing on {name} has traffic: its first deployment is not finished")
    if deployed is None or left or idle:
        found[OUTPUT] = Status.UNFINISHED.value
    if left:
        cloud.report.warn(f"{', '.join(left)} is left of an unfinished rollout")
    return Live(id, live_spec_onto(name, deployed, model, spec), found)


def _owner(spec: Spec | None) -> str | None:
    return spec.owner if spec else None


def _known_place(
    name: str, deployed_id: str, endpoint: Endpoint, spec: Spec | None, outputs: Outputs
) -> Place:
    model = str(outputs.get("modelName") or "")
    if not model:
        own = endpoint.deployed(deployed_id)
        model = local(name, own.model) if own else _intended(spec)
    return Place(name, model, str(outputs.get("deployedModelId") or "") or ids.number(model))


def _intended(spec: Spec | None) -> str:
    if spec is None:
        return "projects/-/locations/-/models/none"
    parent = f"projects/{spec.project}/locations/{spec.location}"
    return f"{parent}/models/{spec.model_user_id or ids.choose(spec.owner or 'model')}"


def delete(id: str, spec: Spec, outputs: Outputs, cloud: Cloud) -> None:
    """Undeploy, and delete the model; the endpoint stays."""
    del id
    name, seconds = str(spec.endpoint), timeouts_of(spec).delete_seconds
    model_name = str(outputs.get("modelName") or _intended(spec))
    begun = status_of(outputs) in INCOMPLETE
    if begun:  # the model cannot be seen before its upload is done
        _sit_out(model_name, seconds, cloud)
    model = cloud.vertex.find(Model, model_name)
    held = str(outputs.get("incarnation") or "")
    if model is not None and ownership.superseded(model.labels, held):
        cloud.report.info(ownership.left_alone(model_name))
        return
    if begun:
        _sit_out(name, seconds, cloud)
    endpoint = cloud.vertex.find(Endpoint, name)
    deployed = _find(endpoint, Place(name, model_name, "")) if endpoint else None
    own = deployed.id if deployed else ""
    others = models.others_of_ours(endpoint, model_name, (spec.owner,), cloud, held)
    _retire(name, {**others, model_name: own}, seconds, cloud)


def _sit_out(name: str, seconds: float, cloud: Cloud) -> None:
    """Wait for what may still be made; Google refuses to undo it meanwhile."""
    for running in tuple(unfinished(cloud, name)):
        with contextlib.suppress(errors.OperationFailed, errors.NotFound):
            finish(cloud, running, f"waiting until {last(name)} is free", seconds)


def _find(endpoint: Endpoint, place: Place) -> DeployedModel | None:
    there = endpoint.deployed_models
    return next((d for d in there if objects.serves(d, place.model)), None)


def _id(endpoint: str, deployed_id: str) -> str:
    return f"{endpoint}/deployedModels/{deployed_id}"


def _begun(spec: Spec, place: Place, by: ownership.Stamp) -> Outputs:
    return {
        "endpointName": place.endpoint,
        "modelName": place.model or _intended(spec),
        "deployedModelId": "",
        "serviceAttachment": "",
        "dedicatedEndpointDns": "",
        psc_automation.OUTPUT: [],
        "deployOperation": "",
        "incarnation": by.incarnation,
        OUTPUT: Status.UNFINISHED.value,
    }


def _outputs(endpoint: Endpoint, place: Place, incarnation: str) -> Outputs:
    deployed = _find(endpoint, place)
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
