"""Long-running operations, in aiplatform's form.

An operation is a list of steps, each an effect at a time. Its progress is computed when it is read
and its effects happen when their time has passed (see `timers`), so an operation needs no process.
Compute's operations are built on the same steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from vertex_custom_weights_provider.emulator import names
from vertex_custom_weights_provider.emulator.envelope import ApiError, Json
from vertex_custom_weights_provider.emulator.http.call import Call, Outcome
from vertex_custom_weights_provider.emulator.state import clock, timers
from vertex_custom_weights_provider.emulator.state.timers import Moment, effect
from vertex_custom_weights_provider.emulator.state.transaction import Transaction

KIND = "operation"
TYPE_PREFIX = "type.googleapis.com/"


class Step(msgspec.Struct, frozen=True):
    """A part of an operation: what happens `after` so many seconds, and the stage until then."""

    after: float
    effect: str = ""
    stage: str = ""


class Plan(msgspec.Struct, frozen=True):
    """How an operation will go if nothing interferes.

    Attributes:
        metadata_type: Message of the metadata, such as `DeployOperationMetadata`.
        response_type: Message of the response; a `google.protobuf.` type is written as it stands.
        steps: In order; the return value of the last one's effect is the response.
        payload: Handed to each effect, with the operation's name added as `operation`.
        metadata: Fields beside `genericMetadata`.
        about: The resource it works on; while it runs, `concerning` finds it there.
        undo: Effect that takes a failed or cancelled operation back; it gets `leaves` added.
    """

    metadata_type: str
    response_type: str
    steps: tuple[Step, ...]
    payload: Mapping[str, Any]
    metadata: Mapping[str, Any] = msgspec.field(default_factory=dict[str, Any])
    about: str = ""
    undo: str = ""


def _adjusted(plan: Plan, outcome: Outcome | None) -> tuple[list[Step], float | None]:
    """Apply an outcome: return the steps that happen and when the error does."""
    steps = list(plan.steps)
    if outcome is None:
        return steps, None
    total = steps[-1].after
    if outcome.seconds is not None:
        scale = outcome.seconds / total if total else 0.0
        steps = [Step(step.after * scale, step.effect, step.stage) for step in steps]
        total = outcome.seconds
    if outcome.stuck:
        return steps[:-1], None
    if outcome.error is None:
        return steps, None
    failure = total if outcome.after is None else outcome.after
    return [step for step in steps[:-1] if step.after <= failure], failure


def start(call: Call, prefix: str, plan: Plan) -> Json:
    """Start an operation below `prefix` (a location, endpoint or model) and return it."""
    outcome = call.hooks.decide(call, "operation")
    steps, failure = _adjusted(plan, outcome)
    if plan.metadata_type == "DeleteOperationMetadata" and call.tx.speaks(
        "delete-answers-done-at-once"
    ):
        steps = [Step(0.0, step.effect, step.stage) for step in steps]
    renamed = "_OF_A_NEW_KIND" if call.tx.speaks("unknown-enum-values") else ""
    name = f"{prefix}/operations/{names.long_id()}"
    body: Json = {
        "name": name,
        "version": call.version,
        "method": call.method,
        "start": call.now,
        "metadata": dict(plan.metadata),
        "metadataType": plan.metadata_type,
        "responseType": plan.response_type,
        "stages": [[step.after, step.stage + renamed] for step in steps if step.stage],
        "payload": {**plan.payload, "operation": name},
        "undo": plan.undo,
        "leaves": list(outcome.leaves) if outcome else [],
        "finish": None,
    }
    if failure is not None and outcome and outcome.error:
        body["finish"] = call.now + failure
        body["failure"] = outcome.error.as_status()
    elif not (outcome and outcome.stuck):
        body["finish"] = call.now + steps[-1].after
    facets = {"done": "false", "about": plan.about} if plan.about else {"done": "false"}
    call.tx.put(KIND, name, body, prefix, facets)
    last = len(steps) - 1
    for index, step in enumerate(steps):
        ends = failure is None and body["finish"] is not None and index == last
        payload = {"operation": name, "effect": step.effect, "last": ends}
        call.tx.schedule(call.now + step.after, "operation.step", payload, name)
    if failure is not None:
        payload = {"operation": name}
        call.tx.schedule(call.now + failure, "operation.fail", payload, name)
    timers.settle(call.tx, call.now)
    return view(call.tx.get(KIND, name) or body, call.now)


def _broken(moment: Moment, payload: Json, failure: str) -> None:
    """End an operation of which a part failed for a reason of the emulator's."""
    body = moment.tx.get(KIND, payload["operation"])
    if body is not None and "done" not in body:
        error = ApiError.of("INTERNAL", failure).as_status()
        moment.tx.unschedule(body["name"])
        _ended(moment, body, {"error": error})


@effect("operation.step", broken=_broken)
def _step(moment: Moment, payload: Json) -> None:
    body = moment.tx.get(KIND, payload["operation"])
    if body is None or "done" in body:
        return
    result: Any = None
    if payload["effect"]:
        try:
            result = timers.run(payload["effect"], moment, body["payload"])
        except ApiError as error:
            _end(moment, body, {"error": error.as_status()}, undo=True)
            return
    if payload["last"]:
        _end(moment, body, {"response": result or {}})


@effect("operation.fail", broken=_broken)
def _fail(moment: Moment, payload: Json) -> None:
    body = moment.tx.get(KIND, payload["operation"])
    if body is not None and "done" not in body:
        _end(moment, body, {"error": body["failure"]}, undo=True)


def _end(moment: Moment, body: Json, result: Json, *, undo: bool = False) -> None:
    moment.tx.unschedule(body["name"])
    if undo and body["undo"]:
        timers.run(body["undo"], moment, {**body["payload"], "leaves": body["leaves"]})
    _ended(moment, body, result)


def _ended(moment: Moment, body: Json, result: Json) -> None:
    ended = {**body, **result, "done": True, "finish": moment.now}
    prefix = body["name"].rsplit("/operations/", 1)[0]
    moment.tx.put(KIND, body["name"], ended, prefix, {"done": "true"})


def cancel(tx: Transaction, name: str, now: float) -> None:
    """Stop an operation that still runs: it ends with code 1 and takes its work back."""
    body = tx.get(KIND, name)
    if body is not None and "done" not in body:
        error = ApiError.of("CANCELLED", "The operation was cancelled.").as_status()
        _end(Moment(tx, now), body, {"error": error}, undo=True)


def concerning(tx: Transaction, resource: str) -> list[Json]:
    """Return the unfinished operations that work on a resource."""
    return tx.find(KIND, "about", resource)


def _type(body: Json, message: str) -> str:
    if message.startswith("google.protobuf."):
        return TYPE_PREFIX + message
    return f"{TYPE_PREFIX}google.cloud.aiplatform.{body['version']}.{message}"


def _stage(body: Json, now: float) -> str:
    """Name the stage an operation is in; the table holds when each one ends."""
    elapsed = now - body["start"]
    for ends, stage in body["stages"]:
        if elapsed < ends:
            return stage
    return body["stages"][-1][1]


def view(body: Json, now: float) -> Json:
    """Write an operation as the API shows it at a time; `done` is absent until it is."""
    finished = "done" in body
    touched = body["finish"] if finished else now
    generic = {
        "createTime": clock.timestamp(body["start"]),
        "updateTime": clock.timestamp(touched),
    }
    metadata: Json = {
        "@type": _type(body, body["metadataType"]),
        "genericMetadata": generic,
        **body["metadata"],
    }
    if body["stages"]:
        metadata["deploymentStage"] = _final_stage(body) if finished else _stage(body, now)
    shown: Json = {"name": body["name"], "metadata": metadata}
    if finished:
        shown["done"] = True
        if "error" in body:
            shown["error"] = body["error"]
        else:
            response = {"@type": _type(body, body["responseType"]), **body["response"]}
            shown["response"] = response
    return shown


def _final_stage(body: Json) -> str:
    return "FAILED_TO_DEPLOY" if "error" in body else "SUCCESSFULLY_DEPLOYED"
