"""How endpoints are kept: the resource as the API shows it, beside what only the server knows.

A record is `resource`, `hidden` (its id is taken but it cannot be seen yet), `attachment` (the
service attachment behind its deployments) and `replicas` (how each deployed model is scaling).
"""

from __future__ import annotations

import copy
from typing import Any

from vertex_custom_weights_provider.emulator import attachments, names
from vertex_custom_weights_provider.emulator.envelope import Json, refuse
from vertex_custom_weights_provider.emulator.http import fields
from vertex_custom_weights_provider.emulator.operations import operations
from vertex_custom_weights_provider.emulator.state import clock
from vertex_custom_weights_provider.emulator.state.timers import Moment, effect
from vertex_custom_weights_provider.emulator.state.transaction import Transaction

KIND = "endpoint"
TOMBSTONE = "tombstone"
TOMBSTONE_SECONDS = 7 * 86_400.0
SCALE_SECONDS = 2.0
_SHORT = (
    "The deployment is serving with {ready} of {wanted} replicas. The others wait for capacity."
)
INDEXED = {"displayName", "labels."}
DEPLOYING = (
    "aiplatform.projects.locations.deploy",
    "aiplatform.projects.locations.endpoints.deployModel",
)


def location_of(name: str) -> str:
    """Return the location a resource name lies in."""
    return "/".join(name.split("/")[:4])


def dedicated_dns(endpoint_id: str, region: str, number: str) -> str:
    """Return the public host name of an endpoint."""
    return f"{endpoint_id}.{region}-{number}.prediction.vertexai.goog"


def find(tx: Transaction, name: str) -> Json | None:
    """Return the record of an endpoint that can be seen."""
    record = tx.get(KIND, name)
    return None if record is None or record["hidden"] else record


def load(tx: Transaction, name: str) -> Json:
    """Return the record of an endpoint, or refuse with 404."""
    record = find(tx, name)
    if record is None:
        refuse("NOT_FOUND", f"Endpoint `{name}` is not found.")
    return record


def conflict(tx: Transaction, name: str) -> str:
    """Say why a name cannot be taken now; empty when it can."""
    if tx.get(KIND, name) is not None:
        return f"Endpoint `{name}` already exists."
    if tx.get(TOMBSTONE, name) is not None:
        return f"Endpoint `{name}` already exists: it was deleted less than 7 days ago."
    return ""


def new(tx: Transaction, name: str, resource: Json, now: float) -> Json:
    """Take a name for an endpoint that cannot be seen yet."""
    stamped: Json = {"name": name, **resource, "createTime": clock.timestamp(now)}
    config = stamped.get("privateServiceConnectConfig", {})
    if "projectAllowlist" in config and tx.speaks("project-number-everywhere"):
        numbers = [names.project_number(project) for project in config["projectAllowlist"]]
        stamped["privateServiceConnectConfig"] = {**config, "projectAllowlist": numbers}
    record = {"resource": stamped, "hidden": True, "attachment": "", "replicas": {}}
    save(tx, record, now)
    return record


def save(tx: Transaction, record: Json, now: float) -> None:
    """Store a record; every write gives it a new etag."""
    resource = record["resource"] = fields.without_defaults(record["resource"])
    resource["etag"] = names.etag()
    resource["updateTime"] = clock.timestamp(now)
    facets = {f"labels.{key}": value for key, value in resource.get("labels", {}).items()}
    if resource.get("displayName"):
        facets["displayName"] = resource["displayName"]
    if resource.get("dedicatedEndpointDns"):
        facets["dns"] = resource["dedicatedEndpointDns"]
    if record["attachment"]:
        facets["attachment"] = record["attachment"]
    for deployed in resource.get("deployedModels", []):
        facets[f"deploys:{deployed['model'].split('@')[0]}"] = "1"
    parent = "" if record["hidden"] else location_of(resource["name"])
    tx.put(KIND, resource["name"], record, parent, facets)


def remove(tx: Transaction, name: str, now: float) -> None:
    """Delete an endpoint; one that could be seen leaves its name unusable for seven days."""
    record = tx.get(KIND, name)
    if record is None:
        return
    tx.delete(KIND, name)
    if record["attachment"]:
        attachments.release(tx, record["attachment"], now)
    if not record["hidden"]:
        until = now + TOMBSTONE_SECONDS
        tx.put(TOMBSTONE, name, {"until": until})
        tx.schedule(until, "tombstone.expire", {"name": name})


@effect("tombstone.expire")
def _forget(moment: Moment, payload: Json) -> None:
    moment.tx.delete(TOMBSTONE, payload["name"])


def is_dedicated(record: Json) -> bool:
    """Tell whether an endpoint is served apart from the shared regional host."""
    resource = record["resource"]
    private = resource.get("privateServiceConnectConfig", {}).get("enablePrivateServiceConnect")
    return bool(resource.get("dedicatedEndpointEnabled") or private)


def deployed(record: Json, deployed_id: str) -> Json | None:
    """Return one deployed model of an endpoint."""
    for model in record["resource"].get("deployedModels", []):
        if model["id"] == deployed_id:
            return model
    return None


def deployed_ids(record: Json) -> list[str]:
    """Return the ids of an endpoint's deployed models."""
    return [model["id"] for model in record["resource"].get("deployedModels", [])]


def refuse_busy(tx: Transaction, name: str, methods: tuple[str, ...]) -> None:
    """Refuse while an operation by one of the methods still works on the endpoint."""
    others = [body for body in operations.concerning(tx, name) if body["method"] in methods]
    if others:
        listed = ", ".join(body["name"] for body in others)
        refuse(
            "FAILED_PRECONDITION",
            f'There are other operations running on the Endpoint "{name}".'
            f" Operation(s) are: {listed}.",
        )


def scale(record: Json, deployed_id: str, target: int, now: float) -> None:
    """Begin to scale a deployed model's replicas to a target."""
    known = record["replicas"].get(deployed_id)
    current = 0 if known is None else available(known, now)
    kept = {key: known[key] for key in ("idle", "asked") if known and key in known}
    record["replicas"][deployed_id] = {**kept, "from": current, "to": target, "since": now}


def asleep(scaling: Json, now: float) -> bool:
    """Tell whether a deployment has scaled to zero, for want of requests."""
    return "idle" in scaling and now >= scaling["asked"] + scaling["idle"]


def available(scaling: Json, now: float) -> int:
    """Return how many replicas answer at a time; a change takes a few seconds."""
    if asleep(scaling, now):
        return 0
    share = min(1.0, max(0.0, (now - scaling["since"]) / SCALE_SECONDS))
    return round(scaling["from"] + (scaling["to"] - scaling["from"]) * share)


def view(record: Json, now: float) -> Json:
    """Write an endpoint as the API shows it at a time; default values are left out."""
    shown = copy.deepcopy(record["resource"])
    for model in shown.get("deployedModels", []):
        scaling = record["replicas"].get(model["id"])
        if scaling:
            moving = scaling["from"] != scaling["to"]
            settled = min(now, scaling["since"] + (SCALE_SECONDS if moving else 0.0))
            status: dict[str, Any] = {"lastUpdateTime": clock.timestamp(settled)}
            ready = available(scaling, now)
            if ready:
                status["availableReplicaCount"] = ready
            if ready < scaling["to"] and not asleep(scaling, now):
                status["message"] = _SHORT.format(ready=ready, wanted=scaling["to"])
            model["status"] = status
    return {key: value for key, value in shown.items() if value not in ({}, [])}
