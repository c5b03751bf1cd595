"""`WeightsAccess`: who may read the weights."""

from collections.abc import Iterator
from typing import Any, NotRequired, Optional, TypedDict, Unpack, cast, overload

import pulumi

from vertex_custom_weights.checks.given import given
from vertex_custom_weights.checks.names import names_problems, refuse
from vertex_custom_weights.child_options import below
from vertex_custom_weights_provider.resources.arguments import configured
from vertex_custom_weights_provider.resources.form import spelled
from vertex_custom_weights_provider.tokens import token

from . import declare

ROLE = "roles/storage.objectViewer"
"""What is granted: to list the bucket and to read its objects."""


class WeightsAccessArgs(TypedDict):
    """A bucket, and the project whose endpoints serve weights from it."""

    bucket: pulumi.Input[str]
    """Bucket of the weights: its name, or a `gs://` address in it."""
    project: NotRequired[pulumi.Input[str]]
    """Project of the endpoints; default `gcp:project`."""
    service_agent: NotRequired[pulumi.Input[str]]
    """Email address of its Vertex AI service agent, if it is known: `service_agent` of a
    `ServingProject`, say. Asked for when absent."""


class WeightsAccess(pulumi.ComponentResource):
    """Lets the Vertex AI service agent of a project read one bucket, and nothing else.

    Vertex AI reads weights as `service-{number}@gcp-sa-aiplatform.iam.gserviceaccount.com`. In the
    project of the bucket it may do so already; a bucket of another project has to let it in. One
    `WeightsAccess` serves all endpoints of the project that read the bucket, and they depend on it.
    Two that grant the same would take it from each other when one is removed. Needs `pulumi-gcp`.

    Google may take minutes to honour a grant. A first deployment that is refused meanwhile is made
    by the next `pulumi up`.
    """

    bucket: pulumi.Output[str]
    """Name of the bucket."""
    service_agent: pulumi.Output[str]
    """Email address of the service agent."""

    @overload
    def __init__(
        self, name: str, args: WeightsAccessArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None: ...

    @overload
    def __init__(
        self,
        name: str,
        *,
        opts: Optional[pulumi.ResourceOptions] = None,
        **named: Unpack[WeightsAccessArgs],
    ) -> None: ...

    def __init__(
        self,
        name: str,
        args: Optional[WeightsAccessArgs] = None,
        opts: Optional[pulumi.ResourceOptions] = None,
        **named: Any,
    ) -> None:
        """Grant the access.

        Raises:
            pulumi.RunError: an argument does not exist, or the bucket is missing.
        """
        args = cast("WeightsAccessArgs", given(name, args, named, opts))
        refuse(name, _problems(args))
        super().__init__(token("WeightsAccess"), name, None, opts)
        child = below(self, opts)
        project = configured(args.get("project"), "project", "project")
        self.bucket = pulumi.Output.from_input(args["bucket"]).apply(bucket_of)
        agent = args.get("service_agent")
        if agent is None:
            agent = service_agent(f"{name}-service-agent", project, child)
        self.service_agent = pulumi.Output.from_input(agent)
        declare.declare(
            "gcp:storage/bucketIAMMember:BucketIAMMember",
            f"{name}-reader",
            {
                "bucket": self.bucket,
                "role": ROLE,
                "member": self.service_agent.apply(lambda email: f"serviceAccount:{email}"),
            },
            child,
        )
        self.register_outputs({key: getattr(self, key) for key in OUTPUTS})


OUTPUTS = ("bucket", "service_agent")
"""Names of the outputs."""


def service_agent(
    name: str, project: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    """Return the email address of the Vertex AI service agent, which exists from then on."""
    identity = declare.declare(
        "gcp:projects/serviceIdentity:ServiceIdentity",
        name,
        {"project": project, "service": "aiplatform.googleapis.com", "email": None},
        opts,
    )
    return declare.output(identity, "email")


def bucket_of(address: str) -> str:
    """Return the name of the bucket that a `gs://` address is in; names stay as they are."""
    return address.removeprefix("gs://").split("/", 1)[0]


def _problems(args: WeightsAccessArgs) -> Iterator[str]:
    yield from names_problems({**args}, WeightsAccessArgs, "", spelled)
    if "bucket" not in args:
        yield "bucket is missing: the bucket of the weights."
