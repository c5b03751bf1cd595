"""Making a one-shot deployment, from any point at which an earlier try was cut off.

`:deploy` has no idempotency key, so it is only sent after looking. Ids are chosen beforehand: an
endpoint with our id and our owner label is an earlier try of ours, and its unfinished operation is
waited for instead of starting another.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.cloud import Cloud
from vertex_custom_weights_provider.api.messages import (
    DeployedModel,
    Endpoint,
    Json,
    Model,
    Operation,
)
from vertex_custom_weights_provider.api.names import last
from vertex_custom_weights_provider.lifecycle.contract import Outputs
from vertex_custom_weights_provider.lifecycle.deployment.live_inputs import (
    REPLACING_RESOURCES,
    drifted,
)
from vertex_custom_weights_provider.lifecycle.deployment.request import request_body
from vertex_custom_weights_provider.lifecycle.identity import ids, ownership
from vertex_custom_weights_provider.lifecycle.remedies import deployment
from vertex_custom_weights_provider.lifecycle.steps import vertex_objects as objects
from vertex_custom_weights_provider.lifecycle.steps.waiting import (
    CUT_OFF,
    finish,
    kept,
    pauses,
    to_finish,
    too_fast,
)
from vertex_custom_weights_provider.properties.common import Timeouts
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
    "weightsFingerprint",
    "generation",
)
_CHOSEN, _LEARNT = "machineSpec", "weightsFingerprint"
_TRIES = 5  # at starting, when nobody says whether the last one arrived
_USUAL = "15 to 40 min"
_ALREADY_EXISTS = 6
_NOTHING_RUNS = Operation()


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


class Interrupted(errors.VcwError):
    """The end was not seen; `target` says what was begun, `operation` what goes on, if known."""

    def __init__(self, target: Target, operation: str, reason: str) -> None:
        super().__init__(reason)
        self.target = target
        self.operation = operation


def stamp(spec: CustomWeightsDeploymentSpec, incarnation: str) -> ownership.Stamp:
    """Return what is written on the endpoint of a deployment."""
    wire = spec.wire()
    resources: Json = wire.get("dedicatedResources", {})
    shape = ownership.shape_of(
        *(wire.get(key) for key in REPLACING if key != _LEARNT),
        *(resources.get(key) for key in REPLACING_RESOURCES if key != _CHOSEN),
        chosen=(resources.get(_CHOSEN),),
        learnt=(wire.get(_LEARNT),),
    )
    return ownership.Stamp(spec.owner, incarnation, shape)


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
    spec: CustomWeightsDeploymentSpec, by: ownership.Stamp, begun: Outputs, cloud: Cloud
) -> Deployed:
    """Deploy, or finish the deployment that an earlier try began.

    Args:
        spec: What to deploy.
        by: What is written on an endpoint that is made.
        begun: Outputs of the earlier try, when state remembers it; else empty.
        cloud: Where.

    Raises:
        Interrupted: cancelled, disconnected, or the deadline passed; nothing is lost.
        errors.OperationFailed: it failed; what it left behind was removed.
        errors.ForeignOwner: the id is taken by somebody else.
    """
    for target in targets(spec, begun):
        running = _begin(spec, target, by, cloud)
        if running is None:
            continue
        deployed = _complete(spec, target, running, by, cloud)
        if deployed is not None and (begun or not _altered(spec, deployed, cloud)):
            return deployed
    raise errors.AlreadyExists(
        f"{spec.endpoint_user_id} and its successors were all deleted in the last 7 days, for "
        "which time Vertex AI reserves them. Set another endpointUserId.",
        http_status=409,
    )


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


def _begin(
    spec: CustomWeightsDeploymentSpec, target: Target, by: ownership.Stamp, cloud: Cloud
) -> Operation | None:
    """Find or start the operation; one without name when the endpoint is there and nothing runs.

    None means that this id cannot be used: it is a tombstone, or the endpoint is of ours but of
    other inputs, and this is the replacement for it.
    """
    for attempt, pause in enumerate(pauses()):
        found, running = _look(target, cloud, asked=attempt > 0)
        by.meet(target.endpoint, found)
        if found is not None and _replaced(found, spec, target, by):
            return None
        if found is not None or running is not None:
            if not attempt and found is None:
                by.join(target.endpoint)
            return running or _NOTHING_RUNS
        if not attempt and _of_somebody(target, cloud):
            return None
        try:
            body = request_body(spec, target.endpoint_id, target.model_id, by)
            return cloud.vertex.start(f"{target.parent}:deploy", body)
        except errors.AlreadyExists:
            if _unusable(target, cloud):
                return None
            if attempt >= _TRIES:
                raise
        except errors.VcwError as unclear:
            _pause_or_raise(spec, target, unclear, attempt, pause, cloud)
    raise AssertionError  # pauses never end


def _replaced(
    found: Endpoint, spec: CustomWeightsDeploymentSpec, target: Target, by: ownership.Stamp
) -> bool:
    """Tell whether an endpoint of ours is what this one comes instead of; refuse a stranger's."""
    ownership.verify(f"endpoint {target.endpoint}", found.labels, spec.owner)
    return ownership.of_other_shape(found.labels, by)


def _look(target: Target, cloud: Cloud, *, asked: bool) -> tuple[Endpoint | None, Operation | None]:
    """Return the endpoint and the operation that makes it, as far as they are there."""
    try:
        with kept(asked):
            endpoint = cloud.vertex.find(Endpoint, target.endpoint)
            return endpoint, objects.running_deploy(cloud, target.parent, target.model)
    except CUT_OFF as cut:
        if not asked:
            raise
        raise Interrupted(target, "", _unclear(cut)) from None


def _unusable(target: Target, cloud: Cloud) -> bool:
    """Tell a reserved id from one that an earlier request of ours has just taken."""
    if cloud.vertex.find(Endpoint, target.endpoint) is not None:
        return False
    if objects.running_deploy(cloud, target.parent, target.model) is not None:
        return False
    _sweep(target, cloud)
    return True


def _of_somebody(target: Target, cloud: Cloud) -> bool:
    """Tell whether a model has the id that the program chose: not ours to deploy, nor to remove.

    Nothing but its id would tell it from what a deployment that fails leaves behind.
    """
    return not target.made_up and cloud.vertex.find(Model, target.model) is not None


def _sweep(target: Target, cloud: Cloud) -> None:
    """Remove a model that a failed try of ours registered and nothing serves.

    Only under an id that we made up: one that the program chose may be somebody else's.
    """
    left = cloud.vertex.find(Model, target.model) if target.made_up else None
    if left is not None and not left.deployed_models:
        cloud.report.info(f"removing model {target.model_id}, left over from a failed deployment")
        cloud.vertex.delete(target.model)


def _pause_or_raise(
    spec: CustomWeightsDeploymentSpec,
    target: Target,
    unclear: errors.VcwError,
    attempt: int,
    pause: float,
    cloud: Cloud,
) -> None:
    """Wait before the next try at starting, or say that there will be none."""
    passing = isinstance(unclear, (errors.NoAnswer, errors.Unavailable)) or too_fast(unclear)
    if passing and not deployment.is_stockout(unclear) and attempt < _TRIES:
        try:
            cloud.clock.sleep(pause)
        except errors.Cancelled as cut:
            raise Interrupted(target, "", _unclear(cut)) from None
    elif attempt and isinstance(unclear, CUT_OFF) and not deployment.is_stockout(unclear):
        raise Interrupted(target, "", _unclear(unclear)) from None
    elif isinstance(unclear, errors.ApiError):
        raise deployment.with_next_step(unclear, attempt_at(spec, target)) from None
    else:
        raise unclear


def _unclear(cut: errors.VcwError) -> str:
    return (
        f"nobody said whether the deployment was started ({cut}). Run `pulumi up` again: it looks "
        "before it asks again."
    )


def _complete(
    spec: CustomWeightsDeploymentSpec,
    target: Target,
    operation: Operation,
    by: ownership.Stamp,
    cloud: Cloud,
) -> Deployed | None:
    """Wait and look at the result; None when the id turned out not to be usable."""
    name = operation.name
    if name:
        try:
            finish(cloud, operation, f"deploying {target.endpoint_id}", _seconds(spec), _USUAL)
        except errors.StillRunning as late:
            raise Interrupted(target, name, str(late)) from None
        except CUT_OFF as cut:
            raise Interrupted(target, name, _goes_on(cut, name)) from None
        except errors.NotFound:
            pass  # operations are kept for a while only; the endpoint tells how it ended
        except errors.OperationFailed as failure:
            if failure.code != _ALREADY_EXISTS:
                raise _cleaned(failure, spec, target, cloud) from None
            if _unusable(target, cloud):
                return None
            # Somebody was faster under the same id, perhaps another run of this very resource.
            running = _begin(spec, target, by, cloud)
            return None if running is None else _complete(spec, target, running, by, cloud)
    try:
        with kept(name):
            return _found(spec, target, name, by, cloud)
    except CUT_OFF as cut:
        if not name:
            raise
        raise Interrupted(target, name, to_finish(cut, target.endpoint)) from None


def _goes_on(cut: errors.VcwError, operation: str) -> str:
    return (
        f"stopped waiting ({cut}); {operation} goes on at Google. Run `pulumi up` again to resume."
    )


def _found(
    spec: CustomWeightsDeploymentSpec,
    target: Target,
    operation: str,
    by: ownership.Stamp,
    cloud: Cloud,
) -> Deployed | None:
    """Return our deployment on the endpoint; None after clearing the ruin of a failed try."""
    endpoint = cloud.vertex.find(Endpoint, target.endpoint)
    if endpoint is None:
        return None
    labels = endpoint.labels
    if ownership.OWNER in labels:  # what was waited for may have been another program's operation
        ownership.verify(f"endpoint {target.endpoint}", labels, spec.owner)
    there = endpoint.deployed_models
    for deployed in there:
        if objects.serves(deployed, target.model):
            token = labels.get(ownership.INCARNATION)
            return Deployed(target, endpoint, deployed, operation, token != by.incarnation)
    if there:
        others = ", ".join(deployed.id for deployed in there)
        cloud.report.warn(f"left {target.endpoint} to what others have deployed on it: {others}")
        return None
    cloud.report.info(f"removing {target.endpoint}, on which nothing is deployed any more")
    objects.remove(cloud, target.endpoint, (target.model,), _seconds(spec))
    return None


def _cleaned(
    failure: errors.OperationFailed,
    spec: CustomWeightsDeploymentSpec,
    target: Target,
    cloud: Cloud,
) -> errors.VcwError:
    """Remove what a failed deployment left, and return the error that says so."""
    step = deployment.of(failure, attempt_at(spec, target))
    told = f"Deployment failed: {failure.message.rstrip('.')}. {step}"
    try:
        endpoint = cloud.vertex.find(Endpoint, target.endpoint)
        if endpoint and not ownership.owned(endpoint.labels, spec.owner):
            told = f"{told} {target.endpoint} is not ours and was left alone."
        else:
            objects.remove(cloud, target.endpoint, (target.model,), _seconds(spec))
            told = f"{told} Endpoint {target.endpoint_id} and model {target.model_id} were removed."
    except errors.VcwError as stuck:
        # What is left stays in the state, so that the next run or a destroy removes it.
        left = f"Not removed yet: {target.endpoint}, {target.model} ({stuck})."
        ended = f"(code {failure.code}, operation {failure.operation})"
        return Interrupted(target, failure.operation, f"{told} {left} {ended}")
    return errors.OperationFailed(failure.operation, failure.code, told)


def attempt_at(spec: CustomWeightsDeploymentSpec, target: Target) -> deployment.Attempt:
    """Return what advice needs to know of a deployment."""
    resources: Json = spec.wire().get("dedicatedResources", {})
    place = (spec.project, spec.location, target.endpoint_id)
    return deployment.Attempt(*place, spec.gcs_uri, resources)


def _seconds(spec: CustomWeightsDeploymentSpec) -> float:
    return (spec.timeouts or Timeouts()).create_seconds
