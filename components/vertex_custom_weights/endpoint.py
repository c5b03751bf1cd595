"""`CustomWeightsEndpoint`: weights in, private endpoint out. The base of all model families."""

from collections.abc import Mapping
from typing import Any, ClassVar, Optional, Unpack, cast

import pulumi

from vertex_custom_weights_provider.addresses import base_url
from vertex_custom_weights_provider.resources.arguments import configured
from vertex_custom_weights_provider.resources.form import spelled
from vertex_custom_weights_provider.tokens import token

from .args import CustomWeightsEndpointArgs
from .args_private import PrivateAccessArgs, SharedConnectionArgs
from .checks import base_model
from .checks.arguments import problems
from .checks.given import given
from .checks.names import Spell, misplaced, refuse
from .checks.private_access import unnamed, unreachable
from .child_options import below
from .gcp import grants
from .parts.private_access import Behind, borrowed, connect
from .parts.serving import Place, serve


class CustomWeightsEndpoint(pulumi.ComponentResource):
    """Serve model weights from Cloud Storage on Vertex AI.

    Private by default: without `private_service_connect` only this project may connect. With a
    network and a subnetwork in it, the address and the connection are made too.
    """

    endpoint_name: pulumi.Output[str]
    """Full resource name of the endpoint."""
    endpoint_id: pulumi.Output[str]
    """Last segment of the endpoint's name."""
    model_name: pulumi.Output[str]
    """Full resource name of the registered model; of several, that with most traffic."""
    deployed_model_id: pulumi.Output[str]
    """Id of the deployment on the endpoint; of several versions, that with most traffic."""
    deployed_model_ids: pulumi.Output[dict[str, str]]
    """Id of the deployment of each of `versions`, by name; empty without versions."""
    service_attachment: pulumi.Output[str]
    """PSC service attachment; empty for a public endpoint."""
    dedicated_dns: pulumi.Output[str]
    """DNS name of a public endpoint, without scheme; empty for a private one."""
    psc_ip_address: pulumi.Output[str]
    """Address in the consumer network, of several in that of connection `default` or the first;
    empty when none was connected."""
    psc_ip_addresses: pulumi.Output[dict[str, str]]
    """Address in each consumer network, by connection; `default` is the one without a name."""
    private_dns_name: pulumi.Output[str]
    """Name of the address in the consumer networks; empty without `dns`."""
    psc_connection_status: pulumi.Output[str]
    """ACCEPTED when private requests pass; empty when no network was connected."""
    openai_base_url: pulumi.Output[str]
    """`base_url` for OpenAI clients, which ends in `/invoke/v1` where the container's own paths are
    served (`deployment.container.invoke_route_prefix`); empty when no host is known."""
    predict_url: pulumi.Output[str]
    """URL of `:predict`, or of the container's `/generate` where its own paths are served; empty
    when no host is known."""

    _component: ClassVar[str] = "CustomWeightsEndpoint"
    _family: ClassVar[Optional[str]] = None
    _relatives: ClassVar[Mapping[str, str]] = {}

    def __init__(
        self,
        name: str,
        args: Optional[CustomWeightsEndpointArgs] = None,
        opts: Optional[pulumi.ResourceOptions] = None,
        **named: Unpack[CustomWeightsEndpointArgs],
    ) -> None:
        """Serve the weights, and connect the network if one is given.

        Raises:
            pulumi.RunError: an argument does not exist, or excludes another one.
        """
        args = cast("CustomWeightsEndpointArgs", given(name, args, named, opts))
        refuse(name, [*self.problems(args, spelled), *unnamed(name, args, spelled)])
        super().__init__(token(self._component), name, borrowed(args), opts)
        for warning in (
            *self.unlisted(args, spelled),
            *base_model.warnings(args),
            *unreachable(args, spelled),
        ):
            pulumi.log.warn(f"{name}: {warning}", self)
        self._below = below(self, opts)
        project = configured(args.get("project"), "project", "project")
        location = configured(args.get("location"), "region", "location")
        access: Any = grants.for_endpoint(name, args, project, self._below)
        readable = pulumi.ResourceOptions(depends_on=access)
        after = pulumi.ResourceOptions.merge(self._below, readable)
        serving = serve(name, args, Place(project, location, after, self._family))
        self.endpoint_name = serving.endpoint_name
        self.endpoint_id = serving.endpoint_name.apply(lambda full: full.rsplit("/", 1)[-1])
        self.model_name = serving.model_name
        self.deployed_model_id = serving.deployed_model_id
        ids: Any = serving.deployed_model_ids
        self.deployed_model_ids = pulumi.Output.from_input(ids)
        self.service_attachment = serving.service_attachment
        self.dedicated_dns = serving.dedicated_dns
        attachment, labels = self.service_attachment, args.get("labels")
        behind = Behind(
            name, self.endpoint_name, attachment, project, location, labels, self._below
        )
        self._connect(args, behind)
        self._address(args)
        self.register_outputs({key: getattr(self, key) for key in OUTPUTS})

    @classmethod
    def problems(cls, args: Mapping[str, Any], spell: Spell = str) -> list[str]:
        """Return what is wrong with the arguments, one sentence each; see `checks`."""
        if any(misplaced(args, spell)):
            return problems(args, spell)
        about_model = base_model.problems(args, cls._about(), spell)
        return problems(args, spell) + about_model

    @classmethod
    def unlisted(cls, args: Mapping[str, Any], spell: Spell = str) -> list[str]:
        """Return what to do about base models that are on no list of Google's."""
        return base_model.unlisted(args, cls._about(), spell)

    @classmethod
    def _about(cls) -> base_model.Family:
        return base_model.Family(cls._component, cls._family, cls._relatives)

    @classmethod
    def base_models(cls) -> tuple[str, ...]:
        """Return the values of `base_model` that the component takes, as the catalog has them."""
        return base_model.of_family(cls._family)

    @property
    def connection(self) -> SharedConnectionArgs:
        """Its connection, as `shared_with` of endpoints behind the same service attachment."""
        return SharedConnectionArgs(
            psc_ip_address=self.psc_ip_address,
            service_attachment=self.service_attachment,
            private_dns_name=self.private_dns_name,
            psc_connection_status=self.psc_connection_status,
        )

    def _connect(self, args: CustomWeightsEndpointArgs, behind: Behind) -> None:
        """Connect the consumer networks that are given."""
        made = connect(args.get("private_service_connect") or PrivateAccessArgs(), behind)
        self.psc_ip_address = made.psc_ip_address
        self.psc_ip_addresses = made.psc_ip_addresses
        self.private_dns_name = made.private_dns_name
        self.psc_connection_status = made.psc_connection_status

    def _address(self, args: CustomWeightsEndpointArgs) -> None:
        """Work out the URLs; a private address wins over a public name."""
        hosts = pulumi.Output.all(
            private=pulumi.Output.all(self.private_dns_name, self.psc_ip_address).apply(_first),
            public=self.dedicated_dns,
            endpoint=self.endpoint_name,
        )
        invokes = pulumi.Output.from_input(invoked(args))
        self.openai_base_url = pulumi.Output.all(hosts, invokes).apply(
            lambda known: _below(base_url(**known[0]), "", "/invoke/v1", invokes=known[1])
        )
        self.predict_url = pulumi.Output.all(hosts, invokes).apply(
            lambda known: _below(
                base_url(**known[0]), ":predict", "/invoke/generate", invokes=known[1]
            )
        )


OUTPUTS = (
    "endpoint_name",
    "endpoint_id",
    "model_name",
    "deployed_model_id",
    "deployed_model_ids",
    "service_attachment",
    "dedicated_dns",
    "psc_ip_address",
    "psc_ip_addresses",
    "private_dns_name",
    "psc_connection_status",
    "openai_base_url",
    "predict_url",
)
"""Names of the outputs, in the order in which stacks export them."""


def invoked(args: Mapping[str, Any]) -> Any:
    """Return `deployment.container.invoke_route_prefix`, which is empty where it is not set.

    With it Vertex AI serves the container's own paths below `/invoke` and nothing else.
    """
    how = cast("Mapping[str, Any]", args.get("deployment") or {})
    container: Any = how.get("container") or {}
    if isinstance(container, dict):
        return cast("Mapping[str, Any]", container).get("invoke_route_prefix") or ""
    return pulumi.Output.from_input(container).apply(
        lambda known: known.get("invoke_route_prefix", known.get("invokeRoutePrefix")) or ""
    )


def _below(base: str, usual: str, invoke: str, *, invokes: str) -> str:
    return base and base + (invoke if invokes else usual)


def _first(hosts: list[str]) -> str:
    return next(filter(None, hosts), "")
