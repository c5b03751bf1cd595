"""`:deploy`, the one call that makes an Endpoint, a Model and a DeployedModel."""

from __future__ import annotations

import re
from typing import Any

from vertex_custom_weights_provider.emulator import names
from vertex_custom_weights_provider.emulator.envelope import ApiError, Json, refuse
from vertex_custom_weights_provider.emulator.http.call import Call, assumed, documented, reported
from vertex_custom_weights_provider.emulator.http.routing import Registry
from vertex_custom_weights_provider.emulator.operations import durations, operations
from vertex_custom_weights_provider.emulator.operations.operations import Plan
from vertex_custom_weights_provider.emulator.state.timers import Moment, effect

from . import (
    deployed_record,
    deployment_life,
    endpoint_record,
    eula,
    model_record,
    private_config,
    recommend,
    resources_check,
)
from .checks import labels

registry = Registry()

_ENDPOINT_ID = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?|[1-9][0-9]{0,8}")
_MODEL_ID = re.compile(r"[a-z_][a-z0-9_-]{0,62}")
CRASH = (
    "Model server exited unexpectedly. Model server logs can be found in Cloud Logging. Please make"
    " sure that the recommended machine spec is used."
)
_SOURCES = ("customModel", "publisherModelName", "huggingFaceModelId")


@registry.route(
    "POST",
    "/{version}/{destination=projects/*/locations/*}:deploy",
    method="aiplatform.projects.locations.deploy",
    access="write",
    notes=(
        documented("A deleted endpoint id stays unusable for 7 days: 409 ALREADY_EXISTS."),
        documented("Exactly one source of a deployment is taken: 400 otherwise."),
        documented("Without a machine spec the service chooses one from the base model."),
        documented("An endpoint gets its own DNS name unless it is private or that is disabled."),
        documented("The service attachment appears on the deployed model of a private endpoint."),
        reported("Missing rights, missing capacity and crashes end the operation, not the call."),
        reported("A failed deployment removes the endpoint it made; a scenario can leave it."),
        assumed(
            "Quantized weights crash the model server: code 9 when the deployment would be done."
        ),
        assumed("A taken endpoint or model id is refused at the POST; a scenario defers it."),
        assumed("The endpoint is visible, without deployed models, soon after the call."),
        assumed("Cancelling takes endpoint and model back."),
        assumed("Labels of a deployment stand on its endpoint."),
        assumed("The model carries the folder of its weights as `artifactUri`."),
        assumed("Metadata of a deployment name the model's id and the destination."),
    ),
)
def deploy(call: Call) -> Json:
    """Check a deployment and start it."""
    location = names.canonical(call.params["destination"])
    body = call.body
    _check_source(call, body)
    endpoint_config, model_config = body.get("endpointConfig", {}), body.get("modelConfig", {})
    if call.tx.speaks("labels-refused-on-deploy") and "labels" in endpoint_config:
        refuse(
            "INVALID_ARGUMENT",
            "Invalid JSON payload received. Unknown name \"labels\" at 'endpoint_config': Cannot"
            " find field.",
        )
    _check_ids(endpoint_config, model_config)
    private = _check_private(call, location, endpoint_config)
    spec = recommend.serving(call.settings, body)
    resources = _resources(body.get("deployConfig", {}), spec)
    endpoint = (
        f"{location}/endpoints/{endpoint_config.get('endpointUserId') or names.endpoint_id()}"
    )
    made = _endpoint(call, body, endpoint, private)
    _check_container(model_config.get("containerSpec", {}), made)
    deployment_life.check_host(made, resources)
    model = f"{location}/models/{_model_id(call, location)}"
    conflict = _conflict(call, endpoint, model)
    if not conflict:
        model_record.reserve(call.tx, model)
        _appear(call, endpoint, made)
    payload: Json = {
        "endpoint": endpoint,
        "model": model,
        "modelResource": _model(call, body, spec, model.rsplit("/", 1)[-1], model_config),
        "deployed": _deployed(body, model, resources),
        "publisherModel": spec["publisherModel"],
        "conflict": conflict,
        "crashes": spec["crashes"],
        "automation": deployed_record.automation_course(call),
    }
    return operations.start(call, location, _plan(call, payload))


def _appear(call: Call, endpoint: str, made: Json) -> None:
    """Take the endpoint's name, which can be seen a little later."""
    if not call.tx.speaks("endpoint-visible-at-once-without-labels"):
        endpoint_record.new(call.tx, endpoint, made, call.now)
        return
    record = endpoint_record.new(call.tx, endpoint, {**made, "labels": {}}, call.now)
    record["hidden"] = False
    record["labelsLater"] = made["labels"]
    endpoint_record.save(call.tx, record, call.now)


def _model_id(call: Call, location: str) -> str:
    """Return the chosen model id, or the next free one made from the time."""
    chosen = call.body.get("modelConfig", {}).get("modelUserId")
    chosen = chosen or call.body.get("customModel", {}).get("modelId")
    if chosen:
        return chosen
    moment = call.now
    while model_record.taken(call.tx, f"{location}/models/{names.model_id(moment)}"):
        moment += 1
    return names.model_id(moment)


def _plan(call: Call, payload: Json) -> Plan:
    destination = call.params["destination"]
    silent = call.tx.speaks("operation-metadata-without-ids")
    metadata: Json = (
        {}
        if silent
        else {
            "destination": destination,
            "projectNumber": names.project_number(destination.split("/")[1]),
            "modelId": payload["model"].rsplit("/", 1)[-1],
        }
    )
    if payload["publisherModel"] and not silent:
        metadata["publisherModel"] = payload["publisherModel"]
    return Plan(
        metadata_type="DeployOperationMetadata",
        response_type="DeployResponse",
        steps=durations.steps(call.settings, "deploy"),
        payload=payload,
        metadata=metadata,
        about="" if payload["conflict"] else payload["endpoint"],
        undo="deploy.undo",
    )


def _check_source(call: Call, body: Json) -> None:
    given = [source for source in _SOURCES if source in body]
    if len(given) != 1:
        refuse(
            "INVALID_ARGUMENT",
            "Exactly one of custom_model, publisher_model_name and hugging_face_model_id must be"
            f" set, got {', '.join(given) or 'none'}.",
        )
    if call.version == "v1" and given == ["customModel"]:
        refuse("INVALID_ARGUMENT", 'Invalid JSON payload received. Unknown name "customModel".')
    eula.require(call, body)


def _check_ids(endpoint_config: Json, model_config: Json) -> None:
    endpoint_id, model_id = endpoint_config.get("endpointUserId"), model_config.get("modelUserId")
    if endpoint_id and not _ENDPOINT_ID.fullmatch(endpoint_id):
        refuse("INVALID_ARGUMENT", f"Invalid endpoint_user_id {endpoint_id!r}: {_ENDPOINT_RULE}")
    if model_id and not _MODEL_ID.fullmatch(model_id):
        refuse("INVALID_ARGUMENT", f"Invalid model_user_id {model_id!r}: {_MODEL_RULE}")
    if len(endpoint_config.get("endpointDisplayName", "")) > 128:
        refuse("INVALID_ARGUMENT", "endpoint_display_name can be up to 128 characters long.")
    labels(endpoint_config.get("labels", {}))


_ENDPOINT_RULE = (
    "up to 63 of [a-z0-9-] with a letter first and no hyphen last, or up to 9 digits without a"
    " leading zero."
)
_MODEL_RULE = "up to 63 of [a-z0-9_-], the first not a digit or hyphen."


def _check_private(call: Call, location: str, endpoint_config: Json) -> Json | None:
    """Return the PSC configuration when it is switched on."""
    config: Json = endpoint_config.get("privateServiceConnectConfig", {})
    if not config.get("enablePrivateServiceConnect"):
        return None
    private_config.check(call.tx, location, config)
    return config


def _resources(deploy_config: Json, spec: Json) -> Json:
    resources = {"minReplicaCount": 1, **deploy_config.get("dedicatedResources", {})}
    if "scaleToZeroSpec" in resources and "minReplicaCount" not in deploy_config.get(
        "dedicatedResources", {}
    ):
        resources["minReplicaCount"] = 0
    resources_check.check(resources)
    if "machineSpec" not in resources:
        resources["machineSpec"] = spec["machineSpec"]
    return resources_check.normalised(resources)


def _check_container(container: Json, endpoint: Json) -> None:
    model_record.check_container(container)
    dedicated = endpoint_record.is_dedicated({"resource": endpoint})
    if container.get("invokeRoutePrefix") and not dedicated:
        refuse(
            "FAILED_PRECONDITION",
            "A model with an invoke_route_prefix can only be deployed to a dedicated endpoint.",
        )


def _conflict(call: Call, endpoint: str, model: str) -> str:
    """Refuse taken ids; when a scenario defers that, return the refusal for the operation."""
    message = endpoint_record.conflict(call.tx, endpoint)
    entombed = call.tx.get(endpoint_record.TOMBSTONE, endpoint) is not None
    later = call.tx.speaks("taken-id-in-operation") or (
        entombed and call.tx.speaks("tombstone-only-in-operation")
    )
    if not message and model_record.taken(call.tx, model):
        message = f"Model `{model}` already exists."
    if message and not later and call.hooks.decide(call, "conflict") is None:
        refuse("ALREADY_EXISTS", message)
    return message


def _endpoint(call: Call, body: Json, name: str, private: Json | None) -> Json:
    config = body.get("endpointConfig", {})
    _, number, _, region, _, endpoint_id = name.split("/")
    resource: Json = {
        "displayName": config.get("endpointDisplayName") or endpoint_id,
        "labels": {**config.get("labels", {}), "mg-deploy": "custom-weights"},
    }
    if call.tx.speaks("labels-dropped-on-deploy"):
        resource["labels"] = {"mg-deploy": "custom-weights"}
    if private is not None:
        resource["privateServiceConnectConfig"] = private
    elif call.settings.dedicated_endpoints and not config.get("dedicatedEndpointDisabled"):
        resource["dedicatedEndpointEnabled"] = True
        resource["dedicatedEndpointDns"] = endpoint_record.dedicated_dns(
            endpoint_id, region, number
        )
    return resource


def _model(call: Call, body: Json, spec: Json, model_id: str, config: Json) -> Json:
    container = config.get("containerSpec") or recommend.with_model_id(spec, model_id)
    resource: Json = {
        "displayName": config.get("modelDisplayName") or model_id,
        "containerSpec": container,
        "supportedDeploymentResourcesTypes": ["DEDICATED_RESOURCES"],
        "modelSourceInfo": {"sourceType": "MODEL_GARDEN"},
    }
    if spec["baseModel"]:
        source = {"publicModelName": spec["baseModel"]}
        resource["baseModelSource"] = {"modelGardenSource": source}
    if "customModel" in body and not call.tx.speaks("artifact-uri-absent"):
        resource["artifactUri"] = body["customModel"]["gcsUri"]
    return resource


def _deployed(body: Json, model: str, resources: Json) -> Json:
    config = body.get("deployConfig", {})
    deployed: dict[str, Any] = {
        "id": names.long_id(),
        "model": model,
        "enableContainerLogging": True,
        "dedicatedResources": resources,
    }
    if config.get("serviceAccount"):
        deployed["serviceAccount"] = config["serviceAccount"]
    return deployed


@effect("deploy.endpoint")
def _show_endpoint(moment: Moment, payload: Json) -> None:
    if payload["conflict"]:
        raise ApiError.of("ALREADY_EXISTS", payload["conflict"])
    record = moment.tx.get(endpoint_record.KIND, payload["endpoint"])
    if record is not None and not moment.tx.speaks("endpoint-visible-late"):
        record["hidden"] = False
        endpoint_record.save(moment.tx, record, moment.now)


@effect("deploy.model")
def _register_model(moment: Moment, payload: Json) -> None:
    model_record.release(moment.tx, payload["model"])
    model_record.add_version(moment.tx, payload["model"], payload["modelResource"], moment.now)


@effect("deploy.finish")
def _finish(moment: Moment, payload: Json) -> Json:
    if payload["crashes"]:
        refuse("FAILED_PRECONDITION", CRASH)
    record = moment.tx.get(endpoint_record.KIND, payload["endpoint"])
    if record is None:
        refuse("NOT_FOUND", f"Endpoint `{payload['endpoint']}` is not found.")
    record["hidden"] = False
    record["resource"].setdefault("labels", {}).update(record.pop("labelsLater", {}))
    entry = deployed_record.attach(moment, record, payload["deployed"])
    deployment_life.begin(moment, record, entry)
    record["resource"]["trafficSplit"] = {entry["id"]: 100}
    deployed_record.automate(moment, record, payload["automation"])
    endpoint_record.save(moment.tx, record, moment.now)
    response: Json = {"endpoint": payload["endpoint"], "model": payload["model"]}
    if payload["publisherModel"]:
        response["publisherModel"] = payload["publisherModel"]
    return response


@effect("deploy.undo")
def _undo(moment: Moment, payload: Json) -> None:
    if payload["conflict"]:
        return
    model_record.release(moment.tx, payload["model"])
    leaves = payload["leaves"]
    if moment.tx.speaks("failed-deploy-leaves-endpoint-and-model"):
        leaves = ["endpoint", "model"]
    if "model" not in leaves:
        moment.tx.delete(model_record.KIND, payload["model"])
    if "endpoint" not in leaves:
        endpoint_record.remove(moment.tx, payload["endpoint"], moment.now)
    elif moment.tx.get(endpoint_record.KIND, payload["endpoint"]) is not None:
        _show_endpoint(moment, payload)
