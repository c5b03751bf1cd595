"""Changing replicas, autoscaling and logging of a deployment that stands."""

from __future__ import annotations

from collections.abc import Sequence

from vertex_custom_weights_provider.api.cloud import Cloud
from vertex_custom_weights_provider.api.messages import Endpoint, Json, Operation
from vertex_custom_weights_provider.api.names import last
from vertex_custom_weights_provider.lifecycle.contract import timeouts_of
from vertex_custom_weights_provider.lifecycle.deployment.live_inputs import LOGGING, MUTATED
from vertex_custom_weights_provider.lifecycle.diff import Diff
from vertex_custom_weights_provider.lifecycle.steps.waiting import Goal, achieve
from vertex_custom_weights_provider.properties.custom_weights_deployment import (
    CustomWeightsDeploymentSpec,
)

_RESOURCES = "dedicatedResources"
_PATHS = (*(f"{_RESOURCES}.{key}" for key in MUTATED), LOGGING)


def touched(diff: Diff) -> list[str]:
    """Return what has changed of the things that a standing deployment can change."""
    return [path for path in _PATHS if diff.touches(path)]


def mutate(
    spec: CustomWeightsDeploymentSpec,
    paths: Sequence[str],
    name: str,
    deployed_id: str,
    cloud: Cloud,
) -> None:
    """Change replicas, autoscaling and logging.

    Args:
        spec: What is wanted.
        paths: What changes, as `touched` tells it.
        name: Endpoint name.
        deployed_id: The deployment on it.
        cloud: Where.
    """
    wanted = _only(spec.wire(), paths)

    def reached() -> bool:
        deployed = cloud.vertex.get(Endpoint, name).deployed(deployed_id)
        live = _only(deployed.json if deployed else {}, paths)
        # The API leaves zeros and false out.
        return all((live.get(path) or None) == (wanted.get(path) or None) for path in paths)

    def start() -> Operation:
        resources = {
            path.partition(".")[2]: value for path, value in wanted.items() if path != LOGGING
        }
        logging = {LOGGING: wanted[LOGGING]} if LOGGING in wanted else {}
        deployed = {"id": deployed_id, **({_RESOURCES: resources} if resources else {}), **logging}
        body = {"deployedModel": deployed, "updateMask": ",".join(paths)}
        return cloud.vertex.start(f"{name}:mutateDeployedModel", body)

    changing = ", ".join(path.rpartition(".")[2] for path in paths)
    what = f"changing {changing} of {last(name)}"
    achieve(cloud, Goal(what, name, reached, start), timeouts_of(spec).update_seconds)


def _only(wire: Json, paths: Sequence[str]) -> Json:
    """Return what is set of these paths, by path."""
    resources: Json = wire.get(_RESOURCES, {})
    flat = {**{f"{_RESOURCES}.{key}": value for key, value in resources.items()}, **wire}
    return {path: flat[path] for path in paths if path in flat}
