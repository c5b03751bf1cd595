"""Which resources belong to one endpoint: what a reviewer thinks of as one thing.

An `Endpoint`, or a deployment that makes its own, is the heart of a unit. Deployments onto it, its
traffic split, forwarding rules to it and their addresses are found by what their properties were
made from, which is known in previews of things that do not exist yet; then by value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from vertex_custom_weights_provider.report.reading.preview import Preview, Resource, bag, text
from vertex_custom_weights_provider.report.reading.urns import Urn
from vertex_custom_weights_provider.tokens import component, token

DEPLOYMENT = token("CustomWeightsDeployment")
ENDPOINT = token("Endpoint")
SPLIT = token("TrafficSplit")
RULE = token("PscForwardingRule")
ADDRESS = token("PscAddress")
LENT = "pscIpAddress"
"""Input of a component that uses the connection of another one: its address."""


@dataclass(frozen=True)
class Unit:
    """One endpoint and what belongs to it.

    Attributes:
        name: As the program calls it: its component, where it has one.
        component: Kind of the component, such as `LlamaEndpoint`; empty without.
        owner: What makes the endpoint; None when it stands outside the program.
        deployments: What is deployed on it, the owner included where it deploys.
        shared: Rules of others that lead to it, where it has none of its own: endpoints of one
            project and region may stand behind one service attachment.
        lent: The addresses of those.
    """

    name: str
    component: str = ""
    owner: Resource | None = None
    deployments: tuple[Resource, ...] = ()
    splits: tuple[Resource, ...] = ()
    rules: tuple[Resource, ...] = ()
    addresses: tuple[Resource, ...] = ()
    shared: tuple[Resource, ...] = ()
    lent: tuple[Resource, ...] = ()

    @property
    def parts(self) -> tuple[Resource, ...]:
        """All resources, each once."""
        owner = (self.owner,) if self.owner else ()
        every = (*owner, *self.deployments, *self.splits, *self.rules, *self.addresses)
        return tuple({str(part.urn): part for part in every}.values())


def units(preview: Preview) -> tuple[Unit, ...]:
    """Return the endpoints of a preview, in its order."""
    return tuple(_Grouping(preview.resources).units())


def others(preview: Preview, grouped: Iterable[Unit]) -> tuple[Resource, ...]:
    """Return the resources that belong to no endpoint, components aside."""
    taken = {str(part.urn) for unit in grouped for part in unit.parts}
    return tuple(
        resource
        for resource in preview.resources
        if str(resource.urn) not in taken and not component(resource.urn.type)
    )


class _Grouping:
    """Resources by type, and how they refer to each other."""

    def __init__(self, resources: tuple[Resource, ...]) -> None:
        self._of = {
            kind: [resource for resource in resources if resource.urn.type == kind]
            for kind in (DEPLOYMENT, ENDPOINT, SPLIT, RULE, ADDRESS)
        }
        self._components = {
            urn: resource
            for resource in resources
            if component(resource.urn.type)
            for urn in _urns(resource)
        }
        owners = [*self._of[ENDPOINT]]
        owners += [d for d in self._of[DEPLOYMENT] if not _given(d)]
        order = {str(resource.urn): place for place, resource in enumerate(resources)}
        self._owners = sorted(owners, key=lambda owner: order[str(owner.urn)])

    def units(self) -> Iterator[Unit]:
        onto = self._by_target(self._of[DEPLOYMENT], "endpoint", self._owners, "endpointName")
        splits = self._by_target(self._of[SPLIT], "endpoint", self._owners, "endpointName")
        named = self._names()
        for owner in self._owners:
            urn = str(owner.urn)
            own = [owner] if owner.urn.type == DEPLOYMENT else []
            name, kind = named[urn]
            yield self._unit(name, kind, owner, [*own, *onto.pop(urn, [])], splits.pop(urn, []))
        for where in dict.fromkeys((*onto, *splits)):
            name = where.rsplit("/", 1)[-1] or "an endpoint made elsewhere"
            yield self._unit(name, "", None, onto.get(where, []), splits.get(where, []))

    def _unit(
        self,
        name: str,
        kind: str,
        owner: Resource | None,
        deployments: list[Resource],
        splits: list[Resource],
    ) -> Unit:
        heart = [*([owner] if owner else []), *deployments]
        rules = [rule for rule in self._of[RULE] if made_from(rule, "target", heart)]
        shared = [] if rules or not private(heart) else self._shared(owner, heart)
        parts = (deployments, splits, rules, self._reserved(rules), shared, self._reserved(shared))
        return Unit(name, kind, owner, *map(tuple, parts))

    def _reserved(self, rules: list[Resource]) -> list[Resource]:
        """Return the reserved addresses of rules."""
        return [
            address
            for address in self._of[ADDRESS]
            if any(_refers(rule, "address", [address], "addressName") for rule in rules)
        ]

    def _shared(self, owner: Resource | None, heart: list[Resource]) -> list[Resource]:
        """Return the rules of others that callers use: what the program says, or the attachment."""
        home = self._components.get(str(self._home(owner))) if owner else None
        sources = set(home.state.depends.get(LENT, ())) if home else set[str]()
        lent = [
            rule
            for rule in self._of[RULE]
            if _urns(rule) & sources
            or any(made_from(rule, "address", [one]) for one in self._lenders(sources))
        ]
        return lent or self._leading_to(heart)

    def _lenders(self, sources: set[str]) -> list[Resource]:
        return [address for address in self._of[ADDRESS] if _urns(address) & sources]

    def _leading_to(self, heart: list[Resource]) -> list[Resource]:
        rules = self._of[RULE]
        return [rule for rule in rules if _same(rule, "target", heart, "serviceAttachment")]

    def _by_target(
        self, resources: list[Resource], key: str, targets: list[Resource], output: str
    ) -> dict[str, list[Resource]]:
        """Sort resources by the one they refer to: its URN, or the value where it is not ours."""
        found: dict[str, list[Resource]] = {}
        for resource in resources:
            if resource in self._owners:
                continue
            target = next((t for t in targets if _refers(resource, key, [t], output)), None)
            where = str(target.urn) if target else resource.state.text(key)
            found.setdefault(where, []).append(resource)
        return found

    def _names(self) -> Mapping[str, tuple[str, str]]:
        """Return name and component of each owner; several in one component go by their own."""
        homes = {str(owner.urn): self._home(owner) for owner in self._owners}
        counts = list(homes.values())
        return {
            str(owner.urn): (home.name, component(home.type) or "")
            if (home := homes[str(owner.urn)]) is not None and counts.count(home) == 1
            else (owner.urn.name, "")
            for owner in self._owners
        }

    def _home(self, owner: Resource) -> Urn | None:
        """Return the outermost component of ours around a resource."""
        found, parent = None, owner.state.parent
        while parent and component(Urn.parse(parent).type):
            found = Urn.parse(parent)
            around = self._components.get(parent)
            parent = around.state.parent if around else ""
        return found


def called(deployment: Resource) -> str:
    """Return what people call a deployment: a component's only one goes by the component's name."""
    return deployment.urn.name.removesuffix("-llm")


def private(heart: Iterable[Resource]) -> bool:
    """Tell whether what makes an endpoint lets connected networks in, and nobody else."""
    configs = (bag(one.state.inputs.get("privateServiceConnectConfig")) for one in heart)
    return any(config.get("enablePrivateServiceConnect") for config in configs)


def _given(deployment: Resource) -> bool:
    """Tell whether a deployment goes onto an endpoint that something else makes."""
    return deployment.state.inputs.get("endpoint") is not None


def _urns(resource: Resource) -> set[str]:
    """Return the URNs a resource has and had."""
    return {state.urn for state in (resource.old, resource.new) if state} | {str(resource.urn)}


def _refers(resource: Resource, key: str, targets: list[Resource], output: str) -> bool:
    """Tell whether a property was made from one of `targets`, or has the value of its output."""
    return made_from(resource, key, targets) or _same(resource, key, targets, output)


def made_from(resource: Resource, key: str, targets: Iterable[Resource]) -> bool:
    """Tell whether a property was made from one of `targets`."""
    states = [state for state in (resource.new, resource.old) if state is not None]
    sources = {urn for state in states for urn in state.depends.get(key, ())}
    return any(sources & _urns(target) for target in targets)


def _same(resource: Resource, key: str, targets: Iterable[Resource], output: str) -> bool:
    """Tell whether a property has the value of an output of one of `targets`."""
    values = _values(resource, key, outputs=False)
    return any(values & _values(target, output, outputs=True) for target in targets)


def _values(resource: Resource, key: str, *, outputs: bool) -> set[str]:
    states = [state for state in (resource.new, resource.old) if state is not None]
    return {text((s.outputs if outputs else s.inputs).get(key)) for s in states} - {""}
