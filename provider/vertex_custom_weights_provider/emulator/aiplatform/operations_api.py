"""The operations methods: get, list, wait, cancel, delete, in all three scopes."""

from __future__ import annotations

import re

from vertex_custom_weights_provider.emulator import names
from vertex_custom_weights_provider.emulator.envelope import Json, refuse
from vertex_custom_weights_provider.emulator.http.call import Call, assumed, documented
from vertex_custom_weights_provider.emulator.http.paging import list_page
from vertex_custom_weights_provider.emulator.http.routing import Registry
from vertex_custom_weights_provider.emulator.operations import long_poll, operations
from vertex_custom_weights_provider.emulator.state.transaction import Transaction

registry = Registry()

# Discovery scope -> the collection its operations hang under.
_SCOPES = {
    "": "projects/*/locations/*",
    "endpoints.": "projects/*/locations/*/endpoints/*",
    "models.": "projects/*/locations/*/models/*",
}
LONGEST_WAIT = 60.0
_DURATION = re.compile(r"(\d+(?:\.\d+)?)s")


def _name(call: Call) -> str:
    return names.canonical(call.params["name"])


def _load(tx: Transaction, name: str) -> Json:
    body = tx.get(operations.KIND, name)
    if body is None:
        refuse("NOT_FOUND", f"Operation `{name}` is not found.")
    return body


def get(call: Call) -> Json:
    """Return an operation as it stands."""
    return operations.view(_load(call.tx, _name(call)), call.now)


def list_operations(call: Call) -> Json:
    """Return a page of the operations in one scope."""

    def show(body: Json) -> Json:
        return operations.view(body, call.now)

    ignored = call.tx.speaks("operations-list-ignores-filter")
    name = _name(call)
    return list_page(
        call, operations.KIND, name, "operations", show, {"done"}, filtered=not ignored
    )


def wait(call: Call) -> Json:
    """Hold the call until the operation is done or the timeout has passed."""
    asked = _DURATION.fullmatch(call.query.get("timeout", "60s"))
    if asked is None:
        refuse("INVALID_ARGUMENT", f"Invalid timeout {call.query['timeout']!r}.")
    body, now = long_poll.until_done(
        call, lambda tx: _load(tx, _name(call)), min(float(asked.group(1)), LONGEST_WAIT)
    )
    return operations.view(body, now)


def cancel(call: Call) -> Json:
    """Cancel an operation; one that is done stays as it is."""
    _load(call.tx, _name(call))
    if call.tx.speaks("cancel-refused"):
        refuse("UNIMPLEMENTED", "Operation is not implemented, or supported, or enabled.")
    operations.cancel(call.tx, _name(call), call.now)
    return {}


def delete(call: Call) -> Json:
    """Forget an operation that is done."""
    body = _load(call.tx, _name(call))
    if "done" not in body:
        refuse("FAILED_PRECONDITION", f"Operation `{_name(call)}` is still running.")
    call.tx.delete(operations.KIND, _name(call))
    return {}


def _register(scope: str, collection: str) -> None:
    one = "/{version}/{name=" + collection + "/operations/*}"
    family = f"aiplatform.projects.locations.{scope}operations."

    listing = "/{version}/{name=" + collection + "}/operations"
    registry.route("GET", one, method=family + "get")(get)
    registry.route(
        "GET",
        listing,
        method=family + "list",
        notes=(assumed("`filter` knows `done` and `name`."),),
    )(list_operations)
    registry.route(
        "POST",
        one + ":wait",
        method=family + "wait",
        access="none",
        notes=(documented("Best effort: holds the call for at most 60 seconds."),),
    )(wait)
    registry.route(
        "POST",
        one + ":cancel",
        method=family + "cancel",
        access="write",
        notes=(assumed("Cancelling always works, at once, and ends the operation with code 1."),),
    )(cancel)
    registry.route("DELETE", one, method=family + "delete", access="write")(delete)


for _scope, _collection in _SCOPES.items():
    _register(_scope, _collection)
