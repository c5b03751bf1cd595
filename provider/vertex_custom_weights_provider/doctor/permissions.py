"""What whoever runs Pulumi may do in a project, asked by IAM's own question."""

from __future__ import annotations

from collections.abc import Iterator

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.preflight.deployment.questions import JsonRest

from .check import Check, ask, could_not_tell
from .identity import member

_URL = "https://cloudresourcemanager.googleapis.com/v3/projects/{project}:testIamPermissions"

SERVING = (
    "roles/aiplatform.user",
    (
        "aiplatform.endpoints.create",
        "aiplatform.endpoints.get",
        "aiplatform.endpoints.list",
        "aiplatform.endpoints.update",
        "aiplatform.endpoints.delete",
        "aiplatform.endpoints.deploy",
        "aiplatform.endpoints.undeploy",
        "aiplatform.models.upload",
        "aiplatform.models.get",
        "aiplatform.models.list",
        "aiplatform.models.delete",
    ),
)
"""What a deployment's life takes, and the role that has it."""

CONNECTING = (
    "roles/compute.networkAdmin",
    (
        "compute.addresses.createInternal",
        "compute.addresses.use",
        "compute.addresses.delete",
        "compute.addresses.list",
        "compute.addresses.setLabels",
        "compute.forwardingRules.create",
        "compute.forwardingRules.pscCreate",
        "compute.forwardingRules.delete",
        "compute.forwardingRules.list",
        "compute.forwardingRules.setLabels",
        "compute.networks.use",
        "compute.subnetworks.use",
    ),
)
"""What a private connection takes in the consumer's project, and the role that has it."""


def check_permissions(
    rest: JsonRest, project: str, needed: tuple[str, tuple[str, ...]], who: str, purpose: str
) -> Iterator[Check]:
    """Check that the caller has permissions in a project."""
    role, permissions = needed
    about = f"your permissions for {purpose} in {project}"
    grant = f"gcloud projects add-iam-policy-binding {project} --member={member(who)} --role={role}"
    try:
        answer = ask(rest, _URL.format(project=project), {"permissions": list(permissions)})
    except errors.VcwError as error:
        yield could_not_tell(about, error, (grant,))
        return
    missing = [one for one in permissions if one not in answer.get("permissions", ())]
    if missing:
        yield Check(about, "problem", f"Missing: {', '.join(missing)}.", (grant,))
    else:
        yield Check(about, "ok", f"All {len(permissions)} that are needed.")
