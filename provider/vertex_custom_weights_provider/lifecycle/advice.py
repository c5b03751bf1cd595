"""What to do about a failed deployment, by the code its operation ended with."""

from __future__ import annotations

from vertex_custom_weights_provider import errors

_QUOTA, _PRECONDITION, _INTERNAL, _CAPACITY, _DENIED = 8, 9, 13, 14, 7
_CODES: tuple[tuple[type[errors.ApiError], int], ...] = (
    (errors.ResourceExhausted, _QUOTA),
    (errors.FailedPrecondition, _PRECONDITION),
    (errors.PermissionDenied, _DENIED),
    (errors.Unavailable, _CAPACITY),
)


def with_next_step(refused: errors.ApiError, project: str, location: str) -> errors.ApiError:
    """Return the refusal of a request with the advice that a failed operation would get.

    Vertex AI may report the same cause at once or in the operation.
    """
    code = next((code for kind, code in _CODES if isinstance(refused, kind)), None)
    if code is None:
        return refused
    return type(refused)(
        f"{refused.message.rstrip('.')}. {next_step(code, project, location)}",
        http_status=refused.http_status,
        status=refused.status,
        reason=refused.reason,
        call=refused.call,
        metadata=refused.metadata,
    )


def next_step(code: int, project: str, location: str) -> str:
    """Return a sentence that says what to try, for the person who reads the failed run.

    Args:
        code: google.rpc code.
        project: Project of the deployment.
        location: Its region.
    """
    if code == _QUOTA:
        return (
            f"The accelerator quota of project {project} in {location} is used up (it is charged "
            "for maxReplicaCount). Request more, lower maxReplicaCount, or choose another location."
        )
    if code == _CAPACITY:
        return (
            f"Google has no free machine of this type in {location} right now; quota is not the "
            "cause. Run `pulumi up` again later, or choose another machine or location."
        )
    if code == _PRECONDITION:
        return (
            "The serving container did not come up; its log in Cloud Logging tells why. Usual "
            "causes: weights that do not fit the accelerator, or files the server cannot read."
        )
    if code == _INTERNAL:
        return (
            "Without detail this often means that the Vertex AI service agent lacks rights: grant "
            "roles/aiplatform.user to service-{project number}@gcp-sa-aiplatform."
            "iam.gserviceaccount.com, then run `pulumi up` again."
        )
    if code == _DENIED:
        return "Grant the named permission to the caller or the service agent, then run again."
    return "Mend the cause, then run `pulumi up` again."
