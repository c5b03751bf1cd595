"""Regional addresses."""

from __future__ import annotations

from vertex_custom_weights_provider.emulator.envelope import ApiError, Json
from vertex_custom_weights_provider.emulator.http.call import Call, assumed, documented, reported
from vertex_custom_weights_provider.emulator.http.routing import Registry
from vertex_custom_weights_provider.emulator.names import canonical
from vertex_custom_weights_provider.emulator.state.transaction import Transaction

from . import records
from .allocation import ADDRESS, RULE, allocate, in_use, require_literal
from .collection import Collection, serve
from .naming import (
    Locator,
    Region,
    check_labels,
    invalid,
    link,
    region_of,
    relative,
    require_name,
)
from .operations import replayable

_ADDRESSES = Collection("addresses", "address", ADDRESS, "addresses")
_KEPT = ("description", "ipVersion", "labels", "network", "networkTier", "prefixLength")

registry = Registry()


def view(tx: Transaction, record: Json) -> Json:
    """An address as the API shows it: whether it is in use is read off the forwarding rules."""
    users = [
        rule["resource"]["selfLink"]
        for rule in tx.find(RULE, "address", records.locator_of(record).key)
    ]
    shown = {**record["resource"], "status": "RESERVED"}
    if record["state"] == "creating":
        shown["status"] = "RESERVING"
    elif users:
        shown |= {"status": "IN_USE", "users": users}
    return shown


serve(
    registry,
    _ADDRESSES,
    lambda call, record: view(call.tx, record),
    [assumed("Filters are comparisons joined by AND; other expressions are refused.")],
)


@registry.route(
    "POST",
    _ADDRESSES.regional,
    method=_ADDRESSES.method("insert"),
    access="write",
    notes=[
        documented("Purpose PRIVATE_SERVICE_CONNECT is for global addresses only."),
        assumed("Every network and subnetwork exists; one without a range gets a /20 of 10/8."),
        assumed("All networks share one address space, so that an address names one host."),
        assumed("A literal that is taken fails the operation, not the call."),
        assumed("An external address comes from 203.0.113.0/24 and leads nowhere."),
    ],
)
@replayable
def insert(call: Call) -> Json:
    """Reserve an address."""
    locator = Locator(region_of(call), "addresses", require_name(call.body))
    records.refuse_taken(call.tx, ADDRESS, locator)
    check_labels(call.body.get("labels", {}))
    fields = _fields(locator.region, call.body)
    ip = call.body.get("address", "")
    failure = None
    if ip:
        ip = require_literal("resource.address", ip)
        if in_use(call.tx, ip):
            message = f"IP '{ip}' is already being used by another resource."
            reason = "ipInUseByAnotherResource"
            failure = ApiError(400, "FAILED_PRECONDITION", message, reason=reason)
            if call.tx.speaks("taken-address-refused-at-once"):
                raise failure
    else:
        ip = allocate(call.tx, relative(fields.get("subnetwork", "")))
    record = records.stamp(locator, "compute#address", call.now, {**fields, "address": ip})
    records.save(call.tx, ADDRESS, record, {} if failure else {"ip": ip})
    return records.created(call, ADDRESS, record, failure)


def _fields(region: Region, body: Json) -> Json:
    """What the request says about the address, with the service's defaults."""
    fields = {key: body[key] for key in _KEPT if key in body}
    fields.setdefault("networkTier", "PREMIUM")
    fields["addressType"] = body.get("addressType", "EXTERNAL")
    if fields["addressType"] != "INTERNAL":
        if "subnetwork" in body:
            reason = "A subnetwork can be given for internal addresses only."
            raise invalid("resource.subnetwork", body["subnetwork"], reason)
        return fields
    fields["purpose"] = body.get("purpose", "GCE_ENDPOINT")
    if fields["purpose"] == "PRIVATE_SERVICE_CONNECT":
        reason = "Purpose PRIVATE_SERVICE_CONNECT is supported for global addresses only."
        raise invalid("resource.purpose", fields["purpose"], reason)
    default = f"{region.path}/subnetworks/default"
    fields["subnetwork"] = link(_in_region(region, body.get("subnetwork") or default))
    return fields


def _in_region(region: Region, subnetwork: str) -> str:
    """A subnetwork reference in full; it has to lie in the address's region."""
    path = relative(subnetwork)
    if path.startswith("regions/"):
        path = f"projects/{region.project}/{path}"
    elif "/" not in path:
        path = f"{region.path}/subnetworks/{path}"
    parts = path.split("/")
    if len(parts) != 6 or parts[2:5:2] != ["regions", "subnetworks"]:
        raise invalid("resource.subnetwork", subnetwork, "The URL is malformed.")
    if parts[3] != region.name:
        reason = f"The subnetwork must be in region '{region.name}'."
        raise invalid("resource.subnetwork", subnetwork, reason)
    return path


@registry.route(
    "DELETE",
    _ADDRESSES.each,
    method=_ADDRESSES.method("delete"),
    access="write",
    notes=[reported("Refused with resourceInUseByAnotherResource while a rule uses it.")],
)
@replayable
def delete(call: Call) -> Json:
    """Release an address that no forwarding rule uses."""
    locator = _ADDRESSES.locate(call)
    record = records.load_ready(call.tx, ADDRESS, locator)
    users = call.tx.find(RULE, "address", locator.key)
    if users:
        user = records.locator_of(users[0]).path
        message = f"The address resource '{locator.path}' is already being used by '{user}'"
        reason = "resourceInUseByAnotherResource"
        raise ApiError(400, "FAILED_PRECONDITION", message, reason=reason)
    return records.deleted(call, ADDRESS, record)


def resolve(tx: Transaction, region: Region, reference: str) -> Json | None:
    """Return the address a forwarding rule names, or None for a literal nobody reserved.

    Raises:
        ApiError: 404 for a name or URL that leads nowhere, 400 while it is being reserved.
    """
    if reference and not reference[0].isdigit():
        path = relative(reference)
        if "/addresses/" not in path:
            path = f"{region.path}/addresses/{path}"
        elif path.startswith("regions/"):
            path = f"projects/{region.project}/{path}"
        parts = path.split("/")
        if len(parts) != 6 or parts[3] != region.name or parts[2] != "regions":
            reason = f"The address must be in region '{region.name}'."
            raise invalid("resource.IPAddress", reference, reason)
        found = Locator(Region(parts[1], parts[3]), "addresses", parts[5])
        return records.load_ready(tx, ADDRESS, found)
    literal = require_literal("resource.IPAddress", reference)
    owned = [
        record
        for record in tx.find(ADDRESS, "ip", literal)
        if canonical(f"projects/{record['project']}") == canonical(f"projects/{region.project}")
    ]
    return owned[0] if owned else None
