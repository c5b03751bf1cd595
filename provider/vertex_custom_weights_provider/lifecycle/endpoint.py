"""The life of an `Endpoint`: an endpoint that deployments are made onto."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.cloud import Cloud, StackState
from vertex_custom_weights_provider.api.messages import Endpoint, Json, Operation
from vertex_custom_weights_provider.api.names import last
from vertex_custom_weights_provider.lifecycle.contract import Examined, Live, Outputs, timeouts_of
from vertex_custom_weights_provider.lifecycle.deployment import left_behind, other_tenants
from vertex_custom_weights_provider.lifecycle.diff import (
    PropertyChange,
    compare,
    is_default,
    without_service_defaults,
)
from vertex_custom_weights_provider.lifecycle.identity import ids, lost_mark, ownership
from vertex_custom_weights_provider.lifecycle.references.locations import location_problems
from vertex_custom_weights_provider.lifecycle.status import (
    INCOMPLETE,
    OUTPUT,
    Status,
    seen,
    status_of,
)
from vertex_custom_weights_provider.lifecycle.steps import psc_automation, removal
from vertex_custom_weights_provider.lifecycle.steps import vertex_objects as objects
from vertex_custom_weights_provider.lifecycle.steps.making import Making, SoFar, make
from vertex_custom_weights_provider.lifecycle.steps.waiting import (
    Goal,
    achieve,
    finish,
    unfinished,
)
from vertex_custom_weights_provider.properties.endpoint import EndpointSpec
from vertex_custom_weights_provider.properties.parsing import Parsed, load
from vertex_custom_weights_provider.properties.table import output_names

model = EndpointSpec

# What the API calls each input, and by which call it changes. `clientConnectionConfig` alone goes
# through the long-running `:update`.
_PATCHED = ("displayName", "description", "predictRequestResponseLoggingConfig")
_UPDATED = "clientConnectionConfig"
_CREATED = (
    *_PATCHED,
    _UPDATED,
    "privateServiceConnectConfig",
    "dedicatedEndpointEnabled",
    "network",
    "encryptionSpec",
)
_DEFAULT_TIMEOUT = {"inferenceTimeout": "600s"}
_REPLACING = ("project", "location", "generation", *_CREATED[4:])


def examine(
    parsed: Parsed[EndpointSpec], old: Mapping[str, Any], urn: str | None, cloud: Cloud
) -> Examined:
    """Choose the endpoint id: the old one while the resource lives, else from owner and inputs."""
    del cloud
    spec = parsed.spec
    chosen: dict[str, Any] = {}
    if urn and spec.display_name is None:
        chosen["displayName"] = old.get("displayName") or ids.resource_name(urn)
    if spec.endpoint_id is None and parsed.known("endpointId"):
        if old.get("endpointId"):
            chosen["endpointId"] = old["endpointId"]
        elif urn and parsed.known(*_REPLACING):
            wire = spec.wire()
            chosen["endpointId"] = ids.choose(urn, *(wire.get(key) for key in _REPLACING))
    return Examined(chosen, tuple(location_problems(parsed, old)))


def previewed(inputs: Mapping[str, Any]) -> tuple[Outputs, Iterable[str]]:
    """Return what is known of the endpoint before it exists."""
    known: Outputs = {}
    if all(isinstance(inputs.get(key), str) for key in ("project", "location", "endpointId")):
        known["endpointName"] = _name(inputs["project"], inputs["location"], inputs["endpointId"])
    known[OUTPUT] = Status.READY.value
    return known, output_names(EndpointSpec)


def ailing(outputs: Outputs) -> PropertyChange | None:
    """Return None: an endpoint as such has no state that needs a new one."""
    del outputs


def create(spec: EndpointSpec, cloud: Cloud) -> Live[EndpointSpec]:
    """Create the endpoint, or take over one that an earlier try of ours has created."""
    live = _settle("", spec, _stamp(spec, ownership.new_incarnation(), cloud.state), cloud)
    left_behind.tell(spec.owner, live.outputs["endpointName"], cloud)
    return live


def _settle(id: str, spec: EndpointSpec, by: ownership.Stamp, cloud: Cloud) -> Live[EndpointSpec]:
    wanted = spec.endpoint_id or ids.choose(spec.owner or "endpoint")
    for endpoint_id in ids.candidates(wanted):
        name = _name(spec.project, spec.location, endpoint_id)
        try:
            endpoint = make(_Creation(cloud, by, name, timeouts_of(spec).create_seconds, spec))
        except errors.CutOff as cut:
            outputs = _outputs(name, None, by.incarnation, Status.UNFINISHED)
            raise errors.Unfinished(id or name, outputs, str(cut)) from None
        if endpoint is not None:
            if endpoint_id != wanted:
                cloud.report.info(f"{wanted} is in use or still reserved: it is {endpoint_id}")
            return Live(id or name, spec, _outputs(name, endpoint, ownership.token(endpoint, by)))
    raise errors.AlreadyExists(
        f"{spec.endpoint_id} and its successors were all deleted in the last 7 days; "
        "choose another endpointId",
        http_status=409,
    )


@dataclass(frozen=True)
class _Creation(Making[Endpoint, Endpoint]):
    """An endpoint under one id."""

    spec: EndpointSpec

    @property
    def doing(self) -> str:
        return f"creating endpoint {last(self.name)}"

    def look(self) -> Endpoint | None:
        return self.cloud.vertex.find(Endpoint, self.name)

    def replaced(self, found: Endpoint) -> bool:
        ownership.verify(f"endpoint {self.name}", found.labels, self.spec.owner)
        return ownership.of_other_shape(found.labels, self.by)

    def running(self, found: Endpoint | None) -> Operation | None:
        """An endpoint cannot be seen before it is done."""
        return None if found else _creating(self.cloud, self.name)

    def start(self) -> Operation:
        body, id = _body(self.spec, self.by), last(self.name)
        return self.cloud.vertex.start(f"{_parent(self.name)}/endpoints", body, endpointId=id)

    def reserved(self) -> bool:
        return self.look() is None and self.running(None) is None

    def accept(self, found: Endpoint, so_far: SoFar) -> Endpoint | None:
        """Bring it in line; None when it is ours and was changed by somebody else."""
        spec, cloud, name = self.spec, self.cloud, self.name
        if not so_far.asked:
            cloud.report.info(f"took over {name}, which this resource had made before")
            if _altered(spec, cloud, found, name):
                return None
            lost_mark.stop_if_engine_gone(cloud)
        endpoint = objects.patch(
            cloud,
            Endpoint,
            name,
            lambda live: {
                **_patch_body(spec, _PATCHED, live),
                **objects.relabelled(live, spec.labels, self.by),
            },
        )
        wanted = spec.wire().get(_UPDATED)
        there = endpoint.json.get(_UPDATED)
        if wanted is None or without_service_defaults(there, wanted) == wanted:
            return endpoint
        return _update_timeout(spec, cloud, name)


def _altered(spec: EndpointSpec, cloud: Cloud, found: Endpoint, name: str) -> bool:
    """Tell whether an endpoint of ours is no longer what its inputs say."""
    live = _live_spec(name, found, spec)
    changes = compare(EndpointSpec, live.wire(), spec.wire()).replacing
    if changes:
        cloud.report.warn(
            f"{name} was changed outside this program ({', '.join(c.path for c in changes)}) and "
            "cannot be changed back: making another"
        )
    return bool(changes)


def read(
    id: str, spec: EndpointSpec | None, outputs: Outputs, cloud: Cloud
) -> Live[EndpointSpec] | None:
    """Read the endpoint; None when it is gone."""
    name = str(outputs.get("endpointName") or id)
    endpoint = cloud.vertex.find(Endpoint, name)
    if endpoint is None:
        coming = (
            spec is not None and status_of(outputs) is Status.UNFINISHED and _creating(cloud, name)
        )
        return Live(id, spec, outputs) if spec and coming else None
    token = lost_mark.kept_token(outputs, endpoint.labels, imported=spec is None)
    state = seen(outputs, endpoint.labels, imported=spec is None)
    found = _outputs(name, endpoint, token, state)
    complaint = psc_automation.complaint(found[psc_automation.OUTPUT])
    if complaint and endpoint.deployed_models:
        cloud.report.warn(complaint)
    return Live(id, _live_spec(name, endpoint, spec), found)


def update(
    id: str, old: EndpointSpec, outputs: Outputs, new: EndpointSpec, cloud: Cloud
) -> Live[EndpointSpec]:
    """Change what the API can change in place; or finish a creation that was cut off."""
    by = _stamp(new, lost_mark.new_or_kept_token(outputs), cloud.state.holding())
    name = str(outputs.get("endpointName") or id)
    if status_of(outputs) is Status.REMOVING:
        removal.sit_out(cloud, name, timeouts_of(new).create_seconds)
    if status_of(outputs) in INCOMPLETE:
        return _settle(id, new, by, cloud)
    diff = compare(EndpointSpec, old.wire(), new.wire())
    patched = tuple(key for key in _PATCHED if diff.touches(key))
    endpoint = objects.patch(
        cloud,
        Endpoint,
        name,
        lambda e: {
            **_patch_body(new, patched, e),
            **objects.relabelled(e, new.labels, by, old.labels),
        },
    )
    if diff.touches(_UPDATED):
        endpoint = _update_timeout(new, cloud, name)
    return Live(id, new, _outputs(name, endpoint, by.incarnation))


def _update_timeout(spec: EndpointSpec, cloud: Cloud, name: str) -> Endpoint:
    config = spec.wire().get(_UPDATED) or _DEFAULT_TIMEOUT
    goal = Goal(
        what=f"updating endpoint {last(name)}",
        scope=name,
        reached=lambda: cloud.vertex.get(Endpoint, name).json.get(_UPDATED) == config,
        start=lambda: cloud.vertex.start(f"{name}:update", {"endpoint": {_UPDATED: config}}),
    )
    achieve(cloud, goal, timeouts_of(spec).create_seconds)
    return cloud.vertex.get(Endpoint, name)


def delete(id: str, spec: EndpointSpec, outputs: Outputs, cloud: Cloud) -> None:
    """Delete the endpoint, unless a newer creation owns it or another stack uses it."""
    name = str(outputs.get("endpointName") or id)
    seconds = timeouts_of(spec).delete_seconds
    endpoint = cloud.vertex.find(Endpoint, name)
    if (
        endpoint is None
        and status_of(outputs) is Status.UNFINISHED
        and (begun := _creating(cloud, name))
    ):
        with contextlib.suppress(errors.OperationFailed, errors.NotFound):
            finish(cloud, begun, f"waiting until {last(name)} can be removed", seconds)
        endpoint = cloud.vertex.find(Endpoint, name)
    if endpoint is None:
        return
    if ownership.superseded(endpoint.labels, outputs.get("incarnation")):
        cloud.report.info(ownership.left_alone(name))
        return
    other_tenants.before_removal(cloud, name, endpoint, spec.owner)
    with removal.begun(cloud, Endpoint, name, outputs.get("incarnation")):
        objects.remove(cloud, name, (), seconds)


def _creating(cloud: Cloud, name: str) -> Operation | None:
    """Return the operation that makes the endpoint, which cannot be seen before it is done."""
    return next(unfinished(cloud, name), None)


def _name(project: str, location: str, endpoint_id: str) -> str:
    return f"projects/{project}/locations/{location}/endpoints/{endpoint_id}"


def _parent(name: str) -> str:
    return name.rsplit("/endpoints/", 1)[0]


def _stamp(spec: EndpointSpec, incarnation: str, state: StackState) -> ownership.Stamp:
    wire = spec.wire()
    shape = ownership.shape_of(*(wire.get(key) for key in _REPLACING))
    return ownership.Stamp(spec.owner, incarnation, state, shape)


def _body(spec: EndpointSpec, by: ownership.Stamp) -> Json:
    wire = spec.wire()
    labels = ownership.stamp(spec.labels, by)
    return {**{key: wire[key] for key in _CREATED if key in wire}, "labels": labels}


def _patch_body(spec: EndpointSpec, keys: Iterable[str], live: Endpoint) -> dict[str, Any]:
    """Return fields that differ from the live endpoint; an unset one is written as empty."""
    wire = spec.wire()
    empty: dict[str, Any] = {"description": "", "predictRequestResponseLoggingConfig": {}}
    wanted = {key: wire.get(key, empty.get(key)) for key in keys}
    return {
        k: v for k, v in wanted.items() if v is not None and v != live.json.get(k, empty.get(k))
    }


def _outputs(
    name: str, endpoint: Endpoint | None, incarnation: str, state: Status = Status.READY
) -> Outputs:
    known = endpoint or Endpoint(name=name)
    return {
        "endpointName": name,
        "dedicatedEndpointDns": known.dedicated_endpoint_dns,
        "serviceAttachment": objects.attachment(known, next(iter(known.deployed_models), None)),
        psc_automation.OUTPUT: psc_automation.outcomes(known),
        "createTime": known.create_time,
        "incarnation": incarnation,
        OUTPUT: state.value,
    }


def _live_spec(name: str, endpoint: Endpoint, spec: EndpointSpec | None) -> EndpointSpec:
    """Return the inputs that describe the live endpoint.

    Properties the service decides when unset are only reported where the program set them, or on
    import; everything else is reported whenever it is there.
    """
    parts = name.split("/")
    known, there = spec.wire() if spec else {}, endpoint.json
    live = {
        key: without_service_defaults(there[key], known.get(key, there[key]))
        for key in _CREATED
        if there.get(key) not in (None, "", {}, False) or key in known and key in there
    }
    if "privateServiceConnectConfig" in live:
        private = objects.psc_inputs(endpoint, known.get("privateServiceConnectConfig"))
        live["privateServiceConnectConfig"] = without_service_defaults(
            private, known.get("privateServiceConnectConfig", private)
        )
    if live.get(_UPDATED) == _DEFAULT_TIMEOUT and _UPDATED not in known:
        del live[_UPDATED]
    # The API leaves default values out.
    live |= {k: known[k] for k in _CREATED if k in known and k not in live and is_default(known[k])}
    if spec is not None and spec.dedicated_endpoint_enabled is None:
        live.pop("dedicatedEndpointEnabled", None)
    labels = ownership.seen(endpoint.labels, (spec.labels or {}) if spec else None)
    kept = ("generation", "deletionPolicy", "timeouts", "owner")
    return load(
        EndpointSpec,
        {
            **live,
            **({"labels": labels} if labels else {}),
            **{key: known[key] for key in kept if key in known},
            "project": parts[1] if spec is None else spec.project,
            "location": parts[3],
            "endpointId": known.get("endpointId") or last(name),
        },
    )
