"""Registry models: upload, get, list, listVersions, patch, delete, deleteVersion."""

from __future__ import annotations

import re

from vertex_custom_weights_provider.emulator import names
from vertex_custom_weights_provider.emulator.envelope import Json, refuse
from vertex_custom_weights_provider.emulator.http import fields
from vertex_custom_weights_provider.emulator.http.call import Call, assumed, documented
from vertex_custom_weights_provider.emulator.http.paging import list_page, page_of
from vertex_custom_weights_provider.emulator.http.routing import Registry
from vertex_custom_weights_provider.emulator.operations import durations, operations
from vertex_custom_weights_provider.emulator.operations.operations import Plan
from vertex_custom_weights_provider.emulator.state import clock
from vertex_custom_weights_provider.emulator.state.timers import Moment, effect
from vertex_custom_weights_provider.emulator.state.transaction import Transaction

from . import model_record
from .checks import check_etag, required, update_mask

registry = Registry()

_NAME = "/{version}/{name=projects/*/locations/*/models/*}"
_FAMILY = "aiplatform.projects.locations.models."
_MODEL_LEVEL = {"displayName", "description", "labels"}
_VERSION_LEVEL = {"versionDescription", "labels"}
_VERSIONS_ORDERED_BY = {"createTime": "versionCreateTime", "updateTime": "versionUpdateTime"}
_MODEL_ID = re.compile(r"[a-z_][a-z0-9_-]{0,62}")
_ALIAS = re.compile(r"[a-z]([a-zA-Z0-9-]{0,126}[a-zA-Z0-9])?")
_OUTPUTS = (
    "name",
    "versionId",
    "versionCreateTime",
    "versionUpdateTime",
    "createTime",
    "updateTime",
    "etag",
    "deployedModels",
    "supportedDeploymentResourcesTypes",
)


@registry.route(
    "POST",
    "/{version}/{parent=projects/*/locations/*}/models:upload",
    method=_FAMILY + "upload",
    access="write",
    notes=(
        documented("With `parentModel` a new version of that model is made."),
        documented("invoke_route_prefix can only be /*, and excludes predict_route."),
        assumed("A model id that is taken is refused at the POST with 409."),
    ),
)
def upload(call: Call) -> Json:
    """Start the upload of a model, or of a new version."""
    location = names.canonical(call.params["parent"])
    given: Json = call.body.get("model", {})
    resource = {key: value for key, value in given.items() if key not in _OUTPUTS}
    if not resource.get("displayName"):
        raise required("model.display_name")
    model_record.check_container(resource.get("containerSpec", {}))
    name = _target(call, location)
    resource["supportedDeploymentResourcesTypes"] = ["DEDICATED_RESOURCES"]
    resource.setdefault("modelSourceInfo", {"sourceType": "CUSTOM"})
    plan = Plan(
        metadata_type="UploadModelOperationMetadata",
        response_type="UploadModelResponse",
        steps=durations.steps(call.settings, "uploadModel"),
        payload={"model": name, "resource": resource, "new": not call.body.get("parentModel")},
        about=name,
        undo="model.discard",
    )
    return operations.start(call, name, plan)


@effect("model.discard")
def _discard(moment: Moment, payload: Json) -> None:
    model_record.release(moment.tx, payload["model"])


def _target(call: Call, location: str) -> str:
    """Return the name to upload to: an existing parent, or a free id."""
    if call.body.get("parentModel"):
        parent = names.canonical(model_record.split(call.body["parentModel"])[0])
        model_record.load(call.tx, parent)
        return parent
    model_id = call.body.get("modelId") or names.long_id()
    if call.body.get("modelId") and not _MODEL_ID.fullmatch(model_id):
        refuse("INVALID_ARGUMENT", f"Invalid model_id {model_id!r}.")
    name = f"{location}/models/{model_id}"
    if model_record.taken(call.tx, name):
        refuse("ALREADY_EXISTS", f"Model `{name}` already exists.")
    model_record.reserve(call.tx, name)
    return name


@effect("model.upload")
def _upload(moment: Moment, payload: Json) -> Json:
    name = payload["model"]
    model_record.release(moment.tx, name)
    if not payload["new"]:
        model_record.load(moment.tx, name)
    number = model_record.add_version(moment.tx, name, payload["resource"], moment.now)
    return {"model": name, "modelVersionId": number}


def _addressed(call: Call) -> tuple[Json, str]:
    """Return the record a call names and the version it means."""
    name = names.canonical(call.params["name"])
    record = model_record.load(call.tx, name)
    return record, model_record.version_id(record, model_record.split(name)[1])


@registry.route("GET", _NAME, method=_FAMILY + "get")
def get(call: Call) -> Json:
    """Return a model, by default its default version."""
    record, number = _addressed(call)
    return model_record.view(call.tx, record, number)


@registry.route(
    "GET",
    "/{version}/{parent=projects/*/locations/*}/models",
    method=_FAMILY + "list",
    notes=(
        documented("`orderBy` (v1) knows display_name, create_time and update_time."),
        assumed("Each model is listed once, as its default version."),
    ),
)
def list_models(call: Call) -> Json:
    """Return a page of the models in a location."""

    def show(record: Json) -> Json:
        return model_record.view(call.tx, record, model_record.version_id(record, ""))

    parent = names.canonical(call.params["parent"])
    return list_page(call, model_record.KIND, parent, "models", show, model_record.INDEXED)


@registry.route(
    "GET",
    _NAME + ":listVersions",
    method=_FAMILY + "listVersions",
    notes=(
        documented("`orderBy` knows create_time and update_time."),
        assumed("They mean the version's own times, not the model's."),
    ),
)
def list_versions(call: Call) -> Json:
    """Return a page of the versions of a model."""
    record, _ = _addressed(call)
    shown = (model_record.view(call.tx, record, number) for number in record["versions"])
    return page_of(call, "models", shown, _VERSIONS_ORDERED_BY)


@registry.route(
    "PATCH",
    _NAME,
    method=_FAMILY + "patch",
    access="write",
    notes=(
        documented("Without `@version`: displayName, description and labels of the model."),
        documented("With it: versionDescription and labels of that version."),
        assumed("A stale etag is 409 ABORTED."),
    ),
)
def patch(call: Call) -> Json:
    """Change a model or one version of it in place."""
    record, number = _addressed(call)
    mask = update_mask(call)
    allowed = _VERSION_LEVEL if "@" in call.params["name"] else _MODEL_LEVEL
    fixed = sorted({path for path in mask if path.split(".")[0] not in allowed})
    if fixed:
        refuse("INVALID_ARGUMENT", f"The field(s) {', '.join(fixed)} cannot be updated.")
    check_etag(call, record["versions"][number])
    touched = [number] if "@" in call.params["name"] else list(record["versions"])
    for version in touched:
        resource = record["versions"][version]
        fields.apply_update(resource, call.body, mask)
        resource["etag"] = names.etag()
        resource["updateTime"] = resource["versionUpdateTime"] = clock.timestamp(call.now)
    model_record.save(call.tx, record)
    return model_record.view(call.tx, record, number)


@registry.route(
    "POST",
    _NAME + ":mergeVersionAliases",
    method=_FAMILY + "mergeVersionAliases",
    access="write",
    notes=(
        documented("An alias with a hyphen before it is taken away."),
        documented("An alias that another version has moves to this one."),
        assumed("The alias default can be moved, not taken away."),
    ),
)
def merge_version_aliases(call: Call) -> Json:
    """Give aliases to a version of a model, or take them away."""
    record, number = _addressed(call)
    aliases: list[str] = call.body.get("versionAliases", [])
    if not aliases:
        raise required("version_aliases")
    wrong = [alias for alias in aliases if not _ALIAS.fullmatch(alias.removeprefix("-"))]
    if wrong or "-default" in aliases:
        refuse("INVALID_ARGUMENT", f"Invalid version alias {(wrong or ['-default'])[0]!r}.")
    model_record.merge_aliases(record, number, aliases)
    resource = record["versions"][number]
    resource["etag"] = names.etag()
    resource["updateTime"] = resource["versionUpdateTime"] = clock.timestamp(call.now)
    model_record.save(call.tx, record)
    return model_record.view(call.tx, record, number)


def _refuse_deployed(tx: Transaction, name: str, number: str = "") -> None:
    refs = model_record.deployments(tx, name, number)
    if not refs and tx.get(model_record.LINGERING, name) is not None:
        refuse("FAILED_PRECONDITION", f"Model `{name}` is still being undeployed. Retry later.")
    if refs:
        refuse(
            "FAILED_PRECONDITION",
            f"Model `{name}` has DeployedModel(s) on: {', '.join(r['endpoint'] for r in refs)}."
            " Undeploy them before deleting the Model.",
        )


@registry.route(
    "DELETE",
    _NAME,
    method=_FAMILY + "delete",
    access="write",
    notes=(
        documented("Refused while any endpoint has a deployed model of it."),
        assumed("A model can be deleted as soon as it is undeployed."),
    ),
)
def delete(call: Call) -> Json:
    """Start the deletion of a model with all its versions."""
    record, _ = _addressed(call)
    name = record["name"]
    _refuse_deployed(call.tx, name)
    plan = Plan(
        metadata_type="DeleteOperationMetadata",
        response_type="google.protobuf.Empty",
        steps=durations.steps(call.settings, "deleteModel"),
        payload={"model": name},
        about=name,
    )
    return operations.start(call, name, plan)


@effect("model.delete")
def _delete(moment: Moment, payload: Json) -> None:
    # A deployment may have finished since the call.
    _refuse_deployed(moment.tx, payload["model"])
    moment.tx.delete(model_record.KIND, payload["model"])


@registry.route(
    "DELETE",
    _NAME + ":deleteVersion",
    method=_FAMILY + "deleteVersion",
    access="write",
    notes=(documented("The default or only version cannot be deleted this way."),),
)
def delete_version(call: Call) -> Json:
    """Start the deletion of one version."""
    record, number = _addressed(call)
    if len(record["versions"]) == 1 or model_record.version_id(record, "") == number:
        refuse("FAILED_PRECONDITION", "The default version of a Model cannot be deleted.")
    _refuse_deployed(call.tx, record["name"], number)
    plan = Plan(
        metadata_type="DeleteOperationMetadata",
        response_type="google.protobuf.Empty",
        steps=durations.steps(call.settings, "deleteModelVersion"),
        payload={"model": record["name"], "number": number},
        about=record["name"],
    )
    return operations.start(call, record["name"], plan)


@effect("model.deleteVersion")
def _delete_version(moment: Moment, payload: Json) -> None:
    record = moment.tx.get(model_record.KIND, payload["model"])
    if record is not None and record["versions"].pop(payload["number"], None) is not None:
        model_record.save(moment.tx, record)
