"""Models in the registry that a rollout uploads: by what recipe, under which id, and whose.

Vertex AI knows how to serve the weights: `recommendSpec` names container and machine. The model
carries our labels, because the endpoint it is deployed on belongs to somebody else.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.cloud import Cloud, StackState
from vertex_custom_weights_provider.api.messages import Endpoint, Json, Model, Operation, SpecOption
from vertex_custom_weights_provider.api.names import last
from vertex_custom_weights_provider.lifecycle.contract import timeouts_of
from vertex_custom_weights_provider.lifecycle.identity import ids, ownership
from vertex_custom_weights_provider.lifecycle.remedies import deployment
from vertex_custom_weights_provider.lifecycle.steps import vertex_objects as objects
from vertex_custom_weights_provider.lifecycle.steps.making import Making, SoFar, make
from vertex_custom_weights_provider.lifecycle.steps.waiting import sit_out, unfinished
from vertex_custom_weights_provider.properties.container import ModelContainerSpec
from vertex_custom_weights_provider.properties.custom_weights_deployment import (
    CustomWeightsDeploymentSpec,
)


class Recipe(msgspec.Struct, frozen=True):
    """How Vertex AI would serve the weights: container, and machine."""

    container: Json
    machine: Json


def recipe(spec: CustomWeightsDeploymentSpec, cloud: Cloud) -> Recipe:
    """Return container and machine: the program's, where it chooses, else the recommended ones.

    Raises:
        errors.ConfigurationError: Vertex AI recommends nothing, and the program does not say.
    """
    wire = spec.wire()
    wanted = spec.container_spec or ModelContainerSpec()
    machine: Json = wire.get("dedicatedResources", {}).get("machineSpec", {})
    if wanted.image_uri and machine.get("machineType"):
        return Recipe(wanted.wire(), machine)
    parent = f"projects/{spec.project}/locations/{spec.location}"
    try:
        recommended = cloud.vertex.recommend(parent, spec.gcs_uri).specs
    except errors.ApiError as refused:
        attempt = deployment.Attempt(spec.project, spec.location, gcs_uri=spec.gcs_uri)
        raise deployment.with_next_step(refused, attempt) from None
    first = recommended[0] if recommended else SpecOption()
    if not machine.get("machineType"):
        machine = {**first.machine_spec, **machine}
    found = Recipe(wanted.over(first.container_spec), machine)
    if not (found.container.get("imageUri") and found.machine.get("machineType")):
        raise errors.ConfigurationError(
            f"Vertex AI recommends no way to serve {spec.gcs_uri}. Set containerSpec and "
            "dedicatedResources.machineSpec."
        )
    return found


def ensure(
    spec: CustomWeightsDeploymentSpec,
    by: ownership.Stamp,
    made: Callable[[], Recipe],
    formerly: str | None,
    known: str,
    cloud: Cloud,
    host: Endpoint,
    unfit: Collection[str] = (),
) -> str:
    """Upload the model, or find the one that an earlier try has uploaded; returns its name.

    Args:
        spec: What is wanted.
        by: What is written on a model that is uploaded.
        made: Returns the recipe.
        formerly: The owner that a renamed resource had.
        known: The model that state names; after an import it bears no label of ours yet.
        cloud: Where.
        host: The endpoint that it is for, whose encryption key is the model's as well.
        unfit: Names of models that are not to be taken, though of the same inputs.
    """
    parent = f"projects/{spec.project}/locations/{spec.location}"
    wanted = spec.model_user_id or ids.choose(spec.owner or "model")
    names = [f"{parent}/models/{model_id}" for model_id in ids.candidates(wanted)]
    if known in names and cloud.vertex.find(Model, known) is not None:
        names.insert(0, known)  # a rollout may have stepped past the first
    seconds = timeouts_of(spec).create_seconds
    for name in (name for name in names if name not in unfit):
        if make(_Upload(cloud, by, name, seconds, spec, made, formerly, name == known, host)):
            if name not in (names[0], known):
                cloud.report.info(f"model {wanted} is in use: the new one is {last(name)}")
            return name
    raise errors.AlreadyExists(f"{wanted} and its successors are all in use", http_status=409)


@dataclass(frozen=True)
class _Upload(Making[Model, Model]):
    """A model under one id; a model of other inputs keeps it."""

    spec: CustomWeightsDeploymentSpec
    made: Callable[[], Recipe]
    formerly: str | None
    known: bool
    host: Endpoint

    @property
    def doing(self) -> str:
        return f"uploading model {last(self.name)}"

    def look(self) -> Model | None:
        return self.cloud.vertex.find(Model, self.name)

    def replaced(self, found: Model) -> bool:
        if not self.known or ownership.OWNER in found.labels:
            owners = (self.spec.owner, self.formerly)
            ownership.verify(f"model {self.name}", found.labels, *owners)
        return ownership.of_other_shape(found.labels, self.by)

    def running(self, found: Model | None) -> Operation | None:
        """A model cannot be seen before its upload is done."""
        return None if found else next(unfinished(self.cloud, self.name), None)

    def start(self) -> Operation:
        parent, _, model_id = self.name.rpartition("/models/")
        body = {"modelId": model_id, "model": _resource(self.spec, self.by, self.made(), self.host)}
        return self.cloud.vertex.start(f"{parent}/models:upload", body)

    def accept(self, found: Model, so_far: SoFar) -> Model:
        del so_far
        return found


def _resource(
    spec: CustomWeightsDeploymentSpec, by: ownership.Stamp, made: Recipe, host: Endpoint
) -> Json:
    encryption = {"encryptionSpec": host.encryption_spec} if host.encryption_spec else {}
    return {
        **encryption,
        "displayName": spec.model_display_name or spec.model_user_id,
        "artifactUri": spec.gcs_uri,
        "containerSpec": made.container,
        "labels": ownership.stamp(spec.labels, by),
    }


def relabel(
    name: str,
    spec: CustomWeightsDeploymentSpec,
    by: ownership.Stamp,
    formerly: Mapping[str, str] | None,
    cloud: Cloud,
) -> Model:
    """Bring display name and labels of the model in line, keeping the labels of strangers."""

    def change(model: Model) -> Mapping[str, Any]:
        named = {"displayName": spec.model_display_name} if spec.model_display_name else {}
        wanted = {**named, **objects.relabelled(model, spec.labels, by, formerly)}
        return {key: value for key, value in wanted.items() if model.json.get(key) != value}

    return objects.patch(cloud, Model, name, change)


def others_of_ours(
    endpoint: Endpoint | None,
    keep: str,
    owners: Iterable[str | None],
    cloud: Cloud,
    state: StackState,
    held: str | None = None,
) -> dict[str, str]:
    """Return what the same resource has made besides: model name, and deployed model id if any.

    Models that stand on another endpoint are left out: there the resource is being replaced.

    Args:
        endpoint: The endpoint.
        keep: Name of the model that is wanted.
        owners: URN of the resource, and what it was before a renaming.
        cloud: Where.
        state: Leave out what another state of the stack has made.
        held: Leave out what a newer creation than the one of this token has made; None counts all.
    """
    parent = keep.rsplit("/models/", 1)[0]
    there = endpoint.deployed_models if endpoint else ()
    here = {last(deployed.model): deployed.id for deployed in there}
    found: dict[str, str] = {}
    for owner in {owner for owner in owners if owner}:
        label = f'labels.{ownership.OWNER}="{ownership.owner_key(owner)}"'
        for model in cloud.vertex.list(Model, parent, filter=label):
            short = last(model.name)
            elsewhere = model.deployed_models and short not in here
            newer = held is not None and ownership.superseded(model.labels, held)
            others = ownership.left_to_another_state(model.labels, owner, state)
            if short != last(keep) and not (elsewhere or newer or others):
                found[f"{parent}/models/{short}"] = here.get(short, "")
    return found


def predecessors(
    name: str, keep: str, by: ownership.Stamp, formerly: str | None, seconds: float, cloud: Cloud
) -> tuple[Endpoint, dict[str, str]]:
    """Return the endpoint, and `others_of_ours` on it once none of them is on its way there.

    A model that is not deployed may be about to be, by an earlier try that was cut off.
    """
    owners = (by.owner, formerly)
    while True:
        endpoint = cloud.vertex.get(Endpoint, name)
        found = others_of_ours(endpoint, keep, owners, cloud, by.state)
        coming = next((last(m) for m, deployed_id in found.items() if not deployed_id), "")
        what = f"looking whether {coming} is being deployed"
        if not (coming and sit_out(cloud, name, what, seconds)):
            return endpoint, found
