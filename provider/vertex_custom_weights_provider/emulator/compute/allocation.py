"""IP addresses: each subnetwork has a range of its own, and nothing hands out an address twice."""

from __future__ import annotations

import ipaddress

from vertex_custom_weights_provider.emulator import names
from vertex_custom_weights_provider.emulator.envelope import ApiError
from vertex_custom_weights_provider.emulator.state.transaction import Transaction

from .naming import invalid

ADDRESS = "address"
RULE = "forwardingRule"
_SUBNETWORK = "subnetwork"
_PRIVATE = ipaddress.ip_network("10.0.0.0/8")
# Documentation range (RFC 5737): an external address of the emulator must lead nowhere.
_PUBLIC = ipaddress.ip_network("203.0.113.0/24")
_RANGE_BITS = 20


def allocate(tx: Transaction, subnetwork: str) -> str:
    """The lowest free address of a subnetwork; an empty name means an external one."""
    network = _range(tx, names.canonical(subnetwork)) if subnetwork else _PUBLIC
    hosts = network.hosts()
    next(hosts)  # the first one is the gateway's
    for candidate in hosts:
        if not in_use(tx, str(candidate)):
            return str(candidate)
    raise _exhausted(subnetwork)


def _exhausted(subnetwork: str) -> ApiError:
    message = f"The subnetwork '{subnetwork}' has no free IP addresses."
    return ApiError(400, "RESOURCE_EXHAUSTED", message, reason="ipSpaceExhausted")


def _range(tx: Transaction, subnetwork: str) -> ipaddress.IPv4Network:
    """The range of a subnetwork, assigned when it is first used.

    All ranges differ, also across networks: a private prediction host is told by its address alone.
    """
    known = tx.get(_SUBNETWORK, subnetwork)
    if known is not None:
        return ipaddress.IPv4Network(known["range"])
    size = 2 ** (32 - _RANGE_BITS)
    first = tx.count(_SUBNETWORK) * size
    if first >= _PRIVATE.num_addresses:
        raise _exhausted(subnetwork)
    start = _PRIVATE[first]
    network = ipaddress.IPv4Network(f"{start}/{_RANGE_BITS}")
    tx.put(_SUBNETWORK, subnetwork, {"range": str(network)})
    return network


def in_use(tx: Transaction, ip: str) -> bool:
    """Whether an address resource or a forwarding rule has this IP address."""
    return bool(tx.find(ADDRESS, "ip", ip) or tx.find(RULE, "ip", ip))


def require_literal(field: str, value: str) -> str:
    """An IP address as a request gives it.

    Raises:
        ApiError: 400 when it is none.
    """
    try:
        return str(ipaddress.IPv4Address(value))
    except ValueError:
        raise invalid(field, value, "Must be a valid IP address.") from None
