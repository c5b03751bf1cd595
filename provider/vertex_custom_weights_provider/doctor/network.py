"""The private path: networks, subnetworks, allowlists and the policy that automation needs."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from typing import Any

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.preflight.deployment.questions import JsonRest

from .check import Check, could_not_tell, get
from .wanted import Access, Connection

_COMPUTE = "https://compute.googleapis.com/compute/v1"
_CONNECTIVITY = "https://networkconnectivity.googleapis.com/v1"
_SERVICE_CLASS = "gcp-vertexai"


def check_networks(rest: JsonRest, connections: Iterable[Connection]) -> Iterator[Check]:
    """Check that networks and subnetworks exist, and that literal addresses lie in them."""
    wanted = list(connections)
    for path in sorted({_network(c) for c in wanted if c.network}):
        yield _exists(rest, path, f"network {path}")[0]
    for path in sorted({_subnetwork(c) for c in wanted if c.subnetwork}):
        check, found = _exists(rest, path, f"subnetwork {path}")
        yield check
        addresses = {c.address for c in wanted if c.address and _subnetwork(c) == path}
        for address in sorted(addresses) if found.get("ipCidrRange") else ():
            yield _inside(address, path, str(found["ipCidrRange"]))


def _exists(rest: JsonRest, path: str, about: str) -> tuple[Check, dict[str, Any]]:
    kind = "networks subnets" if "/subnetworks/" in path else "networks"
    look = f"gcloud compute {kind} list --project={path.split('/')[1]}"
    try:
        found = get(rest, f"{_COMPUTE}/{path}")
    except errors.NotFound:
        return Check(about, "problem", "Does not exist. These do:", (look,)), {}
    except errors.VcwError as error:
        return could_not_tell(about, error), {}
    span = found.get("ipCidrRange")
    return Check(about, "ok", f"There, {span}." if span else "There."), found


def _inside(address: str, subnetwork: str, span: str) -> Check:
    about = f"address {address}"
    try:
        inside = ipaddress.ip_address(address) in ipaddress.ip_network(span, strict=False)
    except ValueError:
        return Check(about, "problem", "No IP address.")
    if inside:
        return Check(about, "ok", f"Lies in {subnetwork}.")
    return Check(about, "problem", f"Does not lie in {subnetwork}, which has {span}.")


def check_allowlists(
    accesses: Iterable[Access], connections: Iterable[Connection]
) -> Iterator[Check]:
    """Check that every project that connects is on an endpoint's list."""
    allowed = {project for access in accesses for project in access.allowed}
    if not allowed:
        return
    for project in sorted({c.project for c in connections if c.project}):
        about = f"connections from {project}"
        if project in allowed:
            yield Check(about, "ok", "The project is on the endpoints' list.")
        else:
            told = (
                f"The project is on no endpoint's list ({', '.join(sorted(allowed))}), so its "
                "connection would not be accepted. Add it to allowedProjects before the first "
                "`pulumi up`: the list cannot be changed afterwards."
            )
            yield Check(about, "problem", told)


def check_automation(rest: JsonRest, accesses: Iterable[Access]) -> Iterator[Check]:
    """Check that networks which Google is to connect by itself have the policy that allows it."""
    wanted = {
        (project, access.location, network.rsplit("/", 1)[-1])
        for access in accesses
        for project, network in access.automated
    }
    for project, region, network in sorted(wanted):
        about = f"service connection policy of network {network} in {project}, {region}"
        parent = f"projects/{project}/locations/{region}"
        make = (
            f"gcloud network-connectivity service-connection-policies create vertex-ai "
            f"--project={project} --region={region} --network={network} "
            f"--service-class={_SERVICE_CLASS} --subnets=SUBNETWORK"
        )
        try:
            answer = get(rest, f"{_CONNECTIVITY}/{parent}/serviceConnectionPolicies")
        except errors.VcwError as error:
            yield could_not_tell(about, error, (make,))
            continue
        if any(_serves(policy, network) for policy in answer.get("serviceConnectionPolicies", ())):
            yield Check(about, "ok", f"There, for {_SERVICE_CLASS}.")
        else:
            told = "None, so the connection would fail with CONNECTION_POLICY_MISSING."
            yield Check(about, "problem", told, (make,))


def _serves(policy: dict[str, Any], network: str) -> bool:
    named = str(policy.get("network", "")).rsplit("/", 1)[-1]
    return policy.get("serviceClass") == _SERVICE_CLASS and named == network


def _network(connection: Connection) -> str:
    path = _path(connection.network)
    return path if "/" in path else f"projects/{connection.project}/global/networks/{path}"


def _subnetwork(connection: Connection) -> str:
    path = _path(connection.subnetwork)
    if path.startswith("projects/"):
        return path
    name = path.rsplit("/", 1)[-1]
    return f"projects/{connection.project}/regions/{connection.region}/subnetworks/{name}"


def _path(given: str) -> str:
    """Return a full or partial URL from `projects/` on; a bare name as it is."""
    return given[given.index("projects/") :] if "projects/" in given else given
