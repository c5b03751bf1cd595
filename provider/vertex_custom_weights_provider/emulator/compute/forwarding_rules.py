"""Regional forwarding rules to service attachments; other kinds of rules are not emulated."""

from __future__ import annotations

from vertex_custom_weights_provider.emulator import attachments
from vertex_custom_weights_provider.emulator.envelope import ApiError, Json, refuse
from vertex_custom_weights_provider.emulator.http.call import Call, assumed, documented, reported
from vertex_custom_weights_provider.emulator.http.routing import Registry
from vertex_custom_weights_provider.emulator.names import project_number
from vertex_custom_weights_provider.emulator.state.transaction import Transaction

from . import addresses, connections, records
from .allocation import RULE, allocate, in_use
from .collection import Collection, serve
from .naming import (
    SERVICE_ATTACHMENT,
    Locator,
    Region,
    fingerprint,
    invalid,
    link,
    not_found,
    numeric_id,
    region_of,
    relative,
    require_fingerprint,
    require_name,
)
from .operations import replayable

_RULES = Collection("forwardingRules", "forwardingRule", RULE, "forwarding rules")
_KEPT = ("description", "ipVersion", "allowPscGlobalAccess")
_NOT_FOR_PSC = (
    *("IPProtocol", "allPorts", "allowGlobalAccess", "backendService", "portRange", "ports"),
    *("serviceLabel", "sourceIpRanges", "isMirroringCollector"),
)
_PATCHABLE = ("allowPscGlobalAccess", "networkTier")
_PENDING_SECONDS = 180.0
_DEFAULT_NAMESPACE = "goog-psc-default"

registry = Registry()


def view(tx: Transaction, record: Json, now: float) -> Json:
    """A rule as the API shows it."""
    resource = record["resource"]
    status = connections.status(tx, record, now)
    if status == "PENDING" and tx.speaks("unknown-enum-values"):
        status = "PENDING_FOR_A_NEW_REASON"
    shown = {**resource, "pscConnectionStatus": status}
    shown["fingerprint"] = _fingerprint(resource)
    return shown


def _fingerprint(resource: Json) -> str:
    return fingerprint([resource["id"], *(resource.get(field) for field in _PATCHABLE)])


serve(registry, _RULES, lambda call, record: view(call.tx, record, call.now))


@registry.route(
    "POST",
    _RULES.regional,
    method=_RULES.method("insert"),
    access="write",
    notes=[
        documented("IPAddress is read back as the literal address."),
        documented("The connection is ACCEPTED when the attachment allows the rule's project."),
        reported("Labels are refused on a rule to a service attachment; set them afterwards."),
        reported("loadBalancingScheme has to be empty."),
        assumed("A project that is not allowed stays PENDING; a scenario makes it REJECTED."),
        assumed("A subnetwork of another project than the network's is refused."),
        assumed("A target that does not exist is refused with 404."),
        assumed("A rule to an attachment that allows its project is ACCEPTED when it is made."),
        assumed("Without a Service Directory registration the namespace is goog-psc-default."),
    ],
)
@replayable
def insert(call: Call) -> Json:
    """Create a rule that leads to a service attachment."""
    body, region = call.body, region_of(call)
    locator = Locator(region, "forwardingRules", require_name(body))
    records.refuse_taken(call.tx, RULE, locator)
    _refuse_unsupported(body)
    target = _target(call, region, body.get("target", ""))
    address = body.get("IPAddress", "")
    reserved = addresses.resolve(call.tx, region, address) if address else None
    _refuse_apart(region, body, reserved)
    ip = _ip(call.tx, region, body, reserved)
    fields: Json = {
        **{key: body[key] for key in _KEPT if key in body},
        "IPAddress": ip,
        "target": link(target),
        "network": link(body["network"]),
        "networkTier": body.get("networkTier", "PREMIUM"),
        "pscConnectionId": numeric_id(),
        "serviceDirectoryRegistrations": _registrations(body),
    }
    if "subnetwork" in body:
        fields["subnetwork"] = link(body["subnetwork"])
    record = records.stamp(locator, "compute#forwardingRule", call.now, fields)
    record |= _connection(call)
    facets = {"ip": ip, "target": target}
    if reserved is not None:
        facets["address"] = records.locator_of(reserved).key
    records.save(call.tx, RULE, record, facets)
    return records.created(call, RULE, record)


def _connection(call: Call) -> Json:
    """What a scenario makes of the connection: another status, or acceptance only later."""
    outcome = call.hooks.decide(call, "connection")
    if outcome is None:
        late = call.tx.speaks("psc-pending-minutes")
        return {"acceptedFrom": call.now + _PENDING_SECONDS} if late else {}
    if outcome.error is not None:
        return {"refusal": outcome.error.message}
    return {"acceptedFrom": call.now + (outcome.seconds or 0)}


def _refuse_unsupported(body: Json) -> None:
    """Refuse what a rule to a service attachment cannot have."""
    if body.get("labels"):
        reason = (
            "Labels cannot be set when a forwarding rule for Private Service Connect is created."
        )
        raise invalid("resource.labels", body["labels"], reason)
    if body.get("loadBalancingScheme"):
        reason = "The load balancing scheme must be empty for Private Service Connect."
        raise invalid("resource.loadBalancingScheme", body["loadBalancingScheme"], reason)
    for field in _NOT_FOR_PSC:
        if body.get(field):
            reason = "This field is not supported for Private Service Connect."
            raise invalid(f"resource.{field}", body[field], reason)
    if not body.get("network"):
        raise invalid("resource.network", "", "A network is required for Private Service Connect.")


def _refuse_apart(region: Region, body: Json, reserved: Json | None) -> None:
    """Refuse a subnetwork, the rule's or its address's, that is not in the network's project."""
    named = reserved["resource"].get("subnetwork", "") if reserved is not None else ""
    subnetwork = body.get("subnetwork") or named
    if not subnetwork:
        return
    ours, theirs = (_project(region, name) for name in (body["network"], subnetwork))
    if ours != theirs:
        reason = "The subnetwork does not belong to the network of the forwarding rule."
        raise invalid("resource.subnetwork", subnetwork, reason)


def _project(region: Region, reference: str) -> str:
    """Return the project that a reference lies in, as its number."""
    path = relative(reference)
    project = path.split("/")[1] if path.startswith("projects/") else region.project
    return project_number(project)


def _target(call: Call, region: Region, sent: str) -> str:
    """The relative name of the service attachment a rule is to lead to."""
    target = relative(sent)
    match = SERVICE_ATTACHMENT.fullmatch(target)
    if match is None:
        refuse("UNIMPLEMENTED", "The emulator serves forwarding rules to service attachments only.")
    if match["region"] != region.name:
        reason = f"The service attachment must be in region '{region.name}'."
        raise invalid("resource.target", sent, reason)
    accepted = call.tx.speaks("missing-target-accepted")
    if attachments.state(call.tx, target, call.now) is None and not accepted:
        raise not_found(target)
    return target


def _ip(tx: Transaction, region: Region, body: Json, reserved: Json | None) -> str:
    """The literal address of a new rule."""
    if reserved is not None:
        locator, resource = records.locator_of(reserved), reserved["resource"]
        if resource["addressType"] != "INTERNAL":
            raise invalid("resource.IPAddress", resource["address"], "Address must be internal.")
        if tx.find(RULE, "address", locator.key):
            raise _conflict(resource["address"])
        return resource["address"]
    literal = body.get("IPAddress", "")
    if literal and in_use(tx, literal):
        raise _conflict(literal)
    default = f"{region.path}/subnetworks/default"
    return literal or allocate(tx, relative(body.get("subnetwork", default)))


def _conflict(ip: str) -> ApiError:
    reason = "Specified IP address is in-use and would result in a conflict."
    return invalid("resource.IPAddress", ip, reason)


def _registrations(body: Json) -> list[Json]:
    """What is registered with Service Directory: one entry, its namespace filled in."""
    sent = body.get("serviceDirectoryRegistrations", [])
    if len(sent) > 1:
        field = "resource.serviceDirectoryRegistrations"
        raise invalid(field, len(sent), "At most one registration is supported.")
    entry: Json = sent[0] if sent else {}
    if entry.get("serviceDirectoryRegion"):
        field = "resource.serviceDirectoryRegistrations[0].serviceDirectoryRegion"
        reason = "The region can be set for global forwarding rules only."
        raise invalid(field, entry["serviceDirectoryRegion"], reason)
    return [{"namespace": _DEFAULT_NAMESPACE, **entry}]


@registry.route(
    "PATCH",
    _RULES.each,
    method=_RULES.method("patch"),
    access="write",
    notes=[
        reported("allowPscGlobalAccess can be patched, with the current fingerprint."),
        documented("A missing or stale fingerprint is refused with 412 conditionNotMet."),
    ],
)
@replayable
def patch(call: Call) -> Json:
    """Change the few fields a rule can change in place."""
    record = records.load_ready(call.tx, RULE, _RULES.locate(call))
    resource = record["resource"]
    require_fingerprint(
        call.body.get("fingerprint"), _fingerprint(resource), "Invalid fingerprint."
    )
    for field, value in call.body.items():
        if field in _PATCHABLE:
            resource[field] = value
        elif field != "fingerprint" and value != resource.get(field):
            raise invalid(f"resource.{field}", value, "The field cannot be changed by a patch.")
    return records.changed(call, RULE, record, "patch")


@registry.route(
    "POST",
    f"{_RULES.each}/setTarget",
    method=_RULES.method("setTarget"),
    access="write",
    notes=[reported("A service attachment cannot be exchanged for another one.")],
)
@replayable
def set_target(call: Call) -> Json:
    """Refuse: a rule to a service attachment keeps its target for life."""
    records.load_ready(call.tx, RULE, _RULES.locate(call))
    reason = "The target of a Private Service Connect forwarding rule cannot be changed."
    raise invalid("resource.target", call.body.get("target", ""), reason)


@registry.route(
    "DELETE",
    _RULES.each,
    method=_RULES.method("delete"),
    access="write",
)
@replayable
def delete(call: Call) -> Json:
    """Delete a rule; the address behind it stays reserved."""
    record = records.load_ready(call.tx, RULE, _RULES.locate(call))
    return records.deleted(call, RULE, record)
