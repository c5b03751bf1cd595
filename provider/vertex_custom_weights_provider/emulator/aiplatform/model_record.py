"""How registry models are kept: one record with its versions, shown one version at a time."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from vertex_custom_weights_provider.emulator import names
from vertex_custom_weights_provider.emulator.envelope import Json, refuse
from vertex_custom_weights_provider.emulator.http import fields
from vertex_custom_weights_provider.emulator.state import clock
from vertex_custom_weights_provider.emulator.state.timers import Moment, effect
from vertex_custom_weights_provider.emulator.state.transaction import Transaction

from . import endpoint_record

KIND = "model"
RESERVED = "model.reserved"
LINGERING = "model.lingering"
LINGER_SECONDS = 60.0
INDEXED = {"displayName", "labels."}
CONTAINER = "us-docker.pkg.dev/vertex-ai/vertex-vision-model-garden-dockers/pytorch-vllm-serve"


def split(name: str) -> tuple[str, str]:
    """Split `{model}@{version or alias}`; the second part is empty when absent."""
    base, _, version = name.partition("@")
    return base, version


def load(tx: Transaction, name: str) -> Json:
    """Return the record a name (with or without version) belongs to, or refuse with 404."""
    base, _ = split(name)
    record = tx.get(KIND, base)
    if record is None:
        refuse("NOT_FOUND", f"The Model `{base}` does not exist.")
    return record


def taken(tx: Transaction, name: str) -> bool:
    """Tell whether a model has a name, or an operation is about to give it to one."""
    return tx.get(KIND, name) is not None or tx.get(RESERVED, name) is not None


def reserve(tx: Transaction, name: str) -> None:
    """Keep a name for an operation that will register a model by it."""
    tx.put(RESERVED, name, {})


def release(tx: Transaction, name: str) -> None:
    """Give a reserved name up; the model has it now, or will never."""
    tx.delete(RESERVED, name)


def version_id(record: Json, wanted: str) -> str:
    """Resolve a version id or alias; empty means the default version."""
    versions: dict[str, Json] = record["versions"]
    for number, resource in versions.items():
        aliases = resource.get("versionAliases", [])
        if wanted == number or (wanted or "default") in aliases:
            return number
    return refuse("NOT_FOUND", f"The Model version `{record['name']}@{wanted}` does not exist.")


def takes_invoke(record: Json, number: str) -> bool:
    """Tell whether a version's container can be reached by the invoke route."""
    return bool(record["versions"][number].get("containerSpec", {}).get("invokeRoutePrefix"))


def check_container(container: Json) -> None:
    """Refuse a container whose routes exclude each other."""
    prefix = container.get("invokeRoutePrefix", "/*")
    if prefix != "/*" or ("invokeRoutePrefix" in container and "predictRoute" in container):
        refuse(
            "INVALID_ARGUMENT",
            "container_spec.invoke_route_prefix can only be /*, and without predict_route.",
        )


def add_version(tx: Transaction, name: str, resource: Json, now: float) -> str:
    """Add a version (the first one makes the model) and return its id."""
    record = tx.get(KIND, name) or {"name": name, "versions": {}, "last": 0}
    number = str(record["last"] + 1)
    stamp = clock.timestamp(now)
    aliases = resource.get("versionAliases", [])
    first = not record["versions"]
    record["versions"][number] = {
        "createTime": stamp,
        **_shared(record),
        **resource,
        "name": name,
        "versionId": number,
        "versionAliases": [*aliases, "default"] if first and "default" not in aliases else aliases,
        "versionCreateTime": stamp,
        "versionUpdateTime": stamp,
        "updateTime": stamp,
        "etag": names.etag(),
    }
    record["last"] += 1
    _claim_aliases(record, number)
    save(tx, record)
    return number


def _shared(record: Json) -> Json:
    """Return the fields all versions of a model have in common."""
    for resource in record["versions"].values():
        return {"createTime": resource["createTime"]}
    return {}


def merge_aliases(record: Json, number: str, changes: Sequence[str]) -> None:
    """Give aliases to a version, or with a hyphen before them take them away from it."""
    resource = record["versions"][number]
    gone = {change[1:] for change in changes if change.startswith("-")}
    new = [change for change in changes if not change.startswith("-")]
    kept = [alias for alias in resource.get("versionAliases", []) if alias not in gone]
    resource["versionAliases"] = list(dict.fromkeys([*kept, *new]))
    _claim_aliases(record, number)


def _claim_aliases(record: Json, number: str) -> None:
    """Take the aliases of a version away from all the others: an alias names one version."""
    taken = set(record["versions"][number]["versionAliases"])
    for other, resource in record["versions"].items():
        if other != number:
            kept = [alias for alias in resource.get("versionAliases", []) if alias not in taken]
            resource["versionAliases"] = kept


def save(tx: Transaction, record: Json) -> None:
    """Store a record; lists find it by the fields of its default version."""
    record["versions"] = fields.without_defaults(record["versions"])
    shown = record["versions"][version_id(record, "")]
    facets = {f"labels.{key}": value for key, value in shown.get("labels", {}).items()}
    if shown.get("displayName"):
        facets["displayName"] = shown["displayName"]
    tx.put(KIND, record["name"], record, endpoint_record.location_of(record["name"]), facets)


def linger(moment: Moment, name: str) -> None:
    """Let a model count as deployed for a while."""
    base, _ = split(name)
    moment.tx.unschedule(f"lingering:{base}")
    moment.tx.put(LINGERING, base, {})
    due = moment.now + LINGER_SECONDS
    moment.tx.schedule(due, "model.free", {"model": base}, f"lingering:{base}")


@effect("model.free")
def _free(moment: Moment, payload: Json) -> None:
    moment.tx.delete(LINGERING, payload["model"])


def deployments(tx: Transaction, name: str, number: str = "") -> list[Json]:
    """Return where a model (or one version of it) is deployed, as the API lists it."""
    refs: list[Json] = []
    for record in tx.find(endpoint_record.KIND, f"deploys:{name}", "1"):
        endpoint = record["resource"]
        refs += [
            {"endpoint": endpoint["name"], "deployedModelId": deployed["id"]}
            for deployed in endpoint.get("deployedModels", [])
            if split(deployed["model"])[0] == name
            and number in ("", deployed.get("modelVersionId", ""))
        ]
    return refs


def view(tx: Transaction, record: Json, number: str) -> Json:
    """Write one version as the API shows it."""
    shown: dict[str, Any] = copy.deepcopy(record["versions"][number])
    shown["deployedModels"] = deployments(tx, record["name"], number)
    return {key: value for key, value in shown.items() if value not in ({}, [])}
