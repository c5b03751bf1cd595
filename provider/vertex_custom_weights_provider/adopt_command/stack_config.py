"""Stack configuration whose components adopt what was found, where components can say all of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from vertex_custom_weights_provider.adopt_command import arguments
from vertex_custom_weights_provider.adopt_command.found import Group, Survey, Thing
from vertex_custom_weights_provider.adopt_command.python_layout import comment
from vertex_custom_weights_provider.api.names import path

_INDENT = "    "
_MACHINE = {
    "machine_type": "type",
    "accelerator_type": "accelerator",
    "accelerator_count": "acceleratorCount",
}
_REPLICAS = {"min_replica_count": "min", "max_replica_count": "max"}
# Names are changed in place to the component's; the log of containers is left as it is.
_CHOSEN = {
    "display_name",
    "enable_container_logging",
    "endpoint",
    "endpoint_display_name",
    "labels",
    "location",
    "model_display_name",
    "project",
}
Entry = dict[str, Any]


class _DoesNotFit(Exception):
    """A component has no word for something; the message says for what."""


def stack_config(survey: Survey) -> str:
    """Return the YAML text: an entry of `vertex-custom-weights:endpoints` for each that fits."""
    blocks: list[str] = []
    left = list(survey.passed_over)
    for group in survey.groups:
        try:
            blocks.append(_block(group, survey.defaults))
        except _DoesNotFit as reason:
            left.append(f"{group.endpoint} ({group.title}): {reason}")
    lines = comment(f"Custom weights that `vcw adopt` found in project {survey.project}.")
    if blocks:
        lines += ["config:", "  vertex-custom-weights:endpoints:", *blocks]
    if left:
        lines += ["# Not in here (`--format program` can say more):"]
        lines += [line for sentence in left for line in comment(sentence)]
    return "\n".join(lines) + "\n"


def _block(group: Group, defaults: Mapping[str, str]) -> str:
    import yaml

    name, entry = _entry(group, defaults)
    told = [line for thing in group.free for said in thing.remarks for line in comment(said)]
    text = yaml.safe_dump({name: entry}, sort_keys=False, allow_unicode=True, width=1000)
    lines = [*comment(f"{group.title}: {group.endpoint}"), *told, *text.splitlines()]
    return "\n".join(f"{_INDENT}{line}" for line in lines)


def _entry(group: Group, defaults: Mapping[str, str]) -> tuple[str, Entry]:
    """Return name and arguments of the component.

    Raises:
        _DoesNotFit: it cannot be one.
    """
    deployment = _sole(group)
    given = arguments.of(deployment, defaults)
    endpoints = [thing for thing in group.things if thing.kind == "Endpoint"]
    here = arguments.of(endpoints[0], defaults) if endpoints else given
    entry: Entry = {"weightsUri": given.pop("gcs_uri")}
    entry |= {key: given.pop(key) for key in ("project", "location") if key in given}
    entry |= _resources(given.pop("dedicated_resources", {}))
    access = here.pop("private_service_connect_config", None)
    entry |= {"public": True} if access is None else _access(access, group)
    labels = here.pop("labels", None)
    entry |= {"labels": labels} if labels else {}
    entry["deployment"] = _how(deployment, given, kept=bool(endpoints))
    _require_all_said(given)
    if endpoints:
        if not here.pop("dedicated_endpoint_enabled", False) and access is None:
            raise _DoesNotFit("it is served from the shared host of the region.")
        _require_all_said(here)
    return group.things[0].name, entry


def _sole(group: Group) -> Thing:
    """Return the one deployment of a group that nobody manages."""
    held = next((thing for thing in group.things if thing.holder), None)
    if held is not None:
        raise _DoesNotFit(f"{held.id} belongs to {held.holder} (project/stack/resource).")
    deployments = [thing for thing in group.things if thing.kind == "CustomWeightsDeployment"]
    if len(deployments) != 1 or any(thing.kind == "TrafficSplit" for thing in group.things):
        raise _DoesNotFit("several deployments share it, each with a share of the traffic.")
    return deployments[0]


def _how(deployment: Thing, given: Entry, *, kept: bool) -> Entry:
    how = {"rollout": "same-endpoint"} if kept else {}
    account = given.pop("service_account", None)
    return {**how, "adopt": deployment.id, **({"serviceAccount": account} if account else {})}


def _resources(resources: Entry) -> Entry:
    """Return `machine` and `replicas`."""
    spec: Entry = resources.pop("machine_spec", {})
    machine = {word: spec.pop(key) for key, word in _MACHINE.items() if key in spec}
    replicas = {word: resources.pop(key) for key, word in _REPLICAS.items() if key in resources}
    _require_all_said(spec)
    _require_all_said(resources)
    return {
        **({"machine": machine} if machine else {}),
        **({"replicas": replicas} if replicas else {}),
    }


def _access(access: Entry, group: Group) -> Entry:
    """Return `privateServiceConnect`."""
    found: Entry = {"allowedProjects": access.pop("project_allowlist")}
    _require_all_said(access)
    connections = list(_connections(group))
    if len(connections) == 1:
        found |= connections[0]
    elif connections:
        named = [{"name": f"n{number}"} | one for number, one in enumerate(connections, 1)]
        found["connections"] = named
    return {"privateServiceConnect": found}


def _connections(group: Group) -> Iterator[Entry]:
    addresses = [thing for thing in group.things if thing.kind == "PscAddress"]
    for rule in (thing for thing in group.things if thing.kind == "PscForwardingRule"):
        given = arguments.of(rule, {})
        address = next(
            (one for one in addresses if one.outputs["ipAddress"] == given["address"]), None
        )
        if address is None:
            raise _DoesNotFit(f"{rule.id} has no reserved address, which a component would need.")
        reserved = arguments.of(address, {})
        entry: Entry = {
            "network": path(given["network"]),
            "subnetwork": path(reserved["subnetwork"]),
            "adoptAddress": address.id,
            "adoptForwardingRule": rule.id,
        }
        if given.get("allow_psc_global_access"):
            entry["globalAccess"] = True
        for one in (given, reserved):
            _require_all_said({key: one[key] for key in ("description", "labels") if key in one})
        yield entry


def _require_all_said(left: Entry) -> None:
    """Refuse what the component has no word for, but for what it chooses itself."""
    unsaid = sorted(left.keys() - _CHOSEN)
    if unsaid:
        raise _DoesNotFit(f"components have no word for {', '.join(unsaid)}.")
