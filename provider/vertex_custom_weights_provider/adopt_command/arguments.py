"""The arguments a program has to write so that nothing changes: what differs from the defaults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from vertex_custom_weights_provider.adopt_command.found import Thing

Arguments = dict[str, Any]

_NAMED_BY_ADOPT = ("owner", "name", "endpoint_id", "endpoint_user_id", "model_user_id")
_PLACES = ("project", "location", "region")
_REPLICAS = "min_replica_count"


def of(thing: Thing, defaults: Mapping[str, str]) -> Arguments:
    """Return Python arguments of the resource, without `adopt`.

    Args:
        thing: What is described.
        defaults: Values that the program need not write: those of the stack's configuration.
    """
    found: Arguments = thing.spec.arguments()
    for key in (*_NAMED_BY_ADOPT, "adopt"):
        found.pop(key, None)
    for key in _PLACES:
        if key in found and found[key] == defaults.get(key):
            del found[key]
    for key, trim in _TRIMMED.items():
        if key in found:
            trim(found, thing)
    return found


def _display_name(key: str) -> Callable[[Arguments, Thing], None]:
    def trim(found: Arguments, thing: Thing) -> None:
        if found[key] == thing.name:  # the default
            del found[key]

    return trim


def _private(found: Arguments, _: Thing) -> None:
    found["private_service_connect_config"].pop("enable_private_service_connect", None)


def _resources(found: Arguments, _: Thing) -> None:
    """Leave out counts that follow from others; the machine is said, so that it stays."""
    resources: Arguments = found["dedicated_resources"]
    least = resources.get(_REPLICAS, 1)
    for key in ("max_replica_count", "required_replica_count"):
        if resources.get(key) == least:
            del resources[key]
    if least == 1:
        resources.pop(_REPLICAS, None)


def _logging(found: Arguments, _: Thing) -> None:
    if found["enable_container_logging"] == ("endpoint" not in found):  # as the service does it
        del found["enable_container_logging"]


def _address(found: Arguments, thing: Thing) -> None:
    if thing.kind == "PscAddress":  # it was allocated, for all that one can see
        del found["address"]


_TRIMMED: Mapping[str, Callable[[Arguments, Thing], None]] = {
    "display_name": _display_name("display_name"),
    "endpoint_display_name": _display_name("endpoint_display_name"),
    "model_display_name": _display_name("model_display_name"),
    "private_service_connect_config": _private,
    "dedicated_resources": _resources,
    "enable_container_logging": _logging,
    "address": _address,
}
