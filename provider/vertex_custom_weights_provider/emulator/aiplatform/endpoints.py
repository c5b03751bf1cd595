"""Endpoints: create, get, list, patch, update, delete."""

from __future__ import annotations

import re
from typing import Any

from vertex_custom_weights_provider.emulator import names
from vertex_custom_weights_provider.emulator.envelope import Json, refuse
from vertex_custom_weights_provider.emulator.http import fields
from vertex_custom_weights_provider.emulator.http.call import Call, assumed, documented, reported
from vertex_custom_weights_provider.emulator.http.paging import list_page
from vertex_custom_weights_provider.emulator.http.routing import Registry
from vertex_custom_weights_provider.emulator.operations import durations, operations
from vertex_custom_weights_provider.emulator.operations.operations import Plan
from vertex_custom_weights_provider.emulator.state.timers import Moment, effect

from . import endpoint_record, private_config, traffic
from .checks import check_etag, labels, required, update_mask

registry = Registry()

# Documented are 9 digits; Google's Terraform provider documents, tests and sends 10.
_ENDPOINT_ID = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?|[1-9][0-9]{0,9}")

_NAME = "/{version}/{name=projects/*/locations/*/endpoints/*}"
_PATCHABLE = {
    "displayName",
    "description",
    "labels",
    "trafficSplit",
    "predictRequestResponseLoggingConfig",
}
_OUTPUTS = ("deployedModels", "createTime", "updateTime", "etag", "dedicatedEndpointDns", "name")


@registry.route(
    "POST",
    "/{version}/{parent=projects/*/locations/*}/endpoints",
    method="aiplatform.projects.locations.endpoints.create",
    access="write",
    notes=(
        documented("A deleted endpoint id stays unusable for 7 days: 409 ALREADY_EXISTS."),
        reported("A numeric endpoint id may have 10 digits."),
        assumed("The endpoint can be seen once its operation is done, not before."),
    ),
)
def create(call: Call) -> Json:
    """Start the creation of an endpoint."""
    location = names.canonical(call.params["parent"])
    resource = {key: value for key, value in call.body.items() if key not in _OUTPUTS}
    _check_display_name(resource)
    labels(resource.get("labels", {}))
    traffic.checked(resource.get("trafficSplit", {}), ())
    private = resource.get("privateServiceConnectConfig", {}).get("enablePrivateServiceConnect")
    if private and (resource.get("network") or resource.get("dedicatedEndpointEnabled")):
        refuse(
            "INVALID_ARGUMENT",
            "private_service_connect_config excludes network and dedicated_endpoint_enabled.",
        )
    if private:
        private_config.check(call.tx, location, resource["privateServiceConnectConfig"])
    endpoint_id = _endpoint_id(call)
    name = f"{location}/endpoints/{endpoint_id}"
    message = endpoint_record.conflict(call.tx, name)
    if message:
        refuse("ALREADY_EXISTS", message)
    if resource.get("dedicatedEndpointEnabled"):
        _, number, _, region = location.split("/")
        resource["dedicatedEndpointDns"] = endpoint_record.dedicated_dns(
            endpoint_id, region, number
        )
    record = endpoint_record.new(call.tx, name, resource, call.now)
    if call.tx.speaks("created-endpoint-visible-at-once"):
        record["hidden"] = False
        endpoint_record.save(call.tx, record, call.now)
    plan = Plan(
        metadata_type="CreateEndpointOperationMetadata",
        response_type="Endpoint",
        steps=durations.steps(call.settings, "createEndpoint"),
        payload={"endpoint": name},
        about=name,
        undo="endpoint.discard",
    )
    return operations.start(call, name, plan)


def _endpoint_id(call: Call) -> str:
    """Return the chosen endpoint id, or a new one."""
    chosen = call.query.get("endpointId") or call.query.get("endpoint_id")
    if chosen and not _ENDPOINT_ID.fullmatch(chosen):
        refuse(
            "INVALID_ARGUMENT",
            f"Invalid endpoint_id {chosen!r}: up to 63 of [a-z0-9-] with a letter first and no"
            " hyphen last, or up to 10 digits without a leading zero.",
        )
    return chosen or names.long_id()


def _check_display_name(resource: Json) -> None:
    display_name = resource.get("displayName", "")
    if not display_name:
        raise required("endpoint.display_name")
    if len(display_name) > 128:
        refuse("INVALID_ARGUMENT", "endpoint.display_name can be up to 128 characters long.")


@effect("endpoint.create")
def _show(moment: Moment, payload: Json) -> Json | None:
    record = moment.tx.get(endpoint_record.KIND, payload["endpoint"])
    if record is None:
        return None
    record["hidden"] = False
    endpoint_record.save(moment.tx, record, moment.now)
    return endpoint_record.view(record, moment.now)


@effect("endpoint.discard")
def _discard(moment: Moment, payload: Json) -> None:
    endpoint_record.remove(moment.tx, payload["endpoint"], moment.now)


@registry.route("GET", _NAME, method="aiplatform.projects.locations.endpoints.get")
def get(call: Call) -> Json:
    """Return an endpoint."""
    record = endpoint_record.load(call.tx, names.canonical(call.params["name"]))
    return endpoint_record.view(record, call.now)


@registry.route(
    "GET",
    "/{version}/{parent=projects/*/locations/*}/endpoints",
    method="aiplatform.projects.locations.endpoints.list",
    notes=(
        documented("`filter` knows endpoint, display_name and labels, with AND, OR and NOT."),
        documented("`orderBy` (v1) knows display_name, create_time and update_time."),
        assumed("Endpoints come in order of creation, 100 to a page unless asked otherwise."),
    ),
)
def list_endpoints(call: Call) -> Json:
    """Return a page of the endpoints in a location."""

    def show(record: Json) -> Json:
        return endpoint_record.view(record, call.now)

    parent = names.canonical(call.params["parent"])
    indexed = endpoint_record.INDEXED
    return list_page(call, endpoint_record.KIND, parent, "endpoints", show, indexed)


@registry.route(
    "PATCH",
    _NAME,
    method="aiplatform.projects.locations.endpoints.patch",
    access="write",
    notes=(
        documented("`labels` in the mask replaces the whole map, server labels too."),
        documented("Without an etag the write is blind."),
        reported("Only the fields Google's own clients patch can be patched."),
        assumed("A stale etag is 409 ABORTED."),
        assumed("Fields that cannot be patched are refused, not ignored."),
    ),
)
def patch(call: Call) -> Json:
    """Change an endpoint in place."""
    record = endpoint_record.load(call.tx, names.canonical(call.params["name"]))
    resource = record["resource"]
    mask = update_mask(call)
    fixed = sorted({path for path in mask if path.split(".")[0] not in _PATCHABLE})
    if call.tx.speaks("fixed-fields-ignored"):
        mask = [path for path in mask if path not in fixed]
    elif fixed:
        refuse("INVALID_ARGUMENT", f"The field(s) {', '.join(fixed)} cannot be updated.")
    check_etag(call, resource)
    fields.apply_update(resource, call.body, mask)
    _check_display_name(resource)
    labels(resource.get("labels", {}))
    ids = endpoint_record.deployed_ids(record)
    resource["trafficSplit"] = traffic.checked(resource.get("trafficSplit", {}), ids)
    endpoint_record.save(call.tx, record, call.now)
    return endpoint_record.view(record, call.now)


@registry.route(
    "POST",
    "/{version}/{name=projects/*/locations/*/endpoints/*}:update",
    method="aiplatform.projects.locations.endpoints.update",
    access="write",
    notes=(documented("Changes `clientConnectionConfig` only; the timeout is at most 3600 s."),),
)
def update(call: Call) -> Json:
    """Start the update of an endpoint's client connection settings."""
    name = names.canonical(call.params["name"])
    endpoint_record.load(call.tx, name)
    config = call.body.get("endpoint", {}).get("clientConnectionConfig", {})
    seconds = str(config.get("inferenceTimeout", "600s"))
    if not re.fullmatch(r"\d+(\.\d+)?s", seconds) or not 0 < float(seconds[:-1]) <= 3600:
        refuse("INVALID_ARGUMENT", f"inference_timeout {seconds} must be positive, at most 3600s.")
    plan = Plan(
        metadata_type="UpdateEndpointOperationMetadata",
        response_type="Endpoint",
        steps=durations.steps(call.settings, "updateEndpoint"),
        payload={"endpoint": name, "clientConnectionConfig": config},
        about=name,
    )
    return operations.start(call, name, plan)


@effect("endpoint.update")
def _update(moment: Moment, payload: Json) -> Json:
    record = endpoint_record.load(moment.tx, payload["endpoint"])
    record["resource"]["clientConnectionConfig"] = payload["clientConnectionConfig"]
    endpoint_record.save(moment.tx, record, moment.now)
    return endpoint_record.view(record, moment.now)


@registry.route(
    "DELETE",
    _NAME,
    method="aiplatform.projects.locations.endpoints.delete",
    access="write",
    notes=(
        reported("Refused with 400 FAILED_PRECONDITION while models are or are being deployed."),
        assumed("The endpoint can be seen until the operation is done."),
        assumed("A deletion takes an operation that runs for a while."),
    ),
)
def delete(call: Call) -> Json:
    """Start the deletion of an endpoint."""
    name = names.canonical(call.params["name"])
    record = endpoint_record.load(call.tx, name)
    running = operations.concerning(call.tx, name)
    deploying = [body for body in running if body["method"] in endpoint_record.DEPLOYING]
    if deploying or record["resource"].get("deployedModels"):
        refuse(
            "FAILED_PRECONDITION",
            f"Endpoint `{name}` has deployed or being-deployed DeployedModel(s). Undeploy them"
            " before deleting the Endpoint.",
        )
    endpoint_record.refuse_busy(call.tx, name, (call.method,))
    if call.tx.speaks("deleted-endpoint-gone-at-once"):
        endpoint_record.remove(call.tx, name, call.now)
    payload: dict[str, Any] = {"endpoint": name}
    plan = Plan(
        metadata_type="DeleteOperationMetadata",
        response_type="google.protobuf.Empty",
        steps=durations.steps(call.settings, "deleteEndpoint"),
        payload=payload,
        about=name,
    )
    return operations.start(call, name, plan)


@effect("endpoint.delete")
def _delete(moment: Moment, payload: Json) -> None:
    endpoint_record.remove(moment.tx, payload["endpoint"], moment.now)
