"""The life of an `Endpoint`: an endpoint that deployments are made onto."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.lifecycle import endpoint_objects as objects
from vertex_custom_weights_provider.lifecycle import ids, ownership
from vertex_custom_weights_provider.lifecycle.context import Cloud
from vertex_custom_weights_provider.lifecycle.differ import Diff, PropertyChange, compare
from vertex_custom_weights_provider.lifecycle.kind import Examined, Live, Outputs
from vertex_custom_weights_provider.lifecycle.locations import location_problems
from vertex_custom_weights_provider.lifecycle.waiting import Goal, achieve, finish, pauses
from vertex_custom_weights_provider.rest import Json
from vertex_custom_weights_provider.spec.common import Timeouts
from vertex_custom_weights_provider.spec.endpoint import EndpointSpec
from vertex_custom_weights_provider.spec.parsing import Parsed

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
    return Examined(chosen, tuple(location_problems(parsed)))


def previewed(inputs: Mapping[str, Any]) -> tuple[Outputs, Iterable[str]]:
    """Return what is known of the endpoint before it exists."""
    known: Outputs = {}
    if all(isinstance(inputs.get(key), str) for key in ("project", "location", "endpointId")):
        known["endpointName"] = _name(inputs["project"], inputs["location"], inputs["endpointId"])
    return known, EndpointSpec.outputs.keys()


def ailing(outputs: Outputs) -> PropertyChange | None:
    """Return None: an endpoint as such has no state that needs a new one."""
    del outputs


def explain(diff: Diff, outputs: Outputs) -> Iterable[str]:
    """Say what a replacement means for callers."""
    if diff.replacing and outputs.get("endpointName"):
        yield "callers lose this endpoint: its id, DNS name and service attachment change"


def create(spec: EndpointSpec, cloud: Cloud) -> Live[EndpointSpec]:
    """Create the endpoint, or take over one that an earlier try of ours has created."""
    incarnation = ownership.new_incarnation()
    for endpoint_id in ids.candidates(spec.endpoint_id or ids.choose(spec.owner or "endpoint")):
        name = _name(spec.project, spec.location, endpoint_id)
        endpoint = _create_one(spec, cloud, name, incarnation)
        if endpoint is not None:
            return Live(name, spec, _outputs(name, endpoint, incarnation))
    raise errors.AlreadyExists(
        f"{spec.endpoint_id} and its successors were all deleted in the last 7 days; "
        "choose another endpointId",
        http_status=409,
    )


def _create_one(spec: EndpointSpec, cloud: Cloud, name: str, incarnation: str) -> Json | None:
    """Create under one id; None when the id is a tombstone."""
    for attempt, pause in enumerate(pauses()):
        found = cloud.vertex.find(name)
        if found is not None:
            ownership.verify(f"endpoint {name}", found.get("labels", {}), spec.owner)
            if attempt == 0:
                cloud.report.info(f"took over {name}, which this resource had made before")
            return objects.patch(
                cloud,
                name,
                lambda e: {
                    **_patch_body(spec, _PATCHED, e),
                    **objects.relabelled(e, spec.labels, spec.owner, incarnation),
                },
            )
        try:
            operation = cloud.vertex.start(
                f"{_parent(name)}/endpoints",
                _body(spec, incarnation),
                endpointId=objects.last(name),
            )
            finish(cloud, operation, f"creating endpoint {objects.last(name)}", _seconds(spec))
            return cloud.vertex.get(name)
        except errors.AlreadyExists:
            if cloud.vertex.find(name) is None:
                return None
        except (errors.NoAnswer, errors.Unavailable):
            if attempt >= 5:
                raise
            cloud.clock.sleep(pause)
    raise AssertionError  # pauses never end


def read(
    id: str, spec: EndpointSpec | None, outputs: Outputs, cloud: Cloud
) -> Live[EndpointSpec] | None:
    """Read the endpoint; None when it is gone."""
    name = str(outputs.get("endpointName") or id)
    endpoint = cloud.vertex.find(name)
    if endpoint is None:
        return None
    incarnation = _held(outputs, endpoint, spec)
    return Live(id, _live_spec(name, endpoint, spec), _outputs(name, endpoint, incarnation))


def update(
    id: str, old: EndpointSpec, outputs: Outputs, new: EndpointSpec, cloud: Cloud
) -> Live[EndpointSpec]:
    """Change what the API can change in place."""
    name = str(outputs.get("endpointName") or id)
    diff = compare(EndpointSpec, old.wire(), new.wire())
    incarnation = str(outputs.get("incarnation") or ownership.new_incarnation())
    patched = tuple(key for key in _PATCHED if diff.touches(key))
    endpoint = objects.patch(
        cloud,
        name,
        lambda e: {
            **_patch_body(new, patched, e),
            **objects.relabelled(e, new.labels, new.owner, incarnation, old.labels),
        },
    )
    if diff.touches(_UPDATED):
        endpoint = _update_timeout(new, cloud, name)
    return Live(id, new, _outputs(name, endpoint, incarnation))


def _update_timeout(spec: EndpointSpec, cloud: Cloud, name: str) -> Json:
    config = spec.wire().get(_UPDATED, {"inferenceTimeout": "600s"})
    goal = Goal(
        what=f"updating endpoint {objects.last(name)}",
        scope=name,
        reached=lambda: cloud.vertex.get(name).get(_UPDATED) == config,
        start=lambda: cloud.vertex.start(f"{name}:update", {"endpoint": {_UPDATED: config}}),
    )
    achieve(cloud, goal, _seconds(spec))
    return cloud.vertex.get(name)


def delete(id: str, spec: EndpointSpec, outputs: Outputs, cloud: Cloud) -> None:
    """Delete the endpoint, unless it is to be kept or a newer creation owns it."""
    name = str(outputs.get("endpointName") or id)
    endpoint = cloud.vertex.find(name)
    if endpoint is None:
        return
    if ownership.superseded(endpoint.get("labels", {}), outputs.get("incarnation")):
        cloud.report.info(f"left {name} alone: a newer resource has taken it over")
        return
    deployed = [d["id"] for d in endpoint.get("deployedModels", [])]
    if deployed:
        cloud.report.warn(f"undeploying what others had deployed on {name}: {', '.join(deployed)}")
    objects.remove(cloud, name, (), (spec.timeouts or Timeouts()).delete_seconds)


def _name(project: str, location: str, endpoint_id: str) -> str:
    return f"projects/{project}/locations/{location}/endpoints/{endpoint_id}"


def _parent(name: str) -> str:
    return name.rsplit("/endpoints/", 1)[0]


def _seconds(spec: EndpointSpec) -> float:
    return (spec.timeouts or Timeouts()).create_seconds


def _body(spec: EndpointSpec, incarnation: str) -> Json:
    wire = spec.wire()
    labels = ownership.stamp(spec.labels, spec.owner, incarnation, {})
    return {**{key: wire[key] for key in _CREATED if key in wire}, "labels": labels}


def _patch_body(spec: EndpointSpec, keys: Iterable[str], live: Json) -> dict[str, Any]:
    """Return fields that differ from the live endpoint; an unset one is written as empty."""
    wire = spec.wire()
    empty: dict[str, Any] = {"description": "", "predictRequestResponseLoggingConfig": {}}
    wanted = {key: wire.get(key, empty.get(key)) for key in keys}
    return {k: v for k, v in wanted.items() if v is not None and v != live.get(k, empty.get(k))}


def _held(outputs: Outputs, endpoint: Json, spec: EndpointSpec | None) -> str:
    """Return the token this state holds; an import takes over the one that is on the object."""
    if spec is not None and "incarnation" in outputs:
        return str(outputs["incarnation"] or "")
    return str(endpoint.get("labels", {}).get(ownership.INCARNATION, ""))


def _outputs(name: str, endpoint: Json, incarnation: str) -> Outputs:
    return {
        "endpointName": name,
        "dedicatedEndpointDns": endpoint.get("dedicatedEndpointDns", ""),
        "serviceAttachment": objects.attachment(
            endpoint, next(iter(endpoint.get("deployedModels", [])), None)
        ),
        "createTime": endpoint.get("createTime", ""),
        "incarnation": incarnation,
    }


def _live_spec(name: str, endpoint: Json, spec: EndpointSpec | None) -> EndpointSpec:
    """Return the inputs that describe the live endpoint.

    Properties the service decides when unset are only reported where the program set them, or on
    import; everything else is reported whenever it is there.
    """
    parts = name.split("/")
    known = spec.wire() if spec else {}
    live = {
        key: endpoint[key]
        for key in _CREATED
        if endpoint.get(key) not in (None, "", {}, False) or key in known and key in endpoint
    }
    if "privateServiceConnectConfig" in live:
        live["privateServiceConnectConfig"] = objects.psc_inputs(endpoint)
    if spec is not None and not spec.dedicated_endpoint_enabled:
        live.pop("dedicatedEndpointEnabled", None)
    labels = ownership.seen(endpoint.get("labels", {}), (spec.labels or {}) if spec else None)
    kept = ("generation", "deletionPolicy", "timeouts", "owner")
    return EndpointSpec.model_validate(
        {
            **live,
            **({"labels": labels} if labels else {}),
            **{key: known[key] for key in kept if key in known},
            "project": parts[1] if spec is None else spec.project,
            "location": parts[3],
            "endpointId": known.get("endpointId") or objects.last(name),
        }
    )
