"""Compute's operations: RUNNING until their time has passed, then DONE; replayed by request id."""

from __future__ import annotations

import re
import secrets
import uuid
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import msgspec

from vertex_custom_weights_provider.emulator import names
from vertex_custom_weights_provider.emulator.envelope import ApiError, Json
from vertex_custom_weights_provider.emulator.http.call import Call, assumed, documented
from vertex_custom_weights_provider.emulator.http.routing import Registry
from vertex_custom_weights_provider.emulator.operations import long_poll
from vertex_custom_weights_provider.emulator.state import clock, timers
from vertex_custom_weights_provider.emulator.state.timers import Moment, effect
from vertex_custom_weights_provider.emulator.state.transaction import Transaction

from .listing import listing
from .naming import Locator, Region, invalid, not_found, numeric_id, region_of

KIND = "computeOperation"
LONGEST_WAIT = 120.0
_OPERATIONS = "/compute/v1/projects/{project}/regions/{region}/operations"

registry = Registry()


class Change(msgspec.Struct, frozen=True):
    """A change that an operation stands for.

    Attributes:
        kind: The operation's type, such as `insert`.
        target: What changes.
        target_id: Its numeric id.
        effect: Happens when the operation succeeds.
        undo: Happens when it fails instead.
        payload: Handed to either.
        failure: Known already: the operation will end with this.
    """

    kind: str
    target: Locator
    target_id: str
    effect: str = ""
    undo: str = ""
    payload: Mapping[str, Any] = msgspec.field(default_factory=dict[str, Any])
    failure: ApiError | None = None


Mutation = Callable[[Call], Json]


def replayable(handler: Mutation) -> Mutation:
    """Answer a repeated request id with the operation it started, before looking at anything else.

    So a client that lost an answer may ask again, even after a delete has removed its resource.
    """

    @wraps(handler)
    def replay(call: Call) -> Json:
        request_id = _request_id(call)
        known = call.tx.find(KIND, "requestId", request_id) if request_id else []
        if not known:
            return handler(call)
        call.request.environ["emulator.replayed"] = True
        return view(known[0], call.now)

    return replay


def _request_id(call: Call) -> str:
    """The request id, scoped to its project; empty when none was sent."""
    sent = call.query.get("requestId", "")
    if not sent:
        return ""
    try:
        parsed = uuid.UUID(sent)
    except ValueError:
        raise invalid("requestId", sent, "Must be a UUID.") from None
    if not parsed.int:
        raise invalid("requestId", sent, "The zero UUID is not supported.")
    return f"{names.project_number(call.params['project'])}/{parsed}"


def start(call: Call, change: Change) -> Json:
    """Start an operation and return it."""
    outcome = call.hooks.decide(call, "operation")
    seconds = call.settings.operation_duration
    failure = change.failure
    if outcome is not None:
        failure = outcome.error or failure
        seconds = seconds if outcome.seconds is None else outcome.seconds
        seconds = outcome.after if failure and outcome.after is not None else seconds
    region = change.target.region
    locator = Locator(region, "operations", _name(call.now))
    body: Json = {
        "path": locator.path,
        "region": {"project": region.project, "name": region.name},
        "id": numeric_id(),
        "type": change.kind,
        "target": change.target.path,
        "targetId": change.target_id,
        "start": call.now,
        "finish": None if outcome and outcome.stuck else call.now + seconds,
        "effect": change.effect,
        "undo": change.undo,
        "payload": dict(change.payload),
        "failure": _failure(failure) if failure else None,
    }
    request_id = _request_id(call)
    facets = {"requestId": request_id} if request_id else None
    call.tx.put(KIND, locator.key, body, parent=region.key, facets=facets)
    if body["finish"] is not None:
        call.tx.schedule(body["finish"], "compute.finish", {"operation": locator.key}, locator.key)
    timers.settle(call.tx, call.now)
    return view(call.tx.get(KIND, locator.key) or body, call.now)


def _name(now: float) -> str:
    return f"operation-{int(now * 1000)}-{secrets.token_hex(6)}-{secrets.token_hex(4)}"


def _failure(error: ApiError) -> Json:
    code = re.sub(r"(?<!^)([A-Z])", r"_\1", error.reason).upper()
    return {"code": code, "message": error.message, "http": error.http, "status": error.status}


def _broken(moment: Moment, payload: Json, failure: str) -> None:
    """End an operation whose change failed for a reason of the emulator's."""
    body = moment.tx.get(KIND, payload["operation"])
    if body is not None:
        error = _failure(ApiError.of("INTERNAL", failure))
        done = {**body, "done": True, "failure": error}
        moment.tx.put(KIND, payload["operation"], done, parent=Region(**body["region"]).key)


@effect("compute.finish", broken=_broken)
def _finish(moment: Moment, payload: Json) -> None:
    body = moment.tx.get(KIND, payload["operation"])
    if body is None:
        return
    chosen = body["undo"] if body["failure"] else body["effect"]
    if chosen:
        timers.run(chosen, moment, body["payload"])
    region = Region(**body["region"])
    done = {**body, "done": True}
    moment.tx.put(KIND, payload["operation"], done, parent=region.key)


def view(body: Json, now: float) -> Json:
    """An operation as the API shows it."""
    region = Region(**body["region"])
    name = body["path"].rsplit("/", 1)[1]
    target = body["target"]
    shown: Json = {
        "kind": "compute#operation",
        "id": body["id"],
        "name": name,
        "operationType": body["type"],
        "targetLink": f"{region.url.removesuffix(region.path)}{target}",
        "targetId": body["targetId"],
        "status": "DONE" if "done" in body else "RUNNING",
        "user": "emulator@vertex-custom-weights.invalid",
        "progress": 100 if "done" in body else 0,
        "insertTime": clock.compute_timestamp(body["start"]),
        "startTime": clock.compute_timestamp(body["start"]),
        "region": region.url,
        "selfLink": Locator(region, "operations", name).url,
    }
    if "done" in body:
        shown["endTime"] = clock.compute_timestamp(body["finish"])
        if failure := body["failure"]:
            shown["error"] = {"errors": [{k: failure[k] for k in ("code", "message")}]}
            shown["httpErrorStatusCode"] = failure["http"]
            shown["httpErrorMessage"] = failure["status"].replace("_", " ")
    return shown


def _locate(call: Call) -> Locator:
    return Locator(region_of(call), "operations", call.params["operation"])


def _require(tx: Transaction, locator: Locator) -> Json:
    body = tx.get(KIND, locator.key)
    if body is None:
        raise not_found(locator.path)
    return body


@registry.route("GET", _OPERATIONS + "/{operation}", method="compute.regionOperations.get")
def get(call: Call) -> Json:
    """Return an operation."""
    return view(_require(call.tx, _locate(call)), call.now)


@registry.route("GET", _OPERATIONS, method="compute.regionOperations.list")
def list_(call: Call) -> Json:
    """Return a page of operations."""
    region = region_of(call)
    page = listing(call, KIND, region.key, lambda body: view(body, call.now))
    return {"kind": "compute#operationList", "selfLink": f"{region.url}/operations", **page}


@registry.route(
    "DELETE",
    _OPERATIONS + "/{operation}",
    method="compute.regionOperations.delete",
    access="write",
    notes=[assumed("An operation can be deleted before it is done; its change happens anyway.")],
)
def delete(call: Call) -> Json:
    """Take an operation off the lists."""
    locator = _locate(call)
    call.tx.put(KIND, locator.key, _require(call.tx, locator), parent="")
    return {}


@registry.route(
    "POST",
    _OPERATIONS + "/{operation}/wait",
    method="compute.regionOperations.wait",
    access="none",
    notes=[documented("Answers when the operation is done, at the latest after two minutes.")],
)
def wait(call: Call) -> Json:
    """Block until an operation is done, or for two minutes."""
    locator = _locate(call)
    body, now = long_poll.until_done(call, lambda tx: _require(tx, locator), LONGEST_WAIT)
    return view(body, now)
