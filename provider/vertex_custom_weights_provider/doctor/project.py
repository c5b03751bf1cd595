"""A project: that it is there, which services are on, and what its service agent may do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.preflight.deployment.questions import JsonRest

from .check import Check, ask, could_not_tell, get

_MANAGER = "https://cloudresourcemanager.googleapis.com/v3"
_USAGE = "https://serviceusage.googleapis.com/v1"
_AGENT_ROLE = "roles/aiplatform.serviceAgent"
_ENOUGH = {"roles/aiplatform.user", "roles/aiplatform.admin", "roles/editor", "roles/owner"}


@dataclass(frozen=True)
class Project:
    """What is known of a project.

    Attributes:
        id: Its id.
        number: Its number; "" when it could not be read.
        agent_roles: Roles of its Vertex AI service agent; None when they could not be read.
    """

    id: str
    number: str = ""
    agent_roles: frozenset[str] | None = None

    @property
    def agent(self) -> str:
        """The Vertex AI service agent, which deploys and reads the weights."""
        number = self.number or "PROJECT_NUMBER"
        return f"service-{number}@gcp-sa-aiplatform.iam.gserviceaccount.com"


def check_project(rest: JsonRest, project: str) -> tuple[Project, list[Check]]:
    """Read a project and its service agent's roles."""
    about = f"project {project}"
    try:
        found = get(rest, f"{_MANAGER}/projects/{project}")
    except errors.NotFound:
        told = "There is none of this id. Set gcp:project."
        return Project(project), [Check(about, "problem", told)]
    except errors.VcwError as error:
        return Project(project), [could_not_tell(about, error)]
    number = str(found.get("name", "")).removeprefix("projects/")
    if found.get("state", "ACTIVE") != "ACTIVE":
        told = f"It is {found['state']}."
        mend = f"gcloud projects undelete {project}"
        return Project(project, number), [Check(about, "problem", told, (mend,))]
    roles, checks = _agent(rest, Project(project, number))
    return Project(project, number, roles), [
        Check(about, "ok", f"Active, number {number}."),
        *checks,
    ]


def _agent(rest: JsonRest, project: Project) -> tuple[frozenset[str] | None, list[Check]]:
    about = f"service agent of {project.id}"
    try:
        policy = ask(rest, f"{_MANAGER}/projects/{project.id}:getIamPolicy", {})
    except errors.VcwError as error:
        return None, [could_not_tell(about, error)]
    wanted = f"serviceAccount:{project.agent}"
    roles = frozenset(
        str(binding.get("role"))
        for binding in policy.get("bindings", ())
        if wanted in binding.get("members", ())
    )
    grant = (
        f"gcloud projects add-iam-policy-binding {project.id} --member={wanted} "
        "--role=roles/aiplatform.user"
    )
    if roles & _ENOUGH:
        return roles, [Check(about, "ok", f"Has {', '.join(sorted(roles & _ENOUGH))}.")]
    if _AGENT_ROLE in roles:
        told = (
            f"Has {_AGENT_ROLE}. Should a deployment fail within seconds with code 13, it "
            "needs one role more:"
        )
        return roles, [Check(about, "note", told, (grant,))]
    told = "Has no role that lets it deploy (one given by a folder or a group is not seen here)."
    make = (
        "gcloud beta services identity create --service=aiplatform.googleapis.com "
        f"--project={project.id}"
    )
    return roles, [Check(about, "problem", told, (make, grant))]


def check_service(rest: JsonRest, project: str, service: str, *, by_stack: bool) -> Iterator[Check]:
    """Check that a service is enabled in a project, or that the stack enables it."""
    about = f"{service} in {project}"
    enable = f"gcloud services enable {service} --project={project}"
    try:
        state = get(rest, f"{_USAGE}/projects/{project}/services/{service}").get("state")
    except errors.VcwError as error:
        yield could_not_tell(about, error, (enable,))
        return
    if state == "ENABLED":
        yield Check(about, "ok", "Enabled.")
    elif by_stack:
        yield Check(about, "ok", "Not enabled yet; this stack enables it.")
    else:
        yield Check(about, "problem", "Not enabled.", (enable,))
