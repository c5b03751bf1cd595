"""What to do about a deployment that failed, by the code and the words it ended with.

Vertex AI may report one cause at once, with the request, or later, inside the operation, so both
get the same advice. Whom to ask for a right is `access.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

import msgspec
from msgspec.structs import replace

from vertex_custom_weights_provider import catalog, errors
from vertex_custom_weights_provider.api.messages import Json
from vertex_custom_weights_provider.lifecycle.remedies import permissions
from vertex_custom_weights_provider.lifecycle.remedies.pages import see

_CANCELLED, _INVALID, _LATE, _DENIED = 1, 3, 4, 7  # google.rpc codes
_QUOTA, _PRECONDITION, _INTERNAL, _CAPACITY = 8, 9, 13, 14
_CODES: tuple[tuple[type[errors.ApiError], int], ...] = (
    (errors.ResourceExhausted, _QUOTA),
    (errors.FailedPrecondition, _PRECONDITION),
    (errors.InvalidArgument, _INVALID),
    (errors.PermissionDenied, _DENIED),
    (errors.Unavailable, _CAPACITY),
)
_EXCEEDED = re.compile(r"quotas are exceeded:\s*(.+)", re.DOTALL)
_QUOTA_AND_LIMIT = re.compile(r"([A-Za-z]\w{8,})\D{0,3}(\d+)")
_MOST_NAMED = 6


class Attempt(msgspec.Struct, frozen=True):
    """What was to be deployed, and where.

    Attributes:
        project: Project of the deployment.
        location: Its region.
        endpoint_id: Id of its endpoint.
        gcs_uri: Folder of the weights.
        resources: `dedicatedResources`, as far as they are known.
        service_agent: Account in whose name Vertex AI deploys, when it is known.
    """

    project: str
    location: str
    endpoint_id: str = ""
    gcs_uri: str = ""
    resources: Json = msgspec.field(default_factory=dict[str, object])
    service_agent: str = ""

    @property
    def machine(self) -> Json:
        """The machine, as far as it is known."""
        return self.resources.get("machineSpec", {})

    @property
    def accelerator(self) -> str:
        """The accelerator's enum name; empty when the service was to choose."""
        return str(self.machine.get("acceleratorType", ""))

    @property
    def most_replicas(self) -> int:
        """Replicas that quota is charged for."""
        resources = self.resources
        return int(resources.get("maxReplicaCount") or resources.get("minReplicaCount") or 1)


def with_next_step(refused: errors.ApiError, attempt: Attempt) -> errors.ApiError:
    """Return the refusal of a request with the advice that a failed operation would get."""
    code = next((code for kind, code in _CODES if isinstance(refused, kind)), None)
    if code is None:
        return refused
    denied = code == _DENIED
    step = permissions.advice(refused) if denied else next_step(code, refused.message, attempt)
    return type(refused)(
        f"{refused.message.rstrip('.')}. {step}",
        http_status=refused.http_status,
        status=refused.status,
        reason=refused.reason,
        call=refused.call,
        metadata={**refused.metadata, permissions.ADVISED: "yes"},
    )


def of(failure: errors.OperationFailed, attempt: Attempt) -> str:
    """Return the sentence that says what to try after an operation has failed."""
    agent = permissions.service_agent(failure.operation)
    return next_step(failure.code, failure.message, replace(attempt, service_agent=agent))


def next_step(code: int, message: str, attempt: Attempt) -> str:
    """Return a sentence that says what to try, for the person who reads the failed run.

    Args:
        code: google.rpc code.
        message: Google's words.
        attempt: What was to be deployed.
    """
    if "storage.objects" in message:
        return permissions.bucket(message, attempt.gcs_uri)
    if _is_stockout(message):
        return _capacity(message, attempt)
    return _STEPS.get(code, _other)(message, attempt)


def is_stockout(refused: errors.VcwError) -> bool:
    """Tell a region without free machines, which is an answer, from a service that is down."""
    return isinstance(refused, errors.ApiError) and _is_stockout(refused.message)


def _is_stockout(message: str) -> bool:
    words = message.lower()
    return "temporarily unavailable" in words or "resources are insufficient" in words


def _quota(message: str, attempt: Attempt) -> str:
    spent = _EXCEEDED.search(message)
    quotas = _QUOTA_AND_LIMIT.findall(spent.group(1)) if spent else []
    named = ", ".join(f"{name} (limit {limit})" for name, limit in quotas)
    what = f"quota {named}" if named else "accelerator quota"
    need = ""
    if count := attempt.machine.get("acceleratorCount"):
        total = int(count) * attempt.most_replicas
        replicas = attempt.most_replicas
        each = f"{count} for each of {replicas} replicas; " if replicas > 1 else ""
        need = f"This deployment needs {total} ({each}quota is charged for maxReplicaCount). "
    return (
        f"The {what} of project {attempt.project} in {attempt.location} is used up. "
        f"{need}Request more at https://console.cloud.google.com/"
        f"iam-admin/quotas?project={attempt.project}, lower maxReplicaCount, or "
        f"{_elsewhere(attempt, 'have quota by default')}. {see('quota')}"
    )


def _capacity(message: str, attempt: Attempt) -> str:
    if not _is_stockout(message) and "machine" not in message.lower():
        return "Vertex AI could not answer; this passes. Run `pulumi up` again."
    machine = attempt.machine.get("machineType") or "machine of this type"
    other = "choose another machine"
    if attempt.resources.get("spot"):
        other = "do without spot, choose another machine"
    elif "flexStart" not in attempt.resources:
        other = "queue for one with flexStart, use a reservation, choose another machine"
    return (
        f"Google has no free {machine} in {attempt.location} right now; quota is not the "
        f"cause. Run `pulumi up` again later, {other}, or {_elsewhere(attempt, 'offer it')}. "
        f"{see('stockout')}"
    )


def _elsewhere(attempt: Attempt, why: str) -> str:
    """Name the other regions that have the accelerator."""
    regions = [region for region in _regions(attempt.accelerator) if region != attempt.location]
    if not regions:
        return "choose another location"
    named = ", ".join(regions[:_MOST_NAMED])
    more = f" and {len(regions) - _MOST_NAMED} more" if len(regions) > _MOST_NAMED else ""
    return (
        f"set location to one of the regions that {why} ({attempt.accelerator}, catalog "
        f"{catalog.models_date()}): {named}{more}"
    )


def _regions(accelerator: str) -> Iterable[str]:
    try:
        known = catalog.accelerator(accelerator).default_quota
    except catalog.UnknownAcceleratorError:
        return ()
    return [region for region, quota in known.items() if quota > 0]


def _container(message: str, attempt: Attempt) -> str:
    if "invoke_route_prefix" in message:
        return "Set dedicatedEndpointEnabled on the endpoint, or remove invokeRoutePrefix."
    logs = (
        '\'resource.type="aiplatform.googleapis.com/Endpoint" '
        f'resource.labels.endpoint_id="{attempt.endpoint_id}"\''
    )
    return (
        "The serving container did not come up; its log in Cloud Logging tells why: `gcloud "
        f"logging read {logs} --project={attempt.project} --limit=50`. Usual causes: weights that "
        f"do not fit the accelerator, or files the server cannot read. {see('crash')}"
    )


def _invalid(message: str, attempt: Attempt) -> str:
    words = message.lower()
    if "accelerator" in words or "machine type" in words:
        return _machines(attempt)
    if "architecture" in words or "model type" in words:
        return (
            f"Look at the weights with `vcw preflight {attempt.gcs_uri}`: it names the base "
            "models that custom weights may have."
        )
    return "Mend the input it names, then run `pulumi up` again."


def _machines(attempt: Attempt) -> str:
    """Name the machines of the catalog that carry the accelerator."""
    carrying = [
        f"{machine.id} ({machine.count})"
        for machine in catalog.machines()
        if attempt.accelerator and machine.accelerator == attempt.accelerator
    ]
    if not carrying:
        return "`vcw catalog machines` lists machines and what they carry."
    return (
        f"Machines with {attempt.accelerator}, and how many: {', '.join(carrying)} "
        f"(catalog {catalog.models_date()}). Choose one of them, or set machineType to auto."
    )


def _internal(message: str, attempt: Attempt) -> str:
    del message  # it says nothing
    agent = attempt.service_agent or permissions.agent_of("{project number}")
    return (
        "Without detail this often means that the Vertex AI service agent lacks rights: "
        f"`gcloud projects add-iam-policy-binding {attempt.project} "
        f"--member=serviceAccount:{agent} --role={permissions.AGENT_ROLE}`. It may also have been "
        f"a passing trouble. Run `pulumi up` again. {see('internal-error')}"
    )


def _denied(message: str, attempt: Attempt) -> str:
    del attempt
    return permissions.for_message(message)


def _late(message: str, attempt: Attempt) -> str:
    del message, attempt
    return (
        "The container was not ready in time: set containerSpec.deploymentTimeout, or a bigger "
        "machine, and run `pulumi up` again."
    )


def _cancelled(message: str, attempt: Attempt) -> str:
    del message, attempt
    return "Somebody, or the service itself, has cancelled it: run `pulumi up` again."


def _other(message: str, attempt: Attempt) -> str:
    del message, attempt
    return "Mend the cause, then run `pulumi up` again."


_STEPS: Mapping[int, Callable[[str, Attempt], str]] = {
    _CANCELLED: _cancelled,
    _INVALID: _invalid,
    _LATE: _late,
    _DENIED: _denied,
    _QUOTA: _quota,
    _PRECONDITION: _container,
    _INTERNAL: _internal,
    _CAPACITY: _capacity,
}
