"""From a stack's outputs to the one host that serves the endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, cast
from urllib.parse import urlsplit

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.addresses import base_url, is_certified
from vertex_custom_weights_provider.api.messages import Endpoint, Model, Named
from vertex_custom_weights_provider.api.names import checked, location_of
from vertex_custom_weights_provider.spelling import snake

Outputs = Mapping[str, Any]
N = TypeVar("N", bound=Named)
# An endpoint's outputs hold one of these, whatever the program calls the rest.
_MARKS = ("openai_base_url", "endpoint_name", "name")
_INVOKE = "/invoke/v1"
_NO_ADDRESS = (
    "The endpoint has no address yet: no network is connected to it. Give its "
    "privateServiceConnect a network and a subnetwork, and run `pulumi up`."
)


class Read(Protocol):
    """Reads an endpoint or a model from Vertex AI."""

    def __call__(self, kind: type[N], name: str) -> N:
        """Return what has this name."""
        ...


@dataclass(frozen=True)
class Address:
    """Where an endpoint is asked.

    Attributes:
        base: URL that ends in the endpoint's name, or in `/invoke/v1` where the container's own
            paths are served and nothing else.
    """

    base: str

    def url(self, kind: str) -> str:
        """Return where a question of a kind is posted: `chat`, or a method such as `predict`."""
        if kind == "chat":
            return f"{self.base}/chat/completions"
        if self.base.endswith(_INVOKE):
            # The path that Vertex AI's own route leads to in the recommended container.
            return self.base.removesuffix(_INVOKE) + "/invoke/generate"
        return f"{self.base}:{kind}"

    @property
    def host(self) -> str:
        """The host, and the port if it is not the usual one."""
        return urlsplit(self.base).netloc

    @property
    def encrypted(self) -> bool:
        """Whether it is asked over TLS: without, nothing is told of who asks."""
        return self.base.startswith("https://")

    @property
    def private(self) -> bool:
        """Whether this is the private path, which asks for an identity only where it is secure."""
        return not self.encrypted or is_certified(self.host)


def choose(outputs: Outputs, wanted: str) -> Outputs:
    """Return the outputs of the endpoint that is meant.

    Args:
        outputs: The stack's outputs: an object of endpoints named `endpoints`, several outputs
            that are an endpoint's each, or the outputs of one endpoint themselves.
        wanted: Name of the endpoint; "" where there is one only.

    Raises:
        ConfigurationError: there is none of that name, or more than one to choose from.
    """
    outputs = _snake(outputs)
    endpoints = _endpoints(outputs)
    if not endpoints and not wanted and _is_endpoint(outputs):
        return outputs
    names = ", ".join(sorted(endpoints)) or "none"
    if wanted:
        if wanted not in endpoints:
            raise errors.ConfigurationError(
                f"The stack has no endpoint {wanted!r}. It has: {names}."
            )
        return endpoints[wanted]
    if len(endpoints) != 1:
        raise errors.ConfigurationError(
            f"The stack exports {len(endpoints)} endpoints ({names}). "
            + ("Choose one with --endpoint." if endpoints else _nothing_known(outputs))
        )
    return next(iter(endpoints.values()))


def _nothing_known(outputs: Outputs) -> str:
    if not any(outputs.values()):
        return "Run `pulumi up` first."
    return (
        "Export one's `endpoint_name` and `openai_base_url` under these names, or for several an "
        "object of them by endpoint, named `endpoints`."
    )


def locate(outputs: Outputs, read: Read) -> Address:
    """Return the address of an endpoint: private before public, its own name before the shared one.

    Args:
        outputs: The endpoint's outputs.
        read: Reads an endpoint or a model from Vertex AI by name; asked only where the outputs name
            no base URL.

    Raises:
        ConfigurationError: nothing is connected to a private endpoint yet.
    """
    known = str(outputs.get("openai_base_url") or "")
    if known:
        return Address(known)
    name = str(outputs.get("endpoint_name") or outputs.get("name") or "")
    if not name:
        raise errors.ConfigurationError(_NO_ADDRESS)
    if outputs.get("psc_ip_address"):
        base = base_url(str(outputs["psc_ip_address"]), "", name)
        # Whoever asks inside the network need not reach the API.
        with suppress(errors.VcwError):
            base += _route(read(Endpoint, name), read)
        return Address(base)
    endpoint = read(Endpoint, name)
    if endpoint.private_service_connect_config.enable_private_service_connect:
        raise errors.ConfigurationError(_NO_ADDRESS)
    dns = endpoint.dedicated_endpoint_dns.removeprefix("https://")
    host = dns or _shared_host(name)
    return Address(base_url("", host, name) + _route(endpoint, read))


def _route(endpoint: Endpoint, read: Read) -> str:
    """Return what follows the endpoint's name; the model that has most traffic decides."""
    split = endpoint.traffic_split
    served = [one for one in endpoint.deployed_models if split.get(one.id)]
    if not served:
        return ""
    leading = max(served, key=lambda one: split[one.id])
    container = read(Model, leading.model).container_spec
    return _INVOKE if container.get("invokeRoutePrefix") else ""


def _shared_host(name: str) -> str:
    return f"{location_of(checked(name))}-aiplatform.googleapis.com"


def _snake(outputs: Outputs) -> Outputs:
    """Return outputs by the names that Python gives them; other languages export camelCase."""
    return {
        **{snake(key): value for key, value in outputs.items() if not isinstance(value, dict)},
        **{k: _snake(cast("Outputs", v)) for k, v in outputs.items() if isinstance(v, dict)},
    }


def _endpoints(outputs: Outputs) -> dict[str, Outputs]:
    declared: Any = outputs.get("endpoints")
    found = cast("Outputs", declared) if isinstance(declared, dict) else outputs
    return {
        name: cast("Outputs", value)
        for name, value in found.items()
        if isinstance(value, dict) and _is_endpoint(cast("Outputs", value))
    }


def _is_endpoint(outputs: Outputs) -> bool:
    return "openai_base_url" in outputs or any(
        "/endpoints/" in str(outputs.get(mark) or "") for mark in _MARKS
    )
