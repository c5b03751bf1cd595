"""Taking back a rollout that failed: the old deployment serves as before, and says so."""

from __future__ import annotations

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.cloud import Cloud
from vertex_custom_weights_provider.api.messages import Endpoint, Json
from vertex_custom_weights_provider.api.names import last
from vertex_custom_weights_provider.lifecycle.contract import timeouts_of
from vertex_custom_weights_provider.lifecycle.deployment import traffic
from vertex_custom_weights_provider.lifecycle.deployment.place import Place
from vertex_custom_weights_provider.lifecycle.remedies import deployment, permissions
from vertex_custom_weights_provider.lifecycle.steps import vertex_objects as objects
from vertex_custom_weights_provider.properties.custom_weights_deployment import (
    CustomWeightsDeploymentSpec,
)


class Undone(errors.VcwError):
    """A rollout has failed and was taken back: nothing is left of it, or it served before."""


def undone(
    failure: errors.VcwError,
    spec: CustomWeightsDeploymentSpec,
    place: Place,
    before: Endpoint,
    retiring: tuple[str, ...],
    cloud: Cloud,
) -> errors.VcwError:
    """Give the traffic back, remove what was deployed, and return the error that says so.

    Args:
        failure: What the rollout ended with.
        spec: What was wanted.
        place: Where.
        before: The endpoint as it was.
        retiring: Ids of the deployments that were to be replaced.
        cloud: Where all of it is.
    """
    told = f"Deployment failed: {_advised(failure, spec, place)}"
    served = before.split
    if served.get(place.deployed_id) and not retiring:
        return Undone(f"{told} Deployment {place.deployed_id} served before, and stays.")
    seconds = timeouts_of(spec).delete_seconds
    try:
        if served.get(place.deployed_id):  # an earlier run was cut off halfway through the traffic
            heaviest = max(retiring, key=lambda key: served.get(key, 0))
            traffic.shift(cloud, place.endpoint, heaviest, (place.deployed_id,), 100)
        elif retiring:
            traffic.restore(cloud, place.endpoint, served, (place.deployed_id, *retiring))
        objects.undeploy(cloud, place.endpoint, place.deployed_id, seconds)
        objects.remove_model(cloud, place.model, seconds)
    except errors.VcwError as stuck:
        left = f"Not removed yet: deployment {place.deployed_id} and {place.model} ({stuck})"
        return errors.CutOff(f"{told} {left}")
    gone = f"Deployment {place.deployed_id} and model {last(place.model)} were removed"
    if not retiring:
        return Undone(f"{told} {gone}; nothing is left of it.")
    return Undone(f"{told} It was rolled back: {', '.join(retiring)} serves as before. {gone}.")


def _advised(failure: errors.VcwError, spec: CustomWeightsDeploymentSpec, place: Place) -> str:
    resources: Json = spec.wire().get("dedicatedResources", {})
    endpoint_id = last(place.endpoint)
    attempt = deployment.Attempt(spec.project, spec.location, endpoint_id, spec.gcs_uri, resources)
    if isinstance(failure, errors.OperationFailed):
        return f"{str(failure).rstrip('.')}. {deployment.of(failure, attempt)}"
    if isinstance(failure, errors.ApiError) and permissions.ADVISED not in failure.metadata:
        failure = deployment.with_next_step(failure, attempt)
    return f"{str(failure).rstrip('.')}."
