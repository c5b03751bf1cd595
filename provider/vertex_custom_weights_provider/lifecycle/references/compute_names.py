"""What networks, subnetworks and addresses may be called, told before anything is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Any

from vertex_custom_weights_provider.properties.base import Problem
from vertex_custom_weights_provider.properties.parsing import Parsed, S

_NAME = r"[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?"
_PROJECT = r"(?:[a-z0-9.-]+:)?[a-z0-9-]+"
_IN_PROJECT = re.compile(rf"(?:^|/)projects/({_PROJECT})/")
_KINDS = {
    "network": ("network", "global/networks"),
    "subnetwork": ("subnetwork", "regions/([a-z0-9-]+)/subnetworks"),
    "address": ("reserved address, nor an IP address", "regions/([a-z0-9-]+)/addresses"),
}


def reference_problems(parsed: Parsed[S], old: Mapping[str, Any], *names: str) -> Iterator[Problem]:
    """Yield what is no name, partial or full URL of what a property stands for.

    What state holds already was taken once, and is not judged again.

    Args:
        parsed: The inputs.
        old: Inputs in state.
        *names: Properties, of `network`, `subnetwork` and `address`.
    """
    given, region = parsed.spec.wire(), getattr(parsed.spec, "region", None)
    for name in names:
        value = str(given.get(name, ""))
        if not parsed.has(name) or value == old.get(name):
            continue
        kind, place = _KINDS[name]
        url = rf"(?:https://[\w.-]+/compute/\w+/)?(?:projects/{_PROJECT}/)?{place}/{_NAME}"
        if re.fullmatch(_NAME, value) or (name == "address" and _is_literal(value)):
            continue
        found = re.fullmatch(url, value)
        if found is None:
            where = place.replace("([a-z0-9-]+)", "REGION")
            yield Problem(
                name,
                f"{value!r} is not a {kind}; write its name, projects/PROJECT/{where}/NAME, or its "
                "full URL.",
            )
        elif found.groups() and parsed.has("region") and found.group(1) != region:
            yield Problem(name, f"is in {found.group(1)}, but region is {region}. Name one there.")


def network_problems(parsed: Parsed[S], old: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield it when a subnetwork cannot be one of its network: both lie in one project."""
    if not parsed.has("network", "subnetwork", "project"):
        return
    given = parsed.spec.wire()
    pair = [str(given.get(key, "")) for key in ("network", "subnetwork")]
    if not all(pair) or pair == [old.get("network"), old.get("subnetwork")]:
        return
    own = str(given.get("project", ""))
    network, subnetwork = ((_IN_PROJECT.search(name) or [own, own])[1] for name in pair)
    if network != subnetwork and network.isdigit() == subnetwork.isdigit():
        yield Problem(
            "subnetwork",
            f"is in project {subnetwork}, but network is in {network}. A subnetwork lies in its "
            "network's project; with a Shared VPC both are the host project's.",
        )


def _is_literal(value: str) -> bool:
    try:
        return bool(ip_address(value))
    except ValueError:
        return False
