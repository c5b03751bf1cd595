"""The life of a `PscAddress`: a reserved internal address for a forwarding rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.cloud import Cloud
from vertex_custom_weights_provider.api.messages import Address, Json
from vertex_custom_weights_provider.lifecycle.contract import Examined, Live, Outputs, timeouts_of
from vertex_custom_weights_provider.lifecycle.diff import PropertyChange
from vertex_custom_weights_provider.lifecycle.identity import ids, lost_mark, ownership
from vertex_custom_weights_provider.lifecycle.references.compute_names import reference_problems
from vertex_custom_weights_provider.lifecycle.references.locations import location_problems
from vertex_custom_weights_provider.lifecycle.status import (
    INCOMPLETE,
    OUTPUT,
    Status,
    seen,
    status_of,
)
from vertex_custom_weights_provider.lifecycle.steps import compute_objects as objects
from vertex_custom_weights_provider.lifecycle.steps import removal
from vertex_custom_weights_provider.properties.parsing import Parsed, load
from vertex_custom_weights_provider.properties.psc_address import PscAddressSpec
from vertex_custom_weights_provider.properties.table import output_names

model = PscAddressSpec


def examine(
    parsed: Parsed[PscAddressSpec], old: Mapping[str, Any], urn: str | None, cloud: Cloud
) -> Examined:
    """Choose the name."""
    del cloud
    problems = (
        *location_problems(parsed, old, "region"),
        *reference_problems(parsed, old, "subnetwork"),
    )
    chosen = objects.chosen_name(parsed, old, urn)
    if parsed.has("region", "project"):
        kinds = {"subnetwork": f"regions/{parsed.spec.region}/subnetworks"}
        chosen |= objects.kept_spelling(parsed.spec.wire(), old, kinds)
    return Examined(chosen, problems)


def previewed(inputs: Mapping[str, Any]) -> tuple[Outputs, Iterable[str]]:
    """Return what is known before the address exists."""
    known: Outputs = {}
    if all(isinstance(inputs.get(key), str) for key in ("project", "region", "name")):
        known["addressName"] = _name(inputs["project"], inputs["region"], inputs["name"])
    if isinstance(inputs.get("address"), str):
        known["ipAddress"] = inputs["address"]
    known[OUTPUT] = Status.READY.value
    return known, output_names(PscAddressSpec)


def ailing(outputs: Outputs) -> PropertyChange | None:
    """Return None: an address does not fail."""
    del outputs


def create(spec: PscAddressSpec, cloud: Cloud) -> Live[PscAddressSpec]:
    """Reserve the address, or take over the one an earlier try of ours has reserved."""
    name = _name(spec.project, spec.region, spec.name or ids.choose(spec.owner or "address"))
    by = ownership.Stamp(spec.owner, ownership.new_incarnation(), cloud.state)

    def check(live: Address) -> None:
        ownership.verify(f"address {name}", live.labels, spec.owner)
        objects.refuse_other(f"address {name}", _live_spec(name, live, spec), spec)

    claim = objects.Claim(
        cloud,
        by,
        name,
        timeouts_of(spec).create_seconds,
        kind=Address,
        body=_body(spec, name, by),
        verb="reserved",
        check=check,
        label=lambda: objects.relabel(cloud, Address, name, spec.labels, by),
    )
    try:
        live = objects.claimed(claim)
    except errors.CutOff as cut:
        raise errors.Unfinished(
            name, _outputs(name, None, by.incarnation, Status.UNFINISHED), str(cut)
        ) from None
    return Live(name, spec, _outputs(name, live, ownership.token(live, by)))


def _body(spec: PscAddressSpec, name: str, by: ownership.Stamp) -> Json:
    subnetworks = f"regions/{spec.region}/subnetworks"
    body: Json = {
        "name": name.rsplit("/", 1)[-1],
        "addressType": "INTERNAL",
        "subnetwork": objects.absolute(spec.subnetwork, spec.project, subnetworks),
        "labels": ownership.stamp(spec.labels, by),
    }
    optional = {"address": spec.address, "description": spec.description}
    return body | {key: value for key, value in optional.items() if value is not None}


def read(
    id: str, spec: PscAddressSpec | None, outputs: Outputs, cloud: Cloud
) -> Live[PscAddressSpec] | None:
    """Read the address; None when it is gone."""
    live = cloud.compute.find(Address, id)
    if live is None:
        return None
    incarnation = lost_mark.kept_token(outputs, live.labels, imported=spec is None)
    state = seen(outputs, live.labels, imported=spec is None)
    return Live(id, _live_spec(id, live, spec), _outputs(id, live, incarnation, state))


def _live_spec(name: str, live: Address, spec: PscAddressSpec | None) -> PscAddressSpec:
    parts = name.split("/")
    known = spec.wire() if spec else {"project": parts[1], "region": parts[3], "name": parts[5]}
    labels = ownership.seen(live.labels, (spec.labels or {}) if spec else None)
    found: Json = {
        **known,
        "subnetwork": objects.spelled(live.subnetwork, known.get("subnetwork")),
        "labels": labels or None,
        "description": live.description or None,
    }
    if spec is None or spec.address is not None:
        found["address"] = live.address or None
    return load(PscAddressSpec, found)


def update(
    id: str, old: PscAddressSpec, outputs: Outputs, new: PscAddressSpec, cloud: Cloud
) -> Live[PscAddressSpec]:
    """Change labels, all that can change; or finish a reservation that was cut off."""
    if status_of(outputs) is Status.REMOVING:
        removal.end_regional(cloud, Address, id)
    if status_of(outputs) in INCOMPLETE:
        return create(new, cloud)
    by = ownership.Stamp(new.owner, lost_mark.new_or_kept_token(outputs), cloud.state)
    live = objects.relabel(cloud, Address, id, new.labels, by, old.labels)
    return Live(id, new, _outputs(id, live, by.incarnation))


def delete(id: str, spec: PscAddressSpec, outputs: Outputs, cloud: Cloud) -> None:
    """Give the address back."""
    seconds = timeouts_of(spec).delete_seconds
    removal.remove_regional(cloud, Address, id, outputs.get("incarnation"), seconds)


def _name(project: str, region: str, name: str) -> str:
    return f"projects/{project}/regions/{region}/addresses/{name}"


def _outputs(
    name: str, live: Address | None, incarnation: str, state: Status = Status.READY
) -> Outputs:
    known = live or Address(name=name, self_link="")
    return {
        "addressName": name,
        "ipAddress": known.address,
        "selfLink": known.self_link,
        "incarnation": incarnation,
        OUTPUT: state.value,
    }
