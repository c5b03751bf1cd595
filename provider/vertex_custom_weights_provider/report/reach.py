"""Who reaches an endpoint, and at which URL: before a change and after it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from vertex_custom_weights_provider.addresses import base_url
from vertex_custom_weights_provider.report.endpoints import Unit
from vertex_custom_weights_provider.report.reading.preview import Action, State, bag, items, text
from vertex_custom_weights_provider.report.topology import address_of, is_private


@dataclass(frozen=True)
class Reach:
    """How callers get to an endpoint.

    Attributes:
        public: Anybody on the internet who has the permission; None when that is not known.
        became_public: It was not, or was not there.
        who: The projects or networks that are let in, in words.
        before: URL that `/chat/completions` is appended to now; empty when there is none.
        after: The same afterwards; empty when only the update will know.
        sure: Nothing can make `after` another one. The id of a new endpoint is passed over where
            it was deleted in the last 7 days.
    """

    public: bool | None = None
    became_public: bool = False
    who: str = ""
    before: str = ""
    after: str = ""
    sure: bool = True

    @property
    def moves(self) -> bool:
        """Whether callers have to use another URL, as far as that is known."""
        return bool(self.before) and self.before != self.after


def reach(unit: Unit) -> Reach:
    """Return how an endpoint is reached."""
    private = is_private(unit)
    public = None if private is None else not private
    gone = unit.owner is not None and unit.owner.action is Action.DELETE
    made = unit.owner is not None and unit.owner.action in (Action.CREATE, Action.REPLACE)
    old_state = unit.owner.old if unit.owner else None
    was_public = old_state is not None and not _lets_in(old_state)
    return Reach(
        public=None if gone else public,
        became_public=bool(public and made and not was_public),
        who=_who(unit),
        before=_before(unit),
        after="" if gone else _after(unit),
        sure=not made,
    )


def _lets_in(state: State) -> bool:
    config = bag(state.inputs.get("privateServiceConnectConfig"))
    return bool(config.get("enablePrivateServiceConnect") or state.inputs.get("network"))


def _who(unit: Unit) -> str:
    state = unit.owner.state if unit.owner else State("")
    config = bag(state.inputs.get("privateServiceConnectConfig"))
    projects = [text(entry) for entry in items(config.get("projectAllowlist"))]
    known = [project for project in projects if project]
    networks = [rule.state.text("network").rsplit("/", 1)[-1] for rule in unit.rules or unit.shared]
    named = [f"projects {', '.join(known)}"] if known else []
    connected = list(dict.fromkeys(filter(None, networks)))
    return "; ".join([*named, *([f"networks {', '.join(connected)}"] if connected else [])])


def _before(unit: Unit) -> str:
    olds = [one.old for one in (unit.owner, *unit.deployments) if one and one.old]
    rules = [rule.old for rule in unit.rules or unit.shared if rule.old]
    ip = _first(rule.text("ipAddress") for rule in rules)
    return _url(ip, _dns(olds), _name(olds))


def _after(unit: Unit) -> str:
    """Return the URL as far as the preview tells; empty where it does not."""
    rules = [rule for rule in unit.rules or unit.shared if rule.action is not Action.DELETE]
    ip = _first(address_of(rule, (*unit.addresses, *unit.lent)) for rule in rules)
    owner = unit.owner
    olds = [one.old for one in (owner, *unit.deployments) if one and one.old]
    name, dns = _name(olds), _dns(olds)
    if owner is not None and owner.action in (Action.CREATE, Action.REPLACE):
        wanted = _chosen(owner.new or State(""))
        old_id, new_id = name.rsplit("/", 1)[-1], wanted.rsplit("/", 1)[-1]
        same_place = name.rsplit("/", 1)[0] == wanted.rsplit("/", 1)[0]
        follows = same_place and bool(new_id) and dns.startswith(f"{old_id}.")
        dns = dns.replace(old_id, new_id, 1) if follows else ""
        name = wanted
    return _url(ip, "" if rules else dns, name)


def _chosen(state: State) -> str:
    """Return the name that an endpoint will have, from its inputs."""
    project, location = (text(state.inputs.get(key)) for key in ("project", "location"))
    id_ = text(state.inputs.get("endpointUserId")) or text(state.inputs.get("endpointId"))
    known = project and location and id_
    return f"projects/{project}/locations/{location}/endpoints/{id_}" if known else ""


def _name(states: Iterable[State]) -> str:
    return _first(state.text("endpointName") for state in states)


def _dns(states: Iterable[State]) -> str:
    return _first(state.text("dedicatedEndpointDns") for state in states)


def _first(found: Iterable[str]) -> str:
    return next(filter(None, found), "")


def _url(private: str, public: str, name: str) -> str:
    """Return the URL as the components' `openai_base_url` has it."""
    return base_url(private, public, name) if name else ""
