"""Looking through a project: which endpoints serve weights of one's own, and what leads to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import msgspec

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.adopt_command import undeclared
from vertex_custom_weights_provider.adopt_command.found import Group, Survey, Thing
from vertex_custom_weights_provider.adopt_command.names import Names
from vertex_custom_weights_provider.api.cloud import Cloud
from vertex_custom_weights_provider.api.messages import (
    Address,
    DeployedModel,
    Endpoint,
    ForwardingRule,
    Model,
    Regional,
)
from vertex_custom_weights_provider.api.names import last, same
from vertex_custom_weights_provider.lifecycle.contract import Live
from vertex_custom_weights_provider.lifecycle.deployment.live_inputs import local
from vertex_custom_weights_provider.lifecycle.identity import ownership
from vertex_custom_weights_provider.lifecycle.lifecycles import lifecycle_of
from vertex_custom_weights_provider.properties.traffic_split import TrafficSplitSpec

# Copies that Google serves from; whoever deploys those has no weights of their own.
R = TypeVar("R", bound=Regional)
_GOOGLES = "gs://vertex-model-garden"


class _Remarks:
    """A reporter that keeps the warnings of a reading."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def status(self, message: str) -> None:
        """Pass over what is on its way."""

    info = status

    def warn(self, message: str) -> None:
        """Keep a warning."""
        self.said.append(f"{message}.")


def survey(
    project: str, locations: Sequence[str], defaults: Mapping[str, str], cloud: Cloud
) -> Survey:
    """Look through regions of a project. Reads only.

    Raises:
        errors.ApiError: Vertex AI does not let us look.
    """
    surveyor = _Surveyor(project, cloud, Names(), [])
    groups = [group for location in locations for group in surveyor.region(location)]
    return Survey(project, tuple(locations), defaults, tuple(groups), tuple(surveyor.passed_over))


@dataclass(frozen=True)
class _Surveyor:
    project: str
    cloud: Cloud
    names: Names
    passed_over: list[str]

    def region(self, location: str) -> Iterator[Group]:
        """Yield what is found in one region."""
        parent = f"projects/{self.project}/locations/{location}"
        found = [
            group
            for raw in sorted(self.cloud.vertex.list(Endpoint, parent), key=_title)
            if (group := self._endpoint(f"{parent}/endpoints/{last(raw.name)}", raw))
        ]
        private = any(thing.outputs.get("serviceAttachment") for g in found for thing in g.things)
        rules = self._listed(location, ForwardingRule) if private else []
        addresses = self._listed(location, Address) if rules else []
        for group in found:
            yield replace(group, things=(*group.things, *self._connected(group, rules, addresses)))

    def _endpoint(self, name: str, raw: Endpoint) -> Group | None:
        deployed = raw.deployed_models
        if not deployed:
            self.passed_over.append(f"{name}: nothing is deployed on it.")
            return None
        served = [(one, self._registered(name, one)) for one in deployed]
        own = [(one, model) for one, model in served if model and _is_custom(one, model)]
        if not own:
            silent = any(
                model and _is_of_garden(model) and not model.artifact_uri for _, model in served
            )
            self.passed_over.append(f"{name}: {_SILENT if silent else _NOT_OWN}")
            return None
        if len(deployed) == 1 and (_is_of_garden(own[0][1]) or _is_marked(raw)):
            things = [self._one_shot(name, raw)]
        else:
            things = self._endpoint_and_deployments(name, raw, own)
        kept = tuple(thing for thing in things if thing is not None)
        return Group(_title(raw), name, kept) if kept else None

    def _registered(self, endpoint_name: str, deployed: DeployedModel) -> Model | None:
        name = local(endpoint_name, deployed.model)
        return self.cloud.vertex.find(Model, name) if name else None

    def _one_shot(self, name: str, raw: Endpoint) -> Thing | None:
        remarks = [*undeclared.of_endpoint(raw, "CustomWeightsDeployment")]
        remarks += undeclared.of_deployed(raw.deployed_models[0], onto=False)
        kind, labels = "CustomWeightsDeployment", raw.labels
        return self._thing(kind, self.names.give(_title(raw)), name, labels, remarks)

    def _endpoint_and_deployments(
        self, name: str, raw: Endpoint, own: Sequence[tuple[DeployedModel, Model]]
    ) -> list[Thing | None]:
        base = self.names.give(_title(raw))
        remarks = [*undeclared.of_endpoint(raw, "Endpoint")]
        things = [self._thing("Endpoint", base, name, raw.labels, remarks)]
        for deployed, model in own:
            image = model.container_spec.get("imageUri", "unknown")
            told = [
                *undeclared.of_deployed(deployed, onto=True),
                f"Serves with container {image}; a rollout takes the one that Vertex AI "
                "recommends, unless container_spec says which.",
            ]
            short = self.names.give(base, model.display_name or deployed.id)
            id, labels = f"{name}/deployedModels/{deployed.id}", model.labels
            things.append(self._thing("CustomWeightsDeployment", short, id, labels, told))
        if len(raw.deployed_models) > 1:
            things.append(self._split(base, name, [thing for thing in things[1:] if thing]))
        return things

    def _split(self, base: str, name: str, deployments: Sequence[Thing]) -> Thing | None:
        """Return the traffic of these deployments; it is managed where one of them is."""
        ids = {thing.outputs["deployedModelId"] for thing in deployments}
        short = self.names.give(base, "traffic")
        thing = self._thing("TrafficSplit", short, f"{name}/trafficSplit", {}, [])
        if thing is None or not isinstance(thing.spec, TrafficSplitSpec):
            return thing
        ours = [target for target in thing.spec.traffic if target.deployed_model_id in ids]
        if not ours:
            return None
        live = Live(thing.id, thing.spec.but(traffic=ours), thing.outputs)
        holder = next((one.holder for one in deployments if one.holder), "")
        return replace(thing, live=live, holder=holder)

    def _connected(
        self, group: Group, rules: Sequence[ForwardingRule], addresses: Sequence[Address]
    ) -> Iterator[Thing]:
        """Yield the address and the rule of each connection to what the group serves."""
        attachments = {
            str(thing.outputs["serviceAttachment"])
            for thing in group.things
            if thing.outputs.get("serviceAttachment")
        }
        base = group.things[0].name
        for rule in rules:
            if not any(same(rule.target, attachment) for attachment in attachments):
                continue
            for raw in addresses:
                if raw.address == rule.ip_address:
                    yield from self._compute("PscAddress", self.names.give(base, "address"), raw)
            name = self.names.give(base, "rule")
            yield from self._compute("PscForwardingRule", name, rule)

    def _compute(self, kind: str, name: str, raw: Regional) -> Iterator[Thing]:
        remarks = undeclared.of_rule(raw) if isinstance(raw, ForwardingRule) else ()
        thing = self._thing(kind, name, raw.full_name, raw.labels, [*remarks])
        if thing is not None:
            yield thing

    def _thing(
        self, kind: str, name: str, id: str, labels: Mapping[str, str], remarks: list[str]
    ) -> Thing | None:
        """Read an object as an import would; None when that is refused."""
        reporter = _Remarks()
        cloud = msgspec.structs.replace(self.cloud, report=reporter)
        try:
            live = lifecycle_of(kind).read(id, None, {}, cloud)
        except errors.ConfigurationError as refused:
            self.passed_over.append(f"{id}: {refused}")
            return None
        if live is None:
            return None
        holder = ownership.holder(labels) if ownership.OWNER in labels else ""
        return Thing(kind, name, live, holder, (*remarks, *reporter.said))

    def _listed(self, location: str, kind: type[R]) -> list[R]:
        region = f"projects/{self.project}/regions/{location}"
        try:
            return list(self.cloud.compute.list(kind, region))
        except (errors.ApiError, errors.NoAnswer) as refused:
            self.passed_over.append(f"{region}/{kind.collection}: could not be listed ({refused}).")
            return []


_NOT_OWN = "serves no weights of your own."
_SILENT = (
    "its model does not say which weights it was made from (artifactUri). If they are your own, "
    "declare a CustomWeightsDeployment with their gcs_uri and name the endpoint in `adopt`."
)


def _title(endpoint: Endpoint) -> str:
    return endpoint.display_name or last(endpoint.name)


def _is_custom(deployed: DeployedModel, model: Model) -> bool:
    """Tell weights of one's own from other models, which also lie in folders."""
    folder = model.artifact_uri
    machine: Mapping[str, Any] = deployed.dedicated_resources.get("machineSpec", {})
    accelerated = bool(machine.get("acceleratorType") or machine.get("tpuTopology"))
    own = folder.startswith("gs://") and not folder.startswith(_GOOGLES)
    return own and (_is_of_garden(model) or accelerated)


def _is_of_garden(model: Model) -> bool:
    """Tell a model that `:deploy` registered from one that somebody uploaded."""
    return model.model_source_info.source_type == "MODEL_GARDEN"


def _is_marked(endpoint: Endpoint) -> bool:
    """Tell an endpoint that `:deploy` or the console's one-click deployment made."""
    return any(key.startswith("mg-") for key in endpoint.labels)
