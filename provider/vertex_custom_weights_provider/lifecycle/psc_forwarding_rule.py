"""The life of a `PscForwardingRule`: the connection, up to the point where requests pass."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from typing import Any

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.cloud import Cloud
from vertex_custom_weights_provider.api.messages import Address, ForwardingRule, Json
from vertex_custom_weights_provider.api.names import path, same
from vertex_custom_weights_provider.lifecycle.contract import Examined, Live, Outputs, timeouts_of
from vertex_custom_weights_provider.lifecycle.diff import (
    PropertyChange,
    without_service_defaults,
)
from vertex_custom_weights_provider.lifecycle.identity import ids, lost_mark, ownership
from vertex_custom_weights_provider.lifecycle.references.compute_names import (
    network_problems,
    reference_problems,
)
from vertex_custom_weights_provider.lifecycle.references.locations import location_problems
from vertex_custom_weights_provider.lifecycle.remedies.pages import see
from vertex_custom_weights_provider.lifecycle.status import (
    INCOMPLETE,
    OUTPUT,
    Status,
    seen,
    status_of,
)
from vertex_custom_weights_provider.lifecycle.steps import compute_objects as objects
from vertex_custom_weights_provider.lifecycle.steps import removal
from vertex_custom_weights_provider.lifecycle.steps.waiting import pauses, to_finish
from vertex_custom_weights_provider.properties.base import IN_PLACE, Problem, replaces_first
from vertex_custom_weights_provider.properties.parsing import Parsed, load
from vertex_custom_weights_provider.properties.psc_forwarding_rule import PscForwardingRuleSpec
from vertex_custom_weights_provider.properties.table import output_names

model = PscForwardingRuleSpec

# A listed project is let in within seconds; whoever is not listed stays PENDING for ever.
_ACCEPTANCE_SECONDS = 120.0
_BROKEN = ("CLOSED", "REJECTED")


def examine(
    parsed: Parsed[PscForwardingRuleSpec], old: Mapping[str, Any], urn: str | None, cloud: Cloud
) -> Examined:
    """Choose the name; a target must be a service attachment of the same region."""
    problems = [
        *location_problems(parsed, old, "region"),
        *reference_problems(parsed, old, "network", "subnetwork", "address"),
        *network_problems(parsed, old),
    ]
    if parsed.has("target", "region"):
        problems += _target_problems(parsed.spec)
    chosen = {
        **objects.chosen_name(parsed, old, urn),
        **_kept_spelling(parsed, old, cloud),
    }
    return Examined(chosen, tuple(problems))


def _kept_spelling(
    parsed: Parsed[PscForwardingRuleSpec], old: Mapping[str, Any], cloud: Cloud
) -> dict[str, Any]:
    """Keep what state calls the target, network, subnetwork and address, when they are the same."""
    if not parsed.has("region", "project"):
        return {}
    spec = parsed.spec
    regional = f"regions/{spec.region}"
    kinds = {
        "target": f"{regional}/serviceAttachments",
        "network": "global/networks",
        "subnetwork": f"{regional}/subnetworks",
    }
    kept = objects.kept_spelling(spec.wire(), old, kinds)
    known = old.get("address")
    if known and parsed.has("address") and spec.address != known:
        with contextlib.suppress(errors.VcwError):  # then the change is shown as it is written
            now = _literal(_address(spec, spec.address), cloud)
            if now and now == _literal(_address(spec, str(known)), cloud):
                kept["address"] = known
    return kept


def _literal(address: str, cloud: Cloud) -> str:
    """Return the IP address that a name or a literal stands for; empty when there is none yet."""
    if "/" not in address:
        return address
    found = cloud.compute.find(Address, address)
    return found.address if found else ""


def _target_problems(spec: PscForwardingRuleSpec) -> Iterable[Problem]:
    parts = path(spec.target).split("/")
    shape = len(parts) == 6 and parts[4] == "serviceAttachments"
    if not shape:
        yield Problem(
            "target",
            f"{spec.target!r} is not a service attachment (projects/…/regions/…/"
            "serviceAttachments/…). Pass the deployment's serviceAttachment; it is empty when the "
            "endpoint has no privateServiceConnectConfig.",
        )
    elif parts[3] != spec.region:
        yield Problem(
            "target",
            f"is in {parts[3]}, the rule in {spec.region}. Both must be in one region "
            "(Private Service Connect's rule); for callers elsewhere set allowPscGlobalAccess.",
        )


def previewed(inputs: Mapping[str, Any]) -> tuple[Outputs, Iterable[str]]:
    """Return what is known before the rule exists."""
    known: Outputs = {}
    if all(isinstance(inputs.get(key), str) for key in ("project", "region", "name")):
        known["forwardingRuleName"] = _name(inputs["project"], inputs["region"], inputs["name"])
    known[OUTPUT] = Status.READY.value
    return known, output_names(PscForwardingRuleSpec)


def ailing(outputs: Outputs) -> PropertyChange | None:
    """Return what a connection that does not work asks for."""
    status = str(outputs.get("pscConnectionStatus", ""))
    if status in _BROKEN:
        reason = replaces_first(f"the connection is {status} and does not come back by itself")
        return PropertyChange("pscConnectionStatus", "UPDATE", reason, status, "ACCEPTED")
    # An empty one was not reported, which is how a rule looks that nobody has let in.
    if status != "ACCEPTED" and "pscConnectionStatus" in outputs:
        return PropertyChange("pscConnectionStatus", "UPDATE", IN_PLACE, status, "ACCEPTED")
    return None


def create(spec: PscForwardingRuleSpec, cloud: Cloud) -> Live[PscForwardingRuleSpec]:
    """Make the rule, label it, and wait until the connection is ACCEPTED."""
    rule = spec.name or ids.choose(spec.owner or "rule")
    name = _name(spec.project, spec.region, rule)
    by = ownership.Stamp(spec.owner, ownership.new_incarnation(), cloud.state)

    def check(live: ForwardingRule) -> None:
        _verify(spec, name, live)
        objects.refuse_other(f"forwarding rule {name}", _live_spec(name, live, spec), spec)

    claim = objects.Claim(
        cloud,
        by,
        name,
        timeouts_of(spec).create_seconds,
        kind=ForwardingRule,
        body=_body(spec, rule),
        verb="made",
        check=check,
        label=lambda: objects.relabel(
            cloud,
            ForwardingRule,
            name,
            spec.labels,
            by,
            # Looked at again with the fingerprint: two may have found it without labels.
            accept=lambda live: _verify(spec, name, live),
        ),
    )
    try:
        live = objects.claimed(claim)
    except errors.CutOff as cut:
        raise errors.Unfinished(
            name, _outputs(name, None, by.incarnation, Status.UNFINISHED), str(cut)
        ) from None
    return _connected(spec, name, live, ownership.token(live, by), cloud)


def _connected(
    spec: PscForwardingRuleSpec, name: str, live: ForwardingRule, incarnation: str, cloud: Cloud
) -> Live[PscForwardingRuleSpec]:
    """Wait for the connection; when it does not come up, have the rule saved as it is."""
    try:
        _set_global_access(spec, name, cloud)
        live = _accepted(spec, name, cloud)
    except errors.VcwError as cut:
        # Until it is looked at again, what was cut off counts as not connected.
        answered = isinstance(cut, _NotAccepted)
        status = cut.status if answered else "PENDING"
        told = str(cut) if answered else to_finish(cut, name)
        begun = {**_outputs(name, live, incarnation), "pscConnectionStatus": status}
        raise errors.Unfinished(name, begun, told) from None
    return Live(name, spec, _outputs(name, live, incarnation))


class _NotAccepted(errors.VcwError):
    """The producer does not let the rule in."""

    def __init__(self, message: str, status: str) -> None:
        super().__init__(message)
        self.status = status


def _body(spec: PscForwardingRuleSpec, short: str) -> Json:
    """Return the rule to insert. Labels cannot be sent with it; they are set afterwards."""
    wire = spec.wire()
    return {
        "name": short,
        "target": path(spec.target),
        "IPAddress": _address(spec, spec.address),
        "network": objects.absolute(spec.network, spec.project, "global/networks"),
        "loadBalancingScheme": "",
        **{
            key: wire[key]
            for key in (
                "subnetwork",
                "allowPscGlobalAccess",
                "noAutomateDnsZone",
                "serviceDirectoryRegistrations",
                "description",
            )
            if key in wire
        },
    }


def _address(spec: PscForwardingRuleSpec, written: str) -> str:
    address = path(written)
    if "/" in address or address[:1].isdigit():
        return address
    return f"projects/{spec.project}/regions/{spec.region}/addresses/{address}"


def _verify(spec: PscForwardingRuleSpec, name: str, live: ForwardingRule) -> None:
    """Refuse a stranger's rule.

    A rule is without labels for a moment after its creation. One to our own target, under the name
    that only our owner leads to, is ours.
    """
    same_target = same(live.target, spec.target)
    if ownership.OWNER not in live.labels and same_target:
        return
    ownership.verify(f"forwarding rule {name}", live.labels, spec.owner)


def _accepted(spec: PscForwardingRuleSpec, name: str, cloud: Cloud) -> ForwardingRule:
    """Wait until the producer has let the connection in."""
    deadline = cloud.clock.now() + _ACCEPTANCE_SECONDS
    for pause in pauses(first=0.25, longest=5.0):
        live = cloud.compute.find(ForwardingRule, name)
        if live is None:
            raise _NotAccepted(f"{name} was removed while it was being connected", "CLOSED")
        status = live.psc_connection_status
        if status == "ACCEPTED":
            return live
        if status in _BROKEN or cloud.clock.now() >= deadline:
            raise _NotAccepted(
                f"the connection of {name} is {status or 'not reported'}, not ACCEPTED. Project "
                f"{spec.project} must be in projectAllowlist of the endpoint behind {spec.target}, "
                "and the attachment must still exist. "
                f"{see('pending' if status == 'PENDING' else 'rejected')}",
                status,
            )
        cloud.report.status(f"connecting {path(name).rsplit('/', 1)[-1]}: {status}")
        cloud.clock.sleep(pause)
    raise AssertionError  # pauses never end


def read(
    id: str, spec: PscForwardingRuleSpec | None, outputs: Outputs, cloud: Cloud
) -> Live[PscForwardingRuleSpec] | None:
    """Read the rule and the state of its connection; None when it is gone."""
    live = cloud.compute.find(ForwardingRule, id)
    if live is None:
        return None
    incarnation = lost_mark.kept_token(outputs, live.labels, imported=spec is None)
    state = seen(outputs, live.labels, imported=spec is None)
    found = _live_spec(id, live, spec)
    if spec is not None and not _same_address(spec, live, cloud):
        found = found.but(address=live.ip_address)
    return Live(id, found, _outputs(id, live, incarnation, state))


def _same_address(spec: PscForwardingRuleSpec, live: ForwardingRule, cloud: Cloud) -> bool:
    """Tell whether the rule still has the address that the program names or spells out."""
    wanted = _literal(_address(spec, spec.address), cloud)
    return wanted in ("", live.ip_address)


def _live_spec(
    name: str, live: ForwardingRule, spec: PscForwardingRuleSpec | None
) -> PscForwardingRuleSpec:
    parts = name.split("/")
    known = spec.wire() if spec else {"project": parts[1], "region": parts[3], "name": parts[5]}
    labels = ownership.seen(live.labels, (spec.labels or {}) if spec else None)
    found: Json = {
        **known,
        "target": objects.spelled(live.target, known.get("target")),
        "network": objects.spelled(live.network, known.get("network")),
        "allowPscGlobalAccess": live.allow_psc_global_access or None,
        "description": live.description or None,
        "labels": labels or None,
    }
    # The service answers with the literal, whatever was sent: only an import has to learn it.
    found.setdefault("address", live.ip_address or None)
    if spec is not None and spec.allow_psc_global_access is False:
        found["allowPscGlobalAccess"] = live.allow_psc_global_access
    if spec is not None and spec.subnetwork and live.subnetwork:
        found["subnetwork"] = objects.spelled(live.subnetwork, spec.subnetwork)
    key = "serviceDirectoryRegistrations"
    if spec is None or key in known:
        there = live.service_directory_registrations
        found[key] = without_service_defaults(there, known.get(key, there)) or None
    return load(PscForwardingRuleSpec, found)


def update(
    id: str,
    old: PscForwardingRuleSpec,
    outputs: Outputs,
    new: PscForwardingRuleSpec,
    cloud: Cloud,
) -> Live[PscForwardingRuleSpec]:
    """Change labels and global access, and wait again when the connection was not up yet."""
    if status_of(outputs) is Status.REMOVING:
        removal.end_regional(cloud, ForwardingRule, id)
    if status_of(outputs) in INCOMPLETE:
        return create(new, cloud)
    incarnation = lost_mark.new_or_kept_token(outputs)
    by = ownership.Stamp(new.owner, incarnation, cloud.state)
    live = objects.relabel(cloud, ForwardingRule, id, new.labels, by, old.labels)
    return _connected(new, id, live, incarnation, cloud)


def _set_global_access(spec: PscForwardingRuleSpec, name: str, cloud: Cloud) -> None:
    def change(live: ForwardingRule) -> Json:
        wanted = bool(spec.allow_psc_global_access)
        same = live.allow_psc_global_access == wanted
        return {} if same else {"allowPscGlobalAccess": wanted}

    objects.patch(cloud, ForwardingRule, name, change)


def delete(id: str, spec: PscForwardingRuleSpec, outputs: Outputs, cloud: Cloud) -> None:
    """Remove the rule; the address stays with its own resource."""
    seconds = timeouts_of(spec).delete_seconds
    removal.remove_regional(cloud, ForwardingRule, id, outputs.get("incarnation"), seconds)


def _name(project: str, region: str, name: str) -> str:
    return f"projects/{project}/regions/{region}/forwardingRules/{name}"


def _outputs(
    name: str, live: ForwardingRule | None, incarnation: str, state: Status = Status.READY
) -> Outputs:
    known = live or ForwardingRule(name=name, self_link="")
    return {
        "forwardingRuleName": name,
        "ipAddress": known.ip_address,
        "pscConnectionId": known.psc_connection_id,
        "pscConnectionStatus": known.psc_connection_status,
        "selfLink": known.self_link,
        "incarnation": incarnation,
        OUTPUT: state.value,
    }
