"""What stands in the cloud, by one listing of each kind, project and region.

State says what a run has seen that ended well. An object that was removed since, or whose removal
was begun, is found here before a preview calls it unchanged.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any, TypeVar

from vertex_custom_weights_provider.api.cloud import Cloud
from vertex_custom_weights_provider.api.messages import (
    Address,
    Endpoint,
    ForwardingRule,
    Model,
    Named,
    Regional,
)
from vertex_custom_weights_provider.api.names import last
from vertex_custom_weights_provider.lifecycle.identity.ownership import (
    left_to_another_state,
    of_another_state,
)
from vertex_custom_weights_provider.lifecycle.status import Status, stands, status_of

N = TypeVar("N", bound=Named)

_DEPLOYMENT = "CustomWeightsDeployment"
_OBJECTS: Mapping[str, tuple[type[Named], str]] = {
    "Endpoint": (Endpoint, "endpointName"),
    _DEPLOYMENT: (Endpoint, "endpointName"),
    "PscAddress": (Address, "addressName"),
    "PscForwardingRule": (ForwardingRule, "forwardingRuleName"),
}
"""Resource type, the object that bears its mark, and the output with its name."""
_ONTO: tuple[type[Named], str] = (Model, "modelName")
"""The same for a deployment onto a given endpoint."""


class Listings:
    """The listings that were taken, each once; safe for any thread."""

    def __init__(self) -> None:
        """Begin with none."""
        self._lock = threading.Lock()
        self._taken: dict[tuple[type[Named], str], Future[dict[str, Named]]] = {}

    def forget(self) -> None:
        """Forget them, because something was changed."""
        with self._lock:
            self._taken.clear()

    def find(self, cloud: Cloud, kind: type[N], name: str) -> N | None:
        """Return an object by its full name as its listing shows it; None when it does not.

        Raises:
            errors.VcwError: there is no listing to be had.
        """
        parent = name.rsplit("/", 2)[0]
        with self._lock:
            known = self._taken.get((kind, parent))
            listing: Future[dict[str, Any]] = known or Future()
            self._taken[kind, parent] = listing
        if known is None:
            _take(listing, cloud, kind, parent)
        return listing.result().get(last(name))


def _take(listing: Future[dict[str, Any]], cloud: Cloud, kind: type[Named], parent: str) -> None:
    client: Any = cloud.compute if issubclass(kind, Regional) else cloud.vertex
    try:
        listing.set_result({last(found.full_name): found for found in client.list(kind, parent)})
    except BaseException as trouble:  # noqa: BLE001 - whoever asks for the result raises it
        listing.set_exception(trouble)


def made_by_another_state(
    resource_type: str, known: Mapping[str, Any], cloud: Cloud
) -> tuple[str, bool]:
    """Return what is said of what another state of the stack has made; empty when it has not.

    The second tells whether it is finished: a creation goes on with what is not.

    Args:
        resource_type: Ours.
        known: Inputs and outputs of what is to be made, as far as they are known.
        cloud: Where it is looked for.

    Raises:
        errors.VcwError: there was no answer.
    """
    kind, output = _object(resource_type, known)
    name = known.get(output)
    if kind is None or not isinstance(name, str) or not name or not cloud.state.key:
        return "", False
    client: Any = cloud.compute if issubclass(kind, Regional) else cloud.vertex
    found: Named | None = client.find(kind, name)
    owner = known.get("owner")
    if found is None or not left_to_another_state(found.labels, owner, cloud.state):
        return "", False
    empty = isinstance(found, Endpoint) and not found.deployed_models
    finished = not (resource_type == _DEPLOYMENT and empty)
    return of_another_state(name, found.labels, finished=finished), finished


def _object(resource_type: str, bag: Mapping[str, Any]) -> tuple[type[Named] | None, str]:
    """Return what kind of object bears the mark of a resource, and the output with its name."""
    onto = resource_type == _DEPLOYMENT and bag.get("endpoint")
    return _ONTO if onto else _OBJECTS.get(resource_type, (None, ""))


def standing(
    resource_type: str, olds: Mapping[str, Any], listings: Listings, cloud: Callable[[], Cloud]
) -> Status:
    """Return the status of what state holds, as a listing shows it.

    Args:
        resource_type: Ours.
        olds: Inputs and outputs in state.
        listings: Those that were taken already.
        cloud: Returns where more are taken.

    Raises:
        errors.VcwError: there is no listing to be had.
    """
    kind, output = _object(resource_type, olds)
    name = str(olds.get(output) or "")
    if kind is None or not name:
        return status_of(olds)
    return stands(olds, listings.find(cloud(), kind, name))
