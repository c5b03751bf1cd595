"""The life of a `PscAddress`: a reserved internal address for a forwarding rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.lifecycle import compute_objects as objects
from vertex_custom_weights_provider.lifecycle import ids, ownership
from vertex_custom_weights_provider.lifecycle.context import Cloud
from vertex_custom_weights_provider.lifecycle.differ import Diff, PropertyChange
from vertex_custom_weights_provider.lifecycle.kind import Examined, Live, Outputs
from vertex_custom_weights_provider.lifecycle.locations import location_problems
from vertex_custom_weights_provider.rest import Json
from vertex_custom_weights_provider.spec.common import Timeouts
from vertex_custom_weights_provider.spec.parsing import Parsed
from vertex_custom_weights_provider.spec.psc_address import PscAddressSpec

model = PscAddressSpec


def examine(
    parsed: Parsed[PscAddressSpec], old: Mapping[str, Any], urn: str | None, cloud: Cloud
) -> Examined:
    """Choose the name."""
    del cloud
    problems = tuple(location_problems(parsed, "region"))
    return Examined(objects.chosen_name(parsed, old, urn), problems)


def previewed(inputs: Mapping[str, Any]) -> tuple[Outputs, Iterable[str]]:
    """Return what is known before the address exists."""
    known: Outputs = {}
    if all(isinstance(inputs.get(key), str) for key in ("project", "region", "name")):
        known["addressName"] = _name(inputs["project"], inputs["region"], inputs["name"])
    if isinstance(inputs.get("address"), str):
        known["ipAddress"] = inputs["address"]
    return known, PscAddressSpec.outputs.keys()


def ailing(outputs: Outputs) -> PropertyChange | None:
    """Return None: an address does not fail."""
    del outputs


def explain(diff: Diff, outputs: Outputs) -> Iterable[str]:
    """Say what a replacement means for callers."""
    if diff.replacing and outputs.get("ipAddress"):
        yield (
            f"{outputs['ipAddress']} is given back and another address taken; callers are cut off "
            "until the forwarding rule is there again"
        )


def create(spec: PscAddressSpec, cloud: Cloud) -> Live[PscAddressSpec]:
    """Reserve the address, or take over the one an earlier try of ours has reserved."""
    name = _name(spec.project, spec.region, spec.name or ids.choose(spec.owner or "address"))
    incarnation = ownership.new_incarnation()
    live = cloud.compute.find(name)
    if live is None:
        live = _insert(spec, cloud, name, incarnation)
    if live.get("labels", {}).get(ownership.INCARNATION) != incarnation:
        ownership.verify(f"address {name}", live.get("labels", {}), spec.owner)
        live = objects.relabel(cloud, name, spec.labels, spec.owner, incarnation)
        cloud.report.info(f"took over {name}, which this resource had reserved before")
    return Live(name, spec, _outputs(name, live, incarnation))


def _insert(spec: PscAddressSpec, cloud: Cloud, name: str, incarnation: str) -> Json:
    collection, short = name.rsplit("/", 1)
    body = {
        "name": short,
        "addressType": "INTERNAL",
        "subnetwork": objects.absolute(
            spec.subnetwork, spec.project, f"regions/{spec.region}/subnetworks"
        ),
        "labels": ownership.stamp(spec.labels, spec.owner, incarnation, {}),
    }
    optional = {"address": spec.address, "description": spec.description}
    body |= {key: value for key, value in optional.items() if value is not None}
    try:
        cloud.compute.insert(collection, body)
    except errors.AlreadyExists:
        # Another program may have been faster, or an earlier try of ours; the caller looks whose.
        if (live := cloud.compute.find(name)) is not None:
            return live
        raise
    live = cloud.compute.find(name)
    if live is None:
        raise errors.NotFound(f"{name} vanished right after it was made", http_status=404)
    return live


def read(
    id: str, spec: PscAddressSpec | None, outputs: Outputs, cloud: Cloud
) -> Live[PscAddressSpec] | None:
    """Read the address; None when it is gone."""
    live = cloud.compute.find(id)
    if live is None:
        return None
    incarnation = objects.held_incarnation(outputs, live, imported=spec is None)
    return Live(id, _live_spec(id, live, spec), _outputs(id, live, incarnation))


def _live_spec(name: str, live: Json, spec: PscAddressSpec | None) -> PscAddressSpec:
    parts = name.split("/")
    known = spec.wire() if spec else {"project": parts[1], "region": parts[3], "name": parts[5]}
    labels = ownership.seen(live.get("labels", {}), (spec.labels or {}) if spec else None)
    found: Json = {
        **known,
        "subnetwork": objects.spelled(live.get("subnetwork", ""), known.get("subnetwork")),
        "labels": labels or None,
        "description": live.get("description") or None,
    }
    if spec is None or spec.address is not None:
        found["address"] = live.get("address")
    return PscAddressSpec.model_validate({k: v for k, v in found.items() if v is not None})


def update(
    id: str, old: PscAddressSpec, outputs: Outputs, new: PscAddressSpec, cloud: Cloud
) -> Live[PscAddressSpec]:
    """Change labels; nothing else about an address can change."""
    incarnation = str(outputs.get("incarnation") or ownership.new_incarnation())
    live = objects.relabel(cloud, id, new.labels, new.owner, incarnation, old.labels)
    return Live(id, new, _outputs(id, live, incarnation))


def delete(id: str, spec: PscAddressSpec, outputs: Outputs, cloud: Cloud) -> None:
    """Give the address back."""
    seconds = (spec.timeouts or Timeouts()).delete_seconds
    objects.delete(cloud, id, outputs.get("incarnation"), seconds)


def _name(project: str, region: str, name: str) -> str:
    return f"projects/{project}/regions/{region}/addresses/{name}"


def _outputs(name: str, live: Json, incarnation: str) -> Outputs:
    return {
        "addressName": name,
        "ipAddress": live.get("address", ""),
        "selfLink": live.get("selfLink", ""),
        "incarnation": incarnation,
    }
