"""Rolling out onto a given endpoint: deploy at 0 %, test, take over the traffic, retire the old."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import msgspec

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.cloud import Cloud
from vertex_custom_weights_provider.api.messages import DeployedModel, Endpoint, Json, Operation
from vertex_custom_weights_provider.api.names import last
from vertex_custom_weights_provider.lifecycle.contract import timeouts_of
from vertex_custom_weights_provider.lifecycle.deployment import models, rollback, traffic
from vertex_custom_weights_provider.lifecycle.deployment import trial_question as smoke
from vertex_custom_weights_provider.lifecycle.deployment.live_inputs import ACCESS_LOGGING, LOGGING
from vertex_custom_weights_provider.lifecycle.deployment.place import Place
from vertex_custom_weights_provider.lifecycle.identity import ownership
from vertex_custom_weights_provider.lifecycle.remedies import deployment
from vertex_custom_weights_provider.lifecycle.steps import vertex_objects as objects
from vertex_custom_weights_provider.lifecycle.steps.making import Making, SoFar, make
from vertex_custom_weights_provider.lifecycle.steps.waiting import END_UNSEEN, sit_out, unfinished
from vertex_custom_weights_provider.properties.custom_weights_deployment import (
    CustomWeightsDeploymentSpec,
)
from vertex_custom_weights_provider.properties.trial_question import SmokeTest

Spec = CustomWeightsDeploymentSpec
_STEP_SECONDS = 30.0  # how long each share of the traffic is held before the next


@dataclass(frozen=True)
class _Deployment(Making[DeployedModel, DeployedModel]):
    """A model on the endpoint, without traffic: one deployment at a time, as Google takes them.

    Each wait has the whole time: a program may put more deployments onto an endpoint than one
    after the other are ready in it.
    """

    spec: Spec
    place: Place
    recipe: Callable[[], models.Recipe]

    usual: ClassVar[str] = "15 to 40 min"
    # A model that was just uploaded may not be known everywhere yet.
    conflicts: ClassVar[tuple[type[errors.VcwError], ...]] = (
        errors.Aborted,
        errors.FailedPrecondition,
        errors.NotFound,
    )

    @property
    def doing(self) -> str:
        return f"deploying {last(self.place.model)} onto {last(self.place.endpoint)}"

    def look(self) -> DeployedModel | None:
        """Return our deployment; until it is there, sit out what runs on the endpoint."""
        while True:
            found = self.place.find(self.cloud.vertex.get(Endpoint, self.place.endpoint))
            if found is not None:
                return found
            if not sit_out(self.cloud, self.place.endpoint, self.doing, self.seconds):
                return None

    def start(self) -> Operation:
        body = {"deployedModel": _body(self.spec, self.place, self.recipe())}
        return self.cloud.vertex.start(f"{self.place.endpoint}:deployModel", body)

    def outrun(self, trouble: errors.VcwError) -> bool:
        """Tell that another deployment onto the endpoint was faster; of many, each has its turn."""
        refused = isinstance(trouble, (*self.conflicts[:2], errors.AlreadyExists))
        return refused and any(True for _ in unfinished(self.cloud, self.place.endpoint))

    def accept(self, found: DeployedModel, so_far: SoFar) -> DeployedModel:
        del so_far
        return found


class Rollout(msgspec.Struct, frozen=True):
    """One model in place of what the same resource had deployed before.

    Attributes:
        spec: What is wanted.
        place: Where.
        recipe: Returns container and machine.
        by: What is written on what is made.
        formerly: The owner that a renamed resource had.
        cloud: Where all of it is.
    """

    spec: Spec
    place: Place
    recipe: Callable[[], models.Recipe]
    by: ownership.Stamp
    formerly: str | None
    cloud: Cloud

    def run(self) -> None:
        """Deploy at 0 %, test, take over the traffic, retire what stood before; or undo it all."""
        spec, place, cloud = self.spec, self.place, self.cloud
        seconds = timeouts_of(spec)
        before, retiring = models.predecessors(
            place.endpoint, place.model, self.by, self.formerly, seconds.create_seconds, cloud
        )
        standing = tuple(filter(None, retiring.values()))
        try:
            making = _Deployment(
                cloud, self.by, place.model, seconds.create_seconds, spec, place, self.recipe
            )
            if deployed := make(making):
                self._take_over(deployed, standing, fresh=place.find(before) is None)
        except (errors.OperationFailed, errors.ApiError, smoke.SmokeTestFailed) as failure:
            if isinstance(failure, END_UNSEEN) and not deployment.is_stockout(failure):
                raise
            raise rollback.undone(failure, spec, place, before, standing, cloud) from None
        retire(place.endpoint, retiring, seconds.delete_seconds, cloud)

    def _take_over(
        self, deployed: DeployedModel, retiring: tuple[str, ...], *, fresh: bool
    ) -> None:
        """Test the deployment and give it the traffic of its predecessors, in steps."""
        spec, place, cloud = self.spec, self.place, self.cloud
        endpoint = cloud.vertex.get(Endpoint, place.endpoint)
        split = endpoint.split
        succeeds = any(split.get(key) for key in retiring)
        subject = smoke.Subject(endpoint, place.endpoint, deployed.id, succeeds)
        test = spec.smoke_test or SmokeTest()
        if not succeeds:
            if not split:
                smoke.ask(cloud, test, subject)
                traffic.shift(cloud, place.endpoint, place.deployed_id, (), 100)
            elif not split.get(place.deployed_id):
                if fresh:
                    smoke.ask(cloud, test, subject)
                cloud.report.info(
                    f"deployment {place.deployed_id} has no traffic yet: others on the endpoint "
                    "have it, until a TrafficSplit says otherwise"
                )
            return
        steps = tuple(spec.traffic_steps or ()) or (100,)
        asks = True
        for percent in (*(step for step in steps if step < 100), 100):
            asks = asks and smoke.ask(cloud, test, subject)
            cloud.report.status(f"giving {percent} % of the traffic to {place.deployed_id}")
            traffic.shift(cloud, place.endpoint, place.deployed_id, retiring, percent)
            if percent < 100:
                cloud.clock.sleep(_STEP_SECONDS)


def retire(name: str, leaving: Mapping[str, str], seconds: float, cloud: Cloud) -> None:
    """Undeploy and delete these models."""
    for model, deployed_id in leaving.items():
        if deployed_id:
            objects.undeploy(cloud, name, deployed_id, seconds)
        objects.remove_model(cloud, model, seconds)


def _body(spec: Spec, place: Place, recipe: models.Recipe) -> Json:
    wire = spec.wire()
    resources = {"minReplicaCount": 1, **wire.get("dedicatedResources", {})}
    body: Json = {
        "id": place.deployed_id,
        "model": place.model,
        "displayName": last(place.model),  # it cannot change afterwards
        "dedicatedResources": {**resources, "machineSpec": recipe.machine},
    }
    return body | {
        key: wire[key] for key in ("serviceAccount", LOGGING, ACCESS_LOGGING) if key in wire
    }
