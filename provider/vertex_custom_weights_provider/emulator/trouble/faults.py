"""Faults: rules added one by one, each with an account of its uses."""

from __future__ import annotations

import secrets

from vertex_custom_weights_provider.emulator.envelope import Json, refuse
from vertex_custom_weights_provider.emulator.http.call import Call
from vertex_custom_weights_provider.emulator.http.routing import Registry
from vertex_custom_weights_provider.emulator.state.transaction import Transaction

from . import rules, usage
from .rules import Rule

_KIND = "fault"

registry = Registry()


def waiting(tx: Transaction) -> list[Rule]:
    """All faults, used up or not, in the order they were added."""
    return [rules.parse(body["rule"], body["id"]) for body in tx.every(_KIND)]


@registry.route(
    "POST", "/_emulator/faults", method="emulator.faults.add", access="write", basis="assumed"
)
def add(call: Call) -> Json:
    """Add a fault: a rule that applies once unless `times` says otherwise."""
    raw: Json = {"times": 1, **call.body}
    fault_id = secrets.token_hex(4)
    rules.parse(raw, fault_id)
    call.tx.put(_KIND, fault_id, {"id": fault_id, "rule": raw}, parent=_KIND)
    return {"id": fault_id, **raw, "used": 0}


@registry.route("GET", "/_emulator/faults", method="emulator.faults.list", basis="assumed")
def list_(call: Call) -> Json:
    """Return all faults with how often each was used, and the ids of those never used up."""
    shown: list[Json] = []
    for body in call.tx.every(_KIND):
        used = usage.of(call.tx, body["id"]).used
        shown.append({"id": body["id"], **body["rule"], "used": used})
    unused = [fault["id"] for fault in shown if fault["used"] < fault["times"]]
    return {"faults": shown, "unused": unused}


@registry.route(
    "DELETE", "/_emulator/faults", method="emulator.faults.clear", access="write", basis="assumed"
)
def clear(call: Call) -> Json:
    """Forget all faults."""
    for body in call.tx.every(_KIND):
        _forget(call.tx, body["id"])
    return {}


@registry.route(
    "DELETE",
    "/_emulator/faults/{id}",
    method="emulator.faults.remove",
    access="write",
    basis="assumed",
)
def remove(call: Call) -> Json:
    """Forget one fault."""
    if not _forget(call.tx, call.params["id"]):
        refuse("NOT_FOUND", f"There is no fault {call.params['id']}.")
    return {}


def _forget(tx: Transaction, fault_id: str) -> bool:
    usage.forget(tx, fault_id)
    return tx.delete(_KIND, fault_id)
