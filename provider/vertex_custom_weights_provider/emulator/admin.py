"""The emulator's own interface: what it holds, what was done to it, its clock, a clean start."""

from __future__ import annotations

import re
import secrets
from fnmatch import fnmatchcase

from werkzeug.wrappers import Response

from . import attachments
from .compute.allocation import ADDRESS, RULE
from .compute.operations import KIND as COMPUTE_OPERATION
from .envelope import Json, refuse
from .http.call import Call
from .http.fields import whole_number
from .http.routing import Registry
from .operations import operations
from .state import clock, timers
from .state.transaction import Transaction

KINDS = {
    "endpoints": "endpoint",
    "models": "model",
    "addresses": ADDRESS,
    "forwardingRules": RULE,
    "serviceAttachments": attachments.KIND,
    "tombstones": "tombstone",
    "operations": operations.KIND,
    "computeOperations": COMPUTE_OPERATION,
}
_LOG = "mutation"
# Changes that the log keeps, about 3 MB, and how many more it may hold.
KEPT, SLACK = 10_000, 500
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)([smhd]?)")

registry = Registry()


def duration(text: str | float) -> float:
    """Read a span of time: seconds, or a number with s, m, h or d.

    Raises:
        ApiError: 400 when it is neither.
    """
    match = _DURATION.fullmatch(str(text))
    if match is None:
        refuse("INVALID_ARGUMENT", f"{text!r} is no duration; write 600, 600s, 10m, 2h or 7d.")
    return float(match[1]) * _UNITS[match[2]]


def record(call: Call, result: Json | Response) -> None:
    """Append an accepted change to the log, in the transaction that makes it."""
    if call.route.own:
        return
    entry: Json = {
        "time": clock.timestamp(call.now),
        "method": call.method,
        "resource": relative(call.request.path),
    }
    if call.request.environ.get("emulator.replayed"):
        entry["replayed"] = True
    if isinstance(result, dict):
        entry |= _started(call.tx, result)
    call.tx.put(_LOG, secrets.token_hex(8), entry, parent=_LOG)
    call.tx.keep_newest(_LOG, _LOG, KEPT, SLACK)


def _started(tx: Transaction, result: Json) -> Json:
    """Name the operation a change started, and the resource that one works on."""
    if "targetLink" in result:
        return {"operation": relative(result["selfLink"]), "target": relative(result["targetLink"])}
    name = str(result.get("name", ""))
    started = tx.get(operations.KIND, name)
    if started is None:
        return {}
    target = started["payload"].get("endpoint") or name.rsplit("/operations/", 1)[0]
    return {"operation": name, "target": target}


def relative(path: str) -> str:
    """A path without API prefix and version."""
    start = path.find("projects/")
    return path if start < 0 else path[start:]


@registry.route("GET", "/_emulator/log", method="emulator.log.list", basis="assumed")
def log(call: Call) -> Json:
    """Return the newest 10000 accepted changes; narrowed by `after` and `method` (a glob)."""
    after = whole_number(call.query.get("after", "0"))
    if after is None:
        refuse("INVALID_ARGUMENT", f"after={call.query['after']!r} is no position of the log.")
    wanted = call.query.get("method", "*")
    entries = [
        {"position": seq, **entry}
        for seq, entry in call.tx.page(_LOG, _LOG, after=after)
        if fnmatchcase(entry["method"], wanted)
    ]
    return {"entries": entries}


@registry.route(
    "GET", "/_emulator/state", method="emulator.state.get", access="none", basis="assumed"
)
def state(call: Call) -> Json:
    """Return what exists: counts, names, and operations that still run."""
    timers.catch_up(call.store)
    with call.store.read() as tx:
        names = {label: _names(tx, kind) for label, kind in KINDS.items()}
        resources = {label: found for label, found in names.items() if "perations" not in label}
        return {
            "clock": _clock(clock.read(tx)),
            "counts": {label: tx.count(kind) for label, kind in KINDS.items()},
            "running": _running(tx),
            "resources": resources,
        }


def _names(tx: Transaction, kind: str) -> list[str]:
    rows = tx.sql("SELECT name FROM documents WHERE kind = ? ORDER BY seq", (kind,))
    return [row[0] for row in rows]


def _running(tx: Transaction) -> list[str]:
    rows = tx.sql(
        "SELECT name FROM documents WHERE kind IN (?, ?) AND json_extract(body, '$.done') IS NULL"
        " ORDER BY seq",
        (operations.KIND, COMPUTE_OPERATION),
    )
    return [row[0] for row in rows]


@registry.route("POST", "/_emulator/reset", method="emulator.reset", access="none", basis="assumed")
def reset(call: Call) -> Json:
    """Forget everything: resources, operations, log, faults, scenarios, clock."""
    call.store.reset()
    return {}


def _clock(now: clock.Clock) -> Json:
    return {"now": clock.timestamp(now.now()), "factor": now.factor}


@registry.route("GET", "/_emulator/clock", method="emulator.clock.get", basis="assumed")
def get_clock(call: Call) -> Json:
    """Return the virtual time and how fast it runs."""
    return _clock(clock.read(call.tx))


@registry.route(
    "POST", "/_emulator/clock", method="emulator.clock.set", access="write", basis="assumed"
)
def set_clock(call: Call) -> Json:
    """Move the clock forward (`advance`), or change how fast it runs (`factor`)."""
    unknown = set(call.body) - {"advance", "factor"}
    if unknown or not call.body:
        refuse("INVALID_ARGUMENT", 'Send {"advance": "10m"} and/or {"factor": 60}.')
    try:
        if "factor" in call.body:
            clock.set_factor(call.tx, float(call.body["factor"]))
        if "advance" in call.body:
            clock.advance(call.tx, duration(call.body["advance"]))
    except (OverflowError, TypeError, ValueError) as error:
        refuse("INVALID_ARGUMENT", str(error))
    return _clock(clock.read(call.tx))
