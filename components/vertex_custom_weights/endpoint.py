"""`CustomWeightsEndpoint`: weights in, private endpoint out. The base of all model families."""

from collections.abc import Mapping
from typing import Any, ClassVar, Optional

import pulumi

from vertex_custom_weights_provider.resources.arguments import configured

from . import base_models
from .args import CustomWeightsEndpointArgs, PrivateAccessArgs
from .checks import problems
from .options import below
from .private_service_connect import PrivateServiceConnect, PrivateServiceConnectArgs
from .serving import Place, serve
from .shapes import Spell


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
    """Address in the consumer network; empty when none was connected."""
    psc_connection_status: pulumi.Output[str]
    """ACCEPTED when private requests pass; empty when no network was connected."""
    openai_base_url: pulumi.Output[str]
    """`base_url` for OpenAI clients; empty when no host is known."""
    predict_url: pulumi.Output[str]
    """URL of `:predict`; empty when no host is known."""

    _component: ClassVar[str] = "CustomWeightsEndpoint"
    _family: ClassVar[Optional[str]] = None

    def __init__(
        self,
        name: str,
        args: CustomWeightsEndpointArgs,
        opts: Optional[pulumi.ResourceOptions] = None,
    ) -> None:
        """Serve the weights, and connect the network if one is given.

        Raises:
            pulumi.RunError: an argument does not exist, or excludes another one.
        """
        wrong = self.problems(args)
        if wrong:
            raise pulumi.RunError("\n".join(f"{name}: {problem}" for problem in wrong))
        super().__init__(f"vertex-custom-weights:index:{self._component}", name, None, opts)
        self._below = below(self, opts)
        project = configured(args.get("project"), "project", "project")
        location = configured(args.get("location"), "region", "location")
        serving = serve(name, args, Place(project, location, self._below))
        self.endpoint_name = serving.endpoint_name
        self.endpoint_id = serving.endpoint_name.apply(lambda full: full.rsplit("/", 1)[-1])
        self.model_name = serving.model_name
        self.deployed_model_id = serving.deployed_model_id
        ids: Any = serving.deployed_model_ids
        self.deployed_model_ids = pulumi.Output.from_input(ids)
        self.service_attachment = serving.service_attachment
        self.dedicated_dns = serving.dedicated_dns
        self._connect(name, args, project, location)
        self._address()
        self.register_outputs({key: getattr(self, key) for key in OUTPUTS})

    @classmethod
    def problems(cls, args: Mapping[str, Any], spell: Spell = str) -> list[str]:
        """Return what is wrong with the arguments, one sentence each; see `checks`."""
        about_model = base_models.problems(args, cls._family, cls._component, spell)
        return problems(args, spell) + about_model

    @classmethod
    def base_models(cls) -> tuple[str, ...]:
        """Return the values of `base_model` that the component takes, as the catalog has them."""
        return base_models.of_family(cls._family)

    def _connect(
        self, name: str, args: CustomWeightsEndpointArgs, project: Any, region: Any
    ) -> None:
        """Connect the consumer network, when one is given."""
        access = args.get("private_service_connect") or PrivateAccessArgs()
        self.psc_ip_address = pulumi.Output.from_input("")
        self.psc_connection_status = pulumi.Output.from_input("")
        if "network" not in access or "subnetwork" not in access:
            return  # `checks` has refused one without the other
        connection = PrivateServiceConnectArgs(
            service_attachment=self.service_attachment,
            network=access["network"],
            subnetwork=access["subnetwork"],
            project=project,
            region=region,
        )
        if "ip_address" in access:
            connection["ip_address"] = access["ip_address"]
        if "global_access" in access:
            connection["global_access"] = access["global_access"]
        if "labels" in args:
            connection["labels"] = args["labels"]
        psc = PrivateServiceConnect(f"{name}-psc", connection, opts=self._below)
        self.psc_ip_address = psc.psc_ip_address
        self.psc_connection_status = psc.psc_connection_status

    def _address(self) -> None:
        """Work out the URLs; a private address wins over a public name."""
        hosts = pulumi.Output.all(
            ip=self.psc_ip_address, dns=self.dedicated_dns, endpoint=self.endpoint_name
        )
        self.openai_base_url = hosts.apply(lambda known: base_url(**known))
        self.predict_url = self.openai_base_url.apply(lambda url: f"{url}:predict" if url else "")


OUTPUTS = (
    "endpoint_name",
    "endpoint_id",
    "model_name",
    "deployed_model_id",
    "deployed_model_ids",
    "service_attachment",
    "dedicated_dns",
    "psc_ip_address",
    "psc_connection_status",
    "openai_base_url",
    "predict_url",
)
"""Names of the outputs, in the order in which stacks export them."""


def base_url(ip: str, dns: str, endpoint: str) -> str:
    """Return the URL that `/chat/completions` is appended to; empty when there is no host.

    Private addresses are called without TLS: Vertex AI's certificate for them is self-signed, and
    the connection does not leave Google's network.
    """
    if ip:
        return f"http://{ip}/v1beta1/{endpoint}"
    return f"https://{dns}/v1beta1/{endpoint}" if dns else ""
