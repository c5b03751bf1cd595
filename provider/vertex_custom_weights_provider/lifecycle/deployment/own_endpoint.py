"""Making a one-shot deployment, from any point at which an earlier try was cut off.

`:deploy` has no idempotency key, so it is only sent after looking. Ids are chosen beforehand: an
endpoint with our id and our owner label is an earlier try of ours, and its unfinished operation is
waited for instead of starting another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import msgspec

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.cloud import Cloud, StackState
from vertex_custom_weights_provider.api.messages import (
    DeployedModel,
    Endpoint,
    Json,
    Model,
    Operation,
)
from vertex_custom_weights_provider.api.names import last
from vertex_custom_weights_provider.lifecycle.contract import Outputs, timeouts_of
from vertex_custom_weights_provider.lifecycle.deployment.live_inputs import (
    REPLACING_RESOURCES,
    drifted,
)
from vertex_custom_weights_provider.lifecycle.deployment.request import request_body
from vertex_custom_weights_provider.lifecycle.identity import ids, ownership
from vertex_custom_weights_provider.lifecycle.remedies import deployment
from vertex_custom_weights_provider.lifecycle.steps import vertex_objects as objects
from vertex_custom_weights_provider.lifecycle.steps.making import Making, SoFar, make
from vertex_custom_weights_provider.properties.custom_weights_deployment import (
    CustomWeightsDeploymentSpec,
)

# The inputs of which each change makes a new endpoint: they are part of its id and its shape.
REPLACING = (
    "project",
    "location",
    "gcsUri",
    "dedicatedEndpointDisabled",
    "privateServiceConnectConfig",
    "containerSpec",
    "serviceAccount",
    "enableAccessLogging",
    "weightsFingerprint",
    "generation",
)
_CHOSEN, _LEARNT = "machineSpec", "weightsFingerprint"


class Target(msgspec.Struct, frozen=True):
    """Where a deployment goes: one candidate pair of ids."""

    project: str
    location: str
    endpoint_id: str
    model_id: str

    @property
    def parent(self) -> str:
        """`projects/p/locations/l`."""
        return f"projects/{self.project}/locations/{self.location}"

    @property
    def endpoint(self) -> str:
        """Full endpoint name."""
        return f"{self.parent}/endpoints/{self.endpoint_id}"

    @property
    def model(self) -> str:
        """Full model name."""
        return f"{self.parent}/models/{self.model_id}"

    @property
    def made_up(self) -> bool:
        """Whether nobody but this package would give a model such an id."""
        return self.model_id == self.endpoint_id and ids.is_chosen(self.model_id)


class Deployed(msgspec.Struct, frozen=True):
    """A finished deployment, as found on the endpoint.

    Attributes:
        adopted: Whether an earlier try, or an earlier holder of the same resource, had made it.
    """

    target: Target
    endpoint: Endpoint
    deployed_model: DeployedModel
    operation: str
    adopted: bool


def stamp(
    spec: CustomWeightsDeploymentSpec, incarnation: str, state: StackState
) -> ownership.Stamp:
    """Return what is written on the endpoint of a deployment."""
    wire = spec.wire()
    resources: Json = wire.get("dedicatedResources", {})
    shape = ownership.shape_of(
        *(wire.get(key) for key in REPLACING if key != _LEARNT),
        *(resources.get(key) for key in REPLACING_RESOURCES if key != _CHOSEN),
        chosen=(resources.get(_CHOSEN),),
        learnt=(wire.get(_LEARNT),),
    )
    return ownership.Stamp(spec.owner, incarnation, state, shape)


def replacing_inputs(spec: CustomWeightsDeploymentSpec) -> tuple[Any, ...]:
    """Return the inputs of which each change makes a new endpoint."""
    wire = spec.wire()
    resources: Json = wire.get("dedicatedResources", {})
    return (
        *(wire.get(key) for key in REPLACING),
        *(resources.get(key) for key in REPLACING_RESOURCES),
    )


def targets(spec: CustomWeightsDeploymentSpec, begun: Outputs) -> Iterator[Target]:
    """Yield where to deploy: what was begun, the chosen ids, their successors past tombstones."""
    if begun:
        ids_begun = (last(str(begun[key])) for key in ("endpointName", "modelName"))
        yield Target(spec.project, spec.location, *ids_begun)
    endpoint_id = spec.endpoint_user_id or ids.choose(spec.owner or "endpoint")
    model_id = spec.model_user_id or endpoint_id
    pairs = zip(ids.candidates(endpoint_id), ids.candidates(model_id), strict=True)
    for endpoint_candidate, model_candidate in pairs:
        yield Target(spec.project, spec.location, endpoint_candidate, model_candidate)


def deploy(
    spec: CustomWeightsDeploymentSpec,
    target: Target,
    by: ownership.Stamp,
    cloud: Cloud,
    *,
    begun: bool,
) -> Deployed | None:
    """Deploy under one pair of ids, or finish what was begun; None when they are of no use.

    Args:
        spec: What to deploy.
        target: Where.
        by: What is written on an endpoint that is made.
        cloud: Where all of it is.
        begun: Whether state remembers the earlier try.

    Raises:
        errors.CutOff: cancelled, disconnected, or the deadline passed; nothing is lost.
        errors.OperationFailed: it failed; what it left behind was removed.
        errors.ForeignOwner: the id is taken by somebody else.
    """
    seconds = timeouts_of(spec).create_seconds
    deployed = make(_Deployment(cloud, by, target.endpoint, seconds, spec, target))
    return deployed if deployed and (begun or not _altered(spec, deployed, cloud)) else None


def _altered(spec: CustomWeightsDeploymentSpec, found: Deployed, cloud: Cloud) -> bool:
    """Tell whether an earlier deployment of ours is no longer what its inputs say."""
    if not found.adopted:
        return False
    altered = drifted(found.deployed_model, spec, found.endpoint)
    if altered:
        cloud.report.warn(
            f"{found.target.endpoint} was changed outside this program ({', '.join(altered)}) and "
            "cannot be changed back: deploying anew beside it"
        )
    return bool(altered)


@dataclass(frozen=True)
class _Deployment(Making[Endpoint, Deployed]):
    """An endpoint with a model on it, by one `:deploy`."""

    spec: CustomWeightsDeploymentSpec
    target: Target

    usual: ClassVar[str] = "15 to 40 min"

    @property
    def doing(self) -> str:
        return f"deploying {self.target.endpoint_id}"

    def look(self) -> Endpoint | None:
        return self.cloud.vertex.find(Endpoint, self.name)

    def replaced(self, found: Endpoint) -> bool:
        if self._unmarked(found):
            return False
        ownership.verify(f"endpoint {self.name}", found.labels, self.spec.owner)
        return ownership.of_other_shape(found.labels, self.by)

    def _unmarked(self, found: Endpoint) -> bool:
        """Tell an endpoint of ours that bears no labels, because `:deploy` did not keep them.

        Nobody but this resource would give it such an id.
        """
        return self.target.made_up and ownership.OWNER not in found.labels

    def running(self, found: Endpoint | None) -> Operation | None:
        """The endpoint may be there, and the deployment not done."""
        del found
        return objects.running_deploy(self.cloud, self.target.parent, self.target.model)

    def barred(self) -> bool:
        """Tell whether a model has the id that the program chose: not ours to deploy or remove.

        Nothing but its id would tell it from what a deployment that fails leaves behind.
        """
        model = self.target.model
        return not self.target.made_up and self.cloud.vertex.find(Model, model) is not None

    def start(self) -> Operation:
        target = self.target
        body = request_body(self.spec, target.endpoint_id, target.model_id, self.by)
        return self.cloud.vertex.start(f"{target.parent}:deploy", body)

    def reserved(self) -> bool:
        """Tell a reserved id from one that an earlier request of ours has just taken."""
        if self.look() is not None or self.running(None) is not None:
            return False
        self._sweep()
        return True

    def _sweep(self) -> None:
        """Remove a model that a failed try of ours registered and nothing serves.

        Only under an id that we made up: one that the program chose may be somebody else's.
        """
        target, cloud = self.target, self.cloud
        left = cloud.vertex.find(Model, target.model) if target.made_up else None
        if left is not None and not left.deployed_models:
            told = f"removing model {target.model_id}, left over from a failed deployment"
            cloud.report.info(told)
            cloud.vertex.delete(target.model)

    def accept(self, found: Endpoint, so_far: SoFar) -> Deployed | None:
        """Return our deployment on the endpoint; None after clearing the ruin of a failed try."""
        target, cloud = self.target, self.cloud
        there = found.deployed_models
        for deployed in there:
            if objects.serves(deployed, target.model):
                adopted = found.labels.get(ownership.INCARNATION) != self.by.incarnation
                return Deployed(target, found, deployed, so_far.operation, adopted)
        if there:
            others = ", ".join(deployed.id for deployed in there)
            cloud.report.warn(f"left {self.name} to what others have deployed on it: {others}")
            return None
        cloud.report.info(f"removing {self.name}, on which nothing is deployed any more")
        objects.remove(cloud, self.name, (target.model,), self.seconds)
        return None

    def refused(self, refusal: errors.ApiError) -> errors.VcwError:
        return deployment.with_next_step(refusal, attempt_at(self.spec, self.target))

    def failed(self, failure: errors.OperationFailed) -> errors.VcwError:
        """Remove what a failed deployment left, and return the error that says so."""
        target, cloud = self.target, self.cloud
        step = deployment.of(failure, attempt_at(self.spec, target))
        told = f"Deployment failed: {failure.message.rstrip('.')}. {step}"
        try:
            endpoint = self.look()
            known = endpoint and ownership.owned(endpoint.labels, self.spec.owner)
            if endpoint and not known and not self._unmarked(endpoint):
                told = f"{told} {self.name} is not ours and was left alone."
            else:
                objects.remove(cloud, self.name, (target.model,), self.seconds)
                gone = f"Endpoint {target.endpoint_id} and model {target.model_id} were removed."
                told = f"{told} {gone}"
        except errors.VcwError as stuck:
            # What is left stays in the state, so that the next run or a destroy removes it.
            left = f"Not removed yet: {self.name}, {target.model} ({stuck})."
            ended = f"(code {failure.code}, operation {failure.operation})"
            return errors.CutOff(f"{told} {left} {ended}", failure.operation)
        return errors.OperationFailed(failure.operation, failure.code, told)


def attempt_at(spec: CustomWeightsDeploymentSpec, target: Target) -> deployment.Attempt:
    """Return what advice needs to know of a deployment."""
    resources: Json = spec.wire().get("dedicatedResources", {})
    place = (spec.project, spec.location, target.endpoint_id)
    return deployment.Attempt(*place, spec.gcs_uri, resources)
