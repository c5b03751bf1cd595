"""Deployed models: deployModel, undeployModel, mutateDeployedModel."""

from __future__ import annotations

import re
from typing import Any

from vertex_custom_weights_provider.emulator import names
from vertex_custom_weights_provider.emulator.envelope import Json, refuse
from vertex_custom_weights_provider.emulator.http import fields
from vertex_custom_weights_provider.emulator.http.call import Call, assumed, documented
from vertex_custom_weights_provider.emulator.http.routing import Registry
from vertex_custom_weights_provider.emulator.operations import durations, operations
from vertex_custom_weights_provider.emulator.operations.operations import Plan
from vertex_custom_weights_provider.emulator.state.timers import Moment, effect

from . import (
    deployed_record,
    deployment_life,
    endpoint_record,
    model_record,
    resources_check,
    traffic,
)
from .checks import required

registry = Registry()

_ENDPOINT = "/{version}/{endpoint=projects/*/locations/*/endpoints/*}"
_FAMILY = "aiplatform.projects.locations.endpoints."
_DELETING = (_FAMILY + "delete",)
_CHANGING = (_FAMILY + "undeployModel", _FAMILY + "mutateDeployedModel")
_RESOURCES = ("dedicatedResources", "automaticResources", "sharedResources")
_OUTPUTS = ("createTime", "modelVersionId", "privateEndpoints", "status")
_MUTABLE = {
    "dedicatedResources.minReplicaCount",
    "dedicatedResources.maxReplicaCount",
    "dedicatedResources.requiredReplicaCount",
    "dedicatedResources.initialReplicaCount",
    "dedicatedResources.autoscalingMetricSpecs",
    "dedicatedResources.scaleToZeroSpec",
    "enableContainerLogging",
    "disableContainerLogging",
}


def _endpoint(call: Call) -> tuple[str, Json]:
    name = names.canonical(call.params["endpoint"])
    record = endpoint_record.load(call.tx, name)
    endpoint_record.refuse_busy(call.tx, name, _DELETING)
    return name, record


@registry.route(
    "POST",
    _ENDPOINT + ":deployModel",
    method=_FAMILY + "deployModel",
    access="write",
    notes=(
        documented("In `trafficSplit` the key 0 means the model being deployed."),
        documented("Without `trafficSplit` the traffic stays as it is."),
        documented("Automation connects the requested networks; its failure fails no deployment."),
        documented("A model with an invoke_route_prefix takes a dedicated endpoint."),
        assumed("A private endpoint counts as a dedicated one."),
        documented("Scale to zero: one deployed model, on a host of its own, not multi-host."),
        documented("A deployment that has slept for 30 days is undeployed."),
        documented("Flex-start: 7 days at most, not with Spot; undeployed when they are over."),
        documented("What is missing of the replicas stands in the deployed model's status."),
        assumed("A message there says how many replicas of how many serve."),
        assumed("All replicas that were required answer when the operation is done."),
        assumed("Only one deployment runs on an endpoint at a time; a second one is refused."),
    ),
)
def deploy_model(call: Call) -> Json:
    """Start the deployment of a registry model onto an endpoint."""
    name, record = _endpoint(call)
    given: Json = call.body.get("deployedModel", {})
    deployed = {key: value for key, value in given.items() if key not in _OUTPUTS}
    if not deployed.get("model"):
        raise required("deployed_model.model")
    deployed["model"] = names.canonical(deployed["model"])
    model = model_record.load(call.tx, deployed["model"])
    number = model_record.version_id(model, model_record.split(deployed["model"])[1])
    if model_record.takes_invoke(model, number) and not endpoint_record.is_dedicated(record):
        refuse(
            "FAILED_PRECONDITION",
            f"Model `{deployed['model']}` has an invoke_route_prefix and can only be deployed to a"
            " dedicated endpoint.",
        )
    _check_resources(deployed)
    deployment_life.check_alone(record, deployed)
    endpoint_record.refuse_busy(call.tx, name, endpoint_record.DEPLOYING)
    deployed["id"] = _new_id(record, deployed.get("id", ""))
    split = traffic.with_new(call.body.get("trafficSplit", {}), deployed["id"])
    traffic.checked(split, [*endpoint_record.deployed_ids(record), deployed["id"]])
    plan = Plan(
        metadata_type="DeployModelOperationMetadata",
        response_type="DeployModelResponse",
        steps=durations.steps(call.settings, "deployModel"),
        payload={
            "endpoint": name,
            "deployed": deployed,
            "trafficSplit": split,
            "automation": deployed_record.automation_course(call),
        },
        about=name,
    )
    return operations.start(call, name, plan)


def _check_resources(deployed: Json) -> None:
    given = [kind for kind in _RESOURCES if kind in deployed]
    if len(given) != 1:
        refuse(
            "INVALID_ARGUMENT",
            "Exactly one of dedicated_resources, automatic_resources and shared_resources must be"
            " set in deployed_model.",
        )
    if "dedicatedResources" in deployed:
        resources_check.check(deployed["dedicatedResources"])
        if not deployed["dedicatedResources"].get("machineSpec", {}).get("machineType"):
            raise required("deployed_model.dedicated_resources.machine_spec.machine_type")


def _new_id(record: Json, wanted: str) -> str:
    if not wanted:
        return names.long_id()
    if not re.fullmatch(r"[1-9][0-9]{0,9}", wanted):
        refuse("INVALID_ARGUMENT", f"deployed_model.id {wanted!r} must be 1-10 digits.")
    if endpoint_record.deployed(record, wanted) is not None:
        refuse("ALREADY_EXISTS", f"DeployedModel {wanted} already exists on the Endpoint.")
    return wanted


@effect("deployModel.finish")
def _deployed(moment: Moment, payload: Json) -> Json:
    record = endpoint_record.load(moment.tx, payload["endpoint"])
    entry = deployed_record.attach(moment, record, payload["deployed"])
    deployment_life.begin(moment, record, entry)
    deployed_record.automate(moment, record, payload["automation"])
    if payload["trafficSplit"]:
        ids = endpoint_record.deployed_ids(record)
        record["resource"]["trafficSplit"] = traffic.checked(payload["trafficSplit"], ids)
    endpoint_record.save(moment.tx, record, moment.now)
    return {"deployedModel": entry}


@registry.route(
    "POST",
    _ENDPOINT + ":undeployModel",
    method=_FAMILY + "undeployModel",
    access="write",
    notes=(
        documented("A given `trafficSplit` replaces the endpoint's."),
        documented("A model with traffic goes only if it is the last, or the call moves it away."),
        documented("The last model empties the traffic split."),
        assumed("Traffic moves at the call; the model is gone when the operation is done."),
        assumed("Undeploying works while another model is being deployed."),
    ),
)
def undeploy_model(call: Call) -> Json:
    """Start the removal of a deployed model from its endpoint."""
    name, record = _endpoint(call)
    deployed_id = _existing(call, record, call.body.get("deployedModelId", ""))
    if call.tx.speaks("undeploy-refused-while-deploying"):
        endpoint_record.refuse_busy(call.tx, name, endpoint_record.DEPLOYING)
    ids = endpoint_record.deployed_ids(record)
    others = [known for known in ids if known != deployed_id]
    if call.body.get("trafficSplit"):
        split = traffic.checked(call.body["trafficSplit"], ids)
        record["resource"]["trafficSplit"] = split
        endpoint_record.save(call.tx, record, call.now)
    if others and record["resource"].get("trafficSplit", {}).get(deployed_id):
        refuse(
            "FAILED_PRECONDITION",
            f"DeployedModel {deployed_id} still has traffic. Set traffic_split so that it has none"
            " before or while undeploying it.",
        )
    plan = Plan(
        metadata_type="UndeployModelOperationMetadata",
        response_type="UndeployModelResponse",
        steps=durations.steps(call.settings, "undeployModel"),
        payload={"endpoint": name, "deployedModelId": deployed_id},
        about=name,
    )
    return operations.start(call, name, plan)


def _existing(call: Call, record: Json, deployed_id: str) -> str:
    """Return the id of a deployed model that nothing else works on."""
    name = record["resource"]["name"]
    if endpoint_record.deployed(record, deployed_id) is None:
        refuse("NOT_FOUND", f"DeployedModel {deployed_id!r} is not found on Endpoint `{name}`.")
    for body in operations.concerning(call.tx, name):
        same = body["payload"].get("deployedModelId") == deployed_id
        if same and body["method"] in _CHANGING:
            refuse(
                "FAILED_PRECONDITION",
                f'There are other operations running on the Endpoint "{name}".'
                f" Operation(s) are: {body['name']}.",
            )
    return deployed_id


@effect("undeployModel.finish")
def _undeployed(moment: Moment, payload: Json) -> None:
    record = endpoint_record.find(moment.tx, payload["endpoint"])
    if record is None:
        return
    resource, gone = record["resource"], payload["deployedModelId"]
    resource["trafficSplit"] = traffic.without(resource.get("trafficSplit", {}), gone)
    deployed_record.detach(moment, record, gone)


@registry.route(
    "POST",
    _ENDPOINT + ":mutateDeployedModel",
    method=_FAMILY + "mutateDeployedModel",
    access="write",
    notes=(
        documented("Replica counts, autoscaling, scale-to-zero and container logging can change."),
        assumed("Replicas converge over two seconds of virtual time after the operation."),
    ),
)
def mutate_deployed_model(call: Call) -> Json:
    """Start the change of a deployed model's scaling."""
    name, record = _endpoint(call)
    update: Json = call.body.get("deployedModel", {})
    deployed_id = _existing(call, record, update.get("id", ""))
    mask = fields.paths(call.body.get("updateMask", ""))
    if not mask:
        raise required("update_mask")
    fixed = [path for path in mask if not _mutable(path)]
    if fixed:
        refuse("INVALID_ARGUMENT", f"The field(s) {', '.join(fixed)} cannot be mutated.")
    changed = endpoint_record.deployed(record, deployed_id) or {}
    fields.apply_update(changed, update, mask)
    resources_check.counts(changed.get("dedicatedResources", {}))
    if resources_check.scales_to_zero(changed.get("dedicatedResources", {})):
        deployment_life.check_alone(_without(record, deployed_id), changed)
    plan = Plan(
        metadata_type="MutateDeployedModelOperationMetadata",
        response_type="MutateDeployedModelResponse",
        steps=durations.steps(call.settings, "mutateDeployedModel"),
        payload={"endpoint": name, "deployedModelId": deployed_id, "update": update, "mask": mask},
        about=name,
    )
    return operations.start(call, name, plan)


def _without(record: Json, deployed_id: str) -> Json:
    """An endpoint's record as it were without one of its deployments."""
    models = record["resource"].get("deployedModels", [])
    others = [model for model in models if model["id"] != deployed_id]
    return {**record, "resource": {**record["resource"], "deployedModels": others}}


def _mutable(path: str) -> bool:
    return any(path == known or path.startswith(known + ".") for known in _MUTABLE)


@effect("mutateDeployedModel.finish")
def _mutated(moment: Moment, payload: Json) -> Json:
    record = endpoint_record.load(moment.tx, payload["endpoint"])
    deployed_id = payload["deployedModelId"]
    entry = endpoint_record.deployed(record, deployed_id)
    if entry is None:
        refuse("NOT_FOUND", f"DeployedModel {deployed_id} is not found.")
    fields.apply_update(entry, payload["update"], payload["mask"])
    resources: dict[str, Any] = resources_check.normalised(entry.get("dedicatedResources", {}))
    entry["dedicatedResources"] = resources
    _, target = resources_check.first_replicas(resources)
    endpoint_record.scale(record, deployed_id, target, moment.now)
    deployment_life.watch(moment, record, entry)
    endpoint_record.save(moment.tx, record, moment.now)
    return {"deployedModel": entry}
