"""The way of a request: consumer network, rule, attachment, endpoint, deployments, weights.

A picture without a form yet: `mermaid` and `drawing` give it one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from vertex_custom_weights_provider.report.deployment import serving
from vertex_custom_weights_provider.report.endpoints import Unit, called, made_from, private
from vertex_custom_weights_provider.report.reading.preview import Action, Resource, bag, items, text
from vertex_custom_weights_provider.report.shares import shares, undecided


class Mark(StrEnum):
    """What happens to what a node stands for."""

    NEW = "new"
    REPLACED = "replaced"
    CHANGED = "changed"
    REMOVED = "removed"
    UNSURE = "may change"
    SAME = ""


class Rank(StrEnum):
    """Stations of the way, in order."""

    NETWORK = "network"
    RULE = "rule"
    ATTACHMENT = "attachment"
    ENDPOINT = "endpoint"
    DEPLOYMENT = "deployment"
    WEIGHTS = "weights"


@dataclass(frozen=True)
class Node:
    """One box: its station, a title and what is written below it."""

    key: str
    rank: Rank
    title: str
    detail: str = ""
    mark: Mark = Mark.SAME


@dataclass(frozen=True)
class Edge:
    """An arrow between two nodes, by key."""

    source: str
    target: str
    label: str = ""


@dataclass(frozen=True)
class Topology:
    """Nodes and arrows, in the order of the way."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()


_MARKS = {
    Action.CREATE: Mark.NEW,
    Action.IMPORT: Mark.NEW,
    Action.REPLACE: Mark.REPLACED,
    Action.UPDATE: Mark.CHANGED,
    Action.DELETE: Mark.REMOVED,
}
_ENDPOINT, _ATTACHMENT, _CALLERS = "endpoint", "attachment", "callers"


def topology(unit: Unit) -> Topology:
    """Return the picture of one endpoint as it will be; what is removed is still in it."""
    nodes: list[Node] = []
    edges: list[Edge] = []
    for found in (*_access(unit), _endpoint(unit), *_deployments(unit)):
        (nodes if isinstance(found, Node) else edges).append(found)  # pyright: ignore[reportArgumentType]
    return Topology(tuple(nodes), tuple(edges))


def is_private(unit: Unit) -> bool | None:
    """Tell whether only connected networks reach the endpoint; None when that is not known."""
    if unit.owner is None:
        return True if unit.rules else None
    return private((unit.owner,)) or bool(unit.owner.state.inputs.get("network"))


def _mark(resource: Resource | None) -> Mark:
    if resource is None:
        return Mark.SAME
    return Mark.UNSURE if resource.unsure else _MARKS.get(resource.action, Mark.SAME)


def _access(unit: Unit) -> Iterator[Node | Edge]:
    """Yield what lies before the endpoint."""
    rules = unit.rules or unit.shared
    if not is_private(unit) and not rules:
        who = "callers" if is_private(unit) is None else "the internet"
        yield Node(_CALLERS, Rank.NETWORK, who, "callers with permission")
        yield Edge(_CALLERS, _ENDPOINT)
        return
    for number, rule in enumerate(rules):
        yield from _connection(rule, number, (*unit.addresses, *unit.lent))
    access = bag(_inputs(unit).get("privateServiceConnectConfig"))
    automated = [bag(entry) for entry in items(access.get("pscAutomationConfigs"))]
    for number, entry in enumerate(automated):
        key, network = f"automated{number}", text(entry.get("network"))
        yield Node(key, Rank.NETWORK, _last(network) or "network", text(entry.get("projectId")))
        yield Edge(key, _ATTACHMENT, "by Google")
    if not (rules or automated):
        named = ", ".join(filter(None, map(text, items(access.get("projectAllowlist")))))
        allowed = f"allowed: {named or 'nobody'}"
        yield Node(_CALLERS, Rank.NETWORK, "no connection here", allowed)
        yield Edge(_CALLERS, _ATTACHMENT)
    yield _attachment(unit)
    yield Edge(_ATTACHMENT, _ENDPOINT)


def _last(path: str) -> str:
    return path.rstrip("/").rsplit("/", 1)[-1]


def _inputs(unit: Unit) -> Mapping[str, object]:
    return unit.owner.state.inputs if unit.owner else {}


def _connection(
    rule: Resource, number: int, addresses: tuple[Resource, ...]
) -> Iterator[Node | Edge]:
    network, key = f"network{number}", f"rule{number}"
    title = address_of(rule, addresses) or "address chosen later"
    # A network outlives its rule; only the connection is marked.
    name, project = _last(rule.state.text("network")), rule.state.text("project")
    yield Node(network, Rank.NETWORK, name or "network", project)
    yield Node(key, Rank.RULE, title, rule.urn.name, _mark(rule))
    yield Edge(network, key)
    yield Edge(key, _ATTACHMENT)


def address_of(rule: Resource, addresses: tuple[Resource, ...]) -> str:
    """Return the address of a rule: the one its reserved address has or asks for, or its own."""
    reserved = [one for one in addresses if made_from(rule, "address", [one])]
    if any(one.action is Action.REPLACE for one in reserved):
        return next(filter(None, (one.state.text("address") for one in reserved)), "")
    states = [state for state in (rule.new, rule.old) if state]
    known = [state.text("ipAddress") for state in states]
    return next(filter(None, (*known, *(one.state.text("address") for one in reserved))), "")


def _attachment(unit: Unit) -> Node:
    owner = unit.owner or next(iter(unit.deployments), None)
    mark = _mark(owner)
    known = (one.old.text("serviceAttachment") for one in unit.deployments if one.old)
    name = _last(next(filter(None, known), ""))
    if mark in (Mark.NEW, Mark.REPLACED) or not name:
        name = "known after the update"
    # Endpoints of one project and region may share an attachment, so a new one may have the old.
    shown = {Mark.CHANGED: Mark.SAME, Mark.REPLACED: Mark.UNSURE}.get(mark, mark)
    return Node(_ATTACHMENT, Rank.ATTACHMENT, "service attachment", name, shown)


def _endpoint(unit: Unit) -> Node:
    inputs = _inputs(unit)
    name = text(inputs.get("endpointUserId")) or text(inputs.get("endpointId")) or unit.name
    place = text(inputs.get("location"))
    reach = {True: "private", False: "public", None: ""}[is_private(unit)]
    waiting = undecided(unit)
    split = f"traffic {' / '.join(f'{share} %' for share in waiting)}" if waiting else ""
    detail = ", ".join(filter(None, (reach, place, split)))
    mark = _mark(unit.owner)
    if mark is Mark.CHANGED and unit.owner in unit.deployments:
        mark = Mark.SAME  # what changes is said of the deployment
    return Node(_ENDPOINT, Rank.ENDPOINT, name, detail, mark)


def _deployments(unit: Unit) -> Iterator[Node | Edge]:
    percents = shares(unit)
    for number, one in enumerate(unit.deployments):
        key, weights = f"deployment{number}", f"weights{number}"
        wanted, before = serving(one.state), serving(one.old)
        if wanted is None:
            continue
        share = percents.get(str(one.urn))
        detail = f"{wanted.hardware}; {wanted.replicas}"
        yield Node(key, Rank.DEPLOYMENT, called(one), detail, _mark(one))
        yield Edge(_ENDPOINT, key, "" if share is None else f"{share} %")
        mark = _mark(one) if one.action in (Action.CREATE, Action.DELETE) else Mark.SAME
        if before and (before.weights, before.fingerprint) != (wanted.weights, wanted.fingerprint):
            mark = Mark.CHANGED
        title = _last(wanted.weights) or "weights"
        yield Node(weights, Rank.WEIGHTS, title, wanted.weights, mark)
        yield Edge(key, weights)
