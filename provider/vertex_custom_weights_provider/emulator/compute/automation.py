"""Service connectivity automation: what the service makes in consumer projects by itself."""

from __future__ import annotations

import secrets

from vertex_custom_weights_provider.emulator.envelope import Json
from vertex_custom_weights_provider.emulator.state.timers import Moment

from . import records
from .allocation import ADDRESS, RULE, allocate
from .naming import Locator, Region, link, numeric_id


def connect(moment: Moment, project: str, region: str, network: str, target: str) -> Json:
    """Reserve an address and lead it to a service attachment; returns what automation reports."""
    where, suffix = Region(project, region), secrets.token_hex(8)
    ip = allocate(moment.tx, f"{where.path}/subnetworks/sca-auto-{network.rsplit('/', 1)[-1]}")
    address = Locator(where, "addresses", f"sca-auto-addr-{suffix}")
    reserved = {"address": ip, "addressType": "INTERNAL", "purpose": "GCE_ENDPOINT"}
    record = records.stamp(address, "compute#address", moment.now, reserved)
    records.save(moment.tx, ADDRESS, {**record, "state": "ready"}, {"ip": ip})
    rule = Locator(where, "forwardingRules", f"sca-auto-fr-{suffix}")
    fields = {
        "IPAddress": ip,
        "target": link(target),
        "network": link(network),
        "pscConnectionId": numeric_id(),
    }
    record = records.stamp(rule, "compute#forwardingRule", moment.now, fields)
    facets = {"ip": ip, "target": target, "address": address.key}
    records.save(moment.tx, RULE, {**record, "state": "ready"}, facets)
    return {"ipAddress": ip, "forwardingRule": rule.path}


def disconnect(moment: Moment, rule: str) -> None:
    """Remove what `connect` made; a rule that is gone already is no matter."""
    _, project, _, region, _, name = rule.split("/")
    where = Region(project, region)
    moment.tx.delete(RULE, Locator(where, "forwardingRules", name).key)
    address = name.replace("sca-auto-fr-", "sca-auto-addr-")
    moment.tx.delete(ADDRESS, Locator(where, "addresses", address).key)
