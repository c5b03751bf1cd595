"""Making a one-shot deployment, from any point at which an earlier try was cut off.

`:deploy` has no idempotency key, so it is only sent after looking. Ids are chosen beforehand: an
endpoint with our id and our owner label is an earlier try of ours, and its unfinished operation is
waited for instead of starting another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.lifecycle import advice, ids, ownership
from vertex_custom_weights_provider.lifecycle import endpoint_objects as objects
from vertex_custom_weights_provider.lifecycle.context import Cloud
from vertex_custom_weights_provider.lifecycle.kind import Outputs
from vertex_custom_weights_provider.lifecycle.waiting import finish, pauses
from vertex_custom_weights_provider.rest import Json
from vertex_custom_weights_provider.spec.common import Timeouts
from vertex_custom_weights_provider.spec.custom_weights_deployment import (
    CustomWeightsDeploymentSpec,
)

_LOST_ANSWERS = 5  # tries at starting, when nobody says whether the last one arrived
_USUAL = "15 to 40 min"
_ALREADY_EXISTS = 6


@dataclass(frozen=True)
class Target:
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


@dataclass(frozen=True)
class Deployed:
    """A finished deployment, as found on the endpoint."""

    target: Target
    endpoint: Json
    deployed_model: Json
    operation: str
    adopted: bool


@dataclass(frozen=True)
class _Begun:
    """A deployment under way, or an endpoint of ours on which none is."""

    operation: Json | None
    adopted: bool


class Interrupted(errors.VcwError):
    """The wait ended early; `target` says what was begun."""

    def __init__(self, target: Target, operation: str, cause: errors.VcwError) -> None:
        super().__init__(str(cause))
        self.target = target
        self.operation = operation
        self.cause = cause


def targets(spec: CustomWeightsDeploymentSpec, begun: Outputs) -> Iterator[Target]:
    """Yield where to deploy: what was begun, the chosen ids, their successors past tombstones."""
    if begun:
        ids_begun = (objects.last(str(begun[key])) for key in ("endpointName", "modelName"))
        yield Target(spec.project, spec.location, *ids_begun)
    endpoint_id = spec.endpoint_user_id or ids.choose(spec.owner or "endpoint")
    model_id = spec.model_user_id or endpoint_id
    pairs = zip(ids.candidates(endpoint_id), ids.candidates(model_id), strict=True)
    for endpoint_candidate, model_candidate in pairs:
        yield Target(spec.project, spec.location, endpoint_candidate, model_candidate)


def deploy(
    spec: CustomWeightsDeploymentSpec, incarnation: str, begun: Outputs, cloud: Cloud
) -> Deployed:
    """Deploy, or finish the deployment that an earlier try began.

    Args:
        spec: What to deploy.
        incarnation: Fencing token for an endpoint that is made.
        begun: Outputs of the earlier try, when state remembers it; else empty.
        cloud: Where.

    Raises:
        Interrupted: cancelled, or the deadline passed; the operation goes on.
        errors.OperationFailed: it failed; what it left behind was removed.
        errors.ForeignOwner: the id is taken by somebody else.
    """
    for target in targets(spec, begun):
        found = _begin(spec, target, incarnation, cloud)
        if found is None:
            continue
        deployed = _complete(spec, target, found, cloud)
        if deployed is not None:
            return deployed
    raise errors.AlreadyExists(
        f"{spec.endpoint_user_id} and its successors were all deleted in the last 7 days, for "
        "which time Vertex AI reserves them. Set another endpointUserId.",
        http_status=409,
    )


def _begin(
    spec: CustomWeightsDeploymentSpec, target: Target, incarnation: str, cloud: Cloud
) -> _Begun | None:
    """Find or start the deployment; None when the id is a tombstone."""
    for attempt, pause in enumerate(pauses()):
        found = cloud.vertex.find(target.endpoint)
        if found is not None:
            ownership.verify(f"endpoint {target.endpoint}", found.get("labels", {}), spec.owner)
        running = objects.running_deploy(cloud, target.parent, target.model)
        if found is not None or running is not None:
            return _Begun(running, adopted=attempt == 0)
        try:
            body = request_body(spec, target, incarnation)
            return _Begun(cloud.vertex.start(f"{target.parent}:deploy", body), adopted=False)
        except errors.AlreadyExists:
            if cloud.vertex.find(target.endpoint) is None:
                return None
        except (errors.NoAnswer, errors.Unavailable, errors.ResourceExhausted) as unclear:
            if attempt >= _LOST_ANSWERS or _is_quota(unclear):
                raise
            cloud.clock.sleep(pause)
    raise AssertionError  # pauses never end


def _is_quota(error: errors.VcwError) -> bool:
    """Tell a spent quota, which is an answer, from too many requests, which is not."""
    return isinstance(error, errors.ResourceExhausted) and "quota" in error.message.lower()


def _complete(
    spec: CustomWeightsDeploymentSpec, target: Target, begun: _Begun, cloud: Cloud
) -> Deployed | None:
    """Wait and look at the result; None when the id turned out to be a tombstone or a ruin."""
    operation = begun.operation or {}
    name = str(operation.get("name", ""))
    if operation:
        try:
            _wait(spec, target, operation, cloud)
        except errors.OperationFailed as failure:
            if failure.code == _ALREADY_EXISTS and cloud.vertex.find(target.endpoint) is None:
                return None
            raise _cleaned(failure, spec, target, cloud) from None
    endpoint = cloud.vertex.get(target.endpoint)
    for deployed_model in endpoint.get("deployedModels", []):
        if objects.serves(deployed_model, target.model):
            return Deployed(target, endpoint, deployed_model, name, begun.adopted)
    # Ours, but nothing is deployed and nothing runs: the ruin of a failed try.
    cloud.report.info(f"removing {target.endpoint}, left over from a failed deployment")
    objects.remove(cloud, target.endpoint, (target.model,), _seconds(spec))
    return None


def _wait(spec: CustomWeightsDeploymentSpec, target: Target, operation: Json, cloud: Cloud) -> None:
    try:
        finish(cloud, operation, f"deploying {target.endpoint_id}", _seconds(spec), _USUAL)
    except (errors.Cancelled, errors.StillRunning, errors.NoAnswer, errors.Unavailable) as cut:
        raise Interrupted(target, operation["name"], cut) from None


def _cleaned(
    failure: errors.OperationFailed,
    spec: CustomWeightsDeploymentSpec,
    target: Target,
    cloud: Cloud,
) -> errors.VcwError:
    """Remove what a failed deployment left, and return the error that says so."""
    step = advice.next_step(failure, spec.project, spec.location)
    told = f"Deployment failed: {failure.message.rstrip('.')} (code {failure.code}). {step}"
    try:
        objects.remove(cloud, target.endpoint, (target.model,), _seconds(spec))
    except errors.Cancelled as cut:
        return Interrupted(target, failure.operation, cut)
    except errors.VcwError as stuck:
        left = f"Left behind, remove by hand: {target.endpoint}, {target.model} ({stuck})."
        return errors.OperationFailed(failure.operation, failure.code, f"{told} {left}")
    gone = f"Endpoint {target.endpoint_id} and model {target.model_id} were removed."
    return errors.OperationFailed(failure.operation, failure.code, f"{told} {gone}")


def _seconds(spec: CustomWeightsDeploymentSpec) -> float:
    return (spec.timeouts or Timeouts()).create_seconds


def request_body(spec: CustomWeightsDeploymentSpec, target: Target, incarnation: str) -> Json:
    """Return the `DeployRequest`. An empty block is left out: the service then chooses."""
    wire = spec.wire()
    model_config = {
        "modelUserId": target.model_id,
        "modelDisplayName": wire.get("modelDisplayName"),
        "containerSpec": wire.get("containerSpec"),
    }
    endpoint_config = {
        "endpointUserId": target.endpoint_id,
        "endpointDisplayName": wire.get("endpointDisplayName"),
        "labels": ownership.stamp(spec.labels, spec.owner, incarnation, {}),
        "dedicatedEndpointDisabled": wire.get("dedicatedEndpointDisabled"),
        "privateServiceConnectConfig": wire.get("privateServiceConnectConfig"),
    }
    resources = wire.get("dedicatedResources")
    deploy_config = {
        # minReplicaCount is required by the API whenever the block is there.
        "dedicatedResources": {"minReplicaCount": 1, **resources} if resources else None,
        "serviceAccount": wire.get("serviceAccount"),
    }
    return {
        "customModel": {"gcsUri": spec.gcs_uri},
        "modelConfig": _present(model_config),
        "endpointConfig": _present(endpoint_config),
        **({"deployConfig": _present(deploy_config)} if any(deploy_config.values()) else {}),
    }


def _present(fields: Mapping[str, Any]) -> Json:
    return {key: value for key, value in fields.items() if value is not None}
