"""Changing replicas and autoscaling of a deployment that stands."""

from __future__ import annotations

from collections.abc import Sequence

from vertex_custom_weights_provider.lifecycle import endpoint_objects as objects
from vertex_custom_weights_provider.lifecycle.context import Cloud
from vertex_custom_weights_provider.lifecycle.waiting import Goal, achieve
from vertex_custom_weights_provider.rest import Json
from vertex_custom_weights_provider.spec.common import Timeouts
from vertex_custom_weights_provider.spec.custom_weights_deployment import (
    CustomWeightsDeploymentSpec,
)


def mutate(
    spec: CustomWeightsDeploymentSpec,
    keys: Sequence[str],
    name: str,
    deployed_id: str,
    cloud: Cloud,
) -> None:
    """Change replicas and autoscaling.

    Args:
        spec: What is wanted.
        keys: The parts of `dedicatedResources` that change.
        name: Endpoint name.
        deployed_id: The deployment on it.
        cloud: Where.
    """
    wire = spec.wire().get("dedicatedResources", {})
    wanted = {key: wire[key] for key in keys if key in wire}

    def reached() -> bool:
        there: list[Json] = cloud.vertex.get(name).get("deployedModels", [])
        nothing: Json = {}
        live = next((d for d in there if d["id"] == deployed_id), nothing)
        resources: Json = live.get("dedicatedResources", {})
        # The API leaves zeros out.
        return all((resources.get(key) or None) == (wanted.get(key) or None) for key in keys)

    def start() -> Json:
        deployed = {"id": deployed_id, "dedicatedResources": wanted}
        mask = ",".join(f"dedicatedResources.{key}" for key in keys)
        body = {"deployedModel": deployed, "updateMask": mask}
        return cloud.vertex.start(f"{name}:mutateDeployedModel", body)

    what = f"changing {', '.join(keys)} of {objects.last(name)}"
    achieve(cloud, Goal(what, name, reached, start), (spec.timeouts or Timeouts()).update_seconds)
