"""`ServingProject`: a project made ready to serve models."""

from typing import NotRequired, Optional, TypedDict, Unpack, cast

import pulumi

from vertex_custom_weights.checks.given import given
from vertex_custom_weights.checks.names import names_problems, refuse
from vertex_custom_weights.child_options import below
from vertex_custom_weights_provider.resources.arguments import configured
from vertex_custom_weights_provider.resources.form import spelled
from vertex_custom_weights_provider.tokens import token

from . import declare
from .weights_access import service_agent

SERVICES = ("aiplatform.googleapis.com", "compute.googleapis.com", "storage.googleapis.com")
"""APIs that endpoints, their connections and their weights need."""

AGENT_ROLE = "roles/aiplatform.serviceAgent"
"""What Google grants the service agent when Vertex AI is enabled."""


class ServingProjectArgs(TypedDict):
    """A project that is there already."""

    project: NotRequired[pulumi.Input[str]]
    """The project; default `gcp:project`."""
    more_services: NotRequired[list[str]]
    """APIs to enable beside those of Vertex AI, Compute Engine and Cloud Storage, such as
    `dns.googleapis.com` for names and `servicedirectory.googleapis.com`."""
    grant_agent_role: NotRequired[bool]
    """Grant the service agent its role `roles/aiplatform.serviceAgent`; default false. For projects
    where Google's own grant was removed or has not come yet: deployments fail there within seconds
    and without a reason. It stays when the component is removed."""


class ServingProject(pulumi.ComponentResource):
    """Enables the APIs that serving needs, and makes the service agent of Vertex AI exist.

    Removing it disables nothing: others may rely on the APIs. Needs `pulumi-gcp`.
    """

    project: pulumi.Output[str]
    """The project, once its APIs are enabled."""
    service_agent: pulumi.Output[str]
    """Email address of the Vertex AI service agent, which reads weights."""

    def __init__(
        self,
        name: str,
        args: Optional[ServingProjectArgs] = None,
        opts: Optional[pulumi.ResourceOptions] = None,
        **named: Unpack[ServingProjectArgs],
    ) -> None:
        """Enable the APIs.

        Raises:
            pulumi.RunError: an argument does not exist.
        """
        args = cast("ServingProjectArgs", given(name, args, named, opts))
        refuse(name, names_problems({**args}, ServingProjectArgs, "", spelled))
        super().__init__(token("ServingProject"), name, None, opts)
        child = below(self, opts)
        project = configured(args.get("project"), "project", "project")
        more = args.get("more_services", [])
        wanted = [*SERVICES, *sorted({*more} - {*SERVICES})]
        enabled = [_enable(name, service, project, child) for service in wanted]
        ready = pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=enabled[:1]))
        self.service_agent = service_agent(f"{name}-service-agent", project, ready)
        if args.get("grant_agent_role"):
            _grant(name, project, self.service_agent, child)
        ids = [service.id for service in enabled]
        self.project = pulumi.Output.all(project, *ids).apply(lambda known: known[0])
        self.register_outputs({key: getattr(self, key) for key in OUTPUTS})


OUTPUTS = ("project", "service_agent")
"""Names of the outputs."""


def _enable(
    name: str, service: str, project: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> pulumi.CustomResource:
    return declare.declare(
        "gcp:projects/service:Service",
        f"{name}-{service.removesuffix('.googleapis.com')}",
        {"project": project, "service": service, "disableOnDestroy": False},
        opts,
    )


def _grant(
    name: str,
    project: pulumi.Input[str],
    agent: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Grant the role. It stays, as it is Google's own grant too, which would go with it."""
    declare.declare(
        "gcp:projects/iAMMember:IAMMember",
        f"{name}-agent-role",
        {
            "project": project,
            "role": AGENT_ROLE,
            "member": agent.apply(lambda email: f"serviceAccount:{email}"),
        },
        pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(retain_on_delete=True)),
    )
