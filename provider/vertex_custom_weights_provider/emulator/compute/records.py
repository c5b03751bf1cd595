"""How addresses and forwarding rules are kept, and what both do alike.

A record is `resource` (as the API shows it, without what is computed on reading), `project` and
`region` as they were addressed, and `state`: `creating`, `ready` or `deleting`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vertex_custom_weights_provider.emulator.envelope import ApiError, Json
from vertex_custom_weights_provider.emulator.http.call import Call
from vertex_custom_weights_provider.emulator.state import clock
from vertex_custom_weights_provider.emulator.state.timers import Moment, effect
from vertex_custom_weights_provider.emulator.state.transaction import Transaction

from .naming import (
    Locator,
    Region,
    check_labels,
    label_fingerprint,
    not_found,
    numeric_id,
    require_fingerprint,
)
from .operations import Change, start

_STALE_LABELS = "Labels fingerprint either invalid or resource labels have changed"


def stamp(locator: Locator, kind: str, now: float, fields: Mapping[str, Any]) -> Json:
    """A new record: what the server adds to every resource, then the given fields."""
    region = locator.region
    resource: Json = {
        "kind": kind,
        "id": numeric_id(),
        "creationTimestamp": clock.compute_timestamp(now),
        "name": locator.name,
        "region": region.url,
        "selfLink": locator.url,
        **fields,
    }
    resource["labelFingerprint"] = label_fingerprint(resource.get("labels"))
    return {
        "resource": resource,
        "project": region.project,
        "region": region.name,
        "collection": locator.collection,
        "state": "creating",
    }


def locator_of(record: Json) -> Locator:
    """Where a record belongs."""
    region = Region(record["project"], record["region"])
    return Locator(region, record["collection"], record["resource"]["name"])


def save(tx: Transaction, kind: str, record: Json, facets: Mapping[str, str] | None = None) -> None:
    """Store a record."""
    locator = locator_of(record)
    tx.put(kind, locator.key, record, parent=locator.region.key, facets=facets)


def load(tx: Transaction, kind: str, locator: Locator) -> Json:
    """Return a record.

    Raises:
        ApiError: 404 when there is none.
    """
    record = tx.get(kind, locator.key)
    if record is None:
        raise not_found(locator.path)
    return record


def load_ready(tx: Transaction, kind: str, locator: Locator) -> Json:
    """Return a record that may be changed.

    Raises:
        ApiError: 404, or 400 while an operation that creates or deletes it still runs.
    """
    record = load(tx, kind, locator)
    if record["state"] != "ready":
        message = f"The resource '{locator.path}' is not ready"
        raise ApiError(400, "FAILED_PRECONDITION", message, reason="resourceNotReady")
    return record


def refuse_taken(tx: Transaction, kind: str, locator: Locator) -> None:
    """Refuse a name that is in use."""
    if tx.get(kind, locator.key) is not None:
        message = f"The resource '{locator.path}' already exists"
        raise ApiError(409, "ALREADY_EXISTS", message, reason="alreadyExists")


def created(call: Call, kind: str, record: Json, failure: ApiError | None = None) -> Json:
    """Start the operation that makes a stored record ready, or takes it away again."""
    return _changing(call, kind, record, "insert", ("compute.ready", "compute.remove"), failure)


def deleted(call: Call, kind: str, record: Json) -> Json:
    """Start the operation that takes a record away."""
    save(call.tx, kind, {**record, "state": "deleting"})
    return _changing(call, kind, record, "delete", ("compute.remove", "compute.ready"))


def changed(call: Call, kind: str, record: Json, verb: str) -> Json:
    """Store a change, and start the operation that reports it, or takes it back if it fails."""
    before = load(call.tx, kind, locator_of(record))
    save(call.tx, kind, record)
    return _changing(call, kind, record, verb, ("", "compute.restore"), before=before)


def _changing(
    call: Call,
    kind: str,
    record: Json,
    verb: str,
    effects: tuple[str, str],
    failure: ApiError | None = None,
    before: Json | None = None,
) -> Json:
    locator = locator_of(record)
    change = Change(
        kind=verb,
        target=locator,
        target_id=record["resource"]["id"],
        effect=effects[0],
        undo=effects[1],
        payload={"kind": kind, "key": locator.key, "before": before},
        failure=failure,
    )
    return start(call, change)


def set_labels(call: Call, kind: str, record: Json) -> Json:
    """Replace all labels of a record, if the client knew the present ones."""
    resource = record["resource"]
    sent = call.body.get("labelFingerprint")
    require_fingerprint(sent, resource["labelFingerprint"], _STALE_LABELS)
    labels = call.body.get("labels", {})
    check_labels(labels)
    resource.pop("labels", None)
    if labels:
        resource["labels"] = labels
    resource["labelFingerprint"] = label_fingerprint(labels)
    return changed(call, kind, record, "setLabels")


@effect("compute.ready")
def _ready(moment: Moment, payload: Json) -> None:
    record = moment.tx.get(payload["kind"], payload["key"])
    if record is not None:
        save(moment.tx, payload["kind"], {**record, "state": "ready"})


@effect("compute.restore")
def _restore(moment: Moment, payload: Json) -> None:
    if moment.tx.get(payload["kind"], payload["key"]) is not None:
        save(moment.tx, payload["kind"], payload["before"])


@effect("compute.remove")
def _remove(moment: Moment, payload: Json) -> None:
    moment.tx.delete(payload["kind"], payload["key"])
