"""Which deployed model a prediction reaches: the host must be the endpoint's, traffic decides."""

from __future__ import annotations

import random

import msgspec

from vertex_custom_weights_provider.emulator import names
from vertex_custom_weights_provider.emulator.aiplatform import deployment_life, endpoint_record
from vertex_custom_weights_provider.emulator.envelope import ApiError, Json, refuse
from vertex_custom_weights_provider.emulator.http.call import Call

SHARED_LIMIT = 1_500_000
OWN_LIMIT = 10_000_000


class Target(msgspec.Struct, frozen=True):
    """A deployed model that a prediction reached."""

    endpoint: str
    deployed_id: str
    model: str
    model_version: str
    model_display_name: str

    @property
    def model_id(self) -> str:
        """The last segment of the model's name."""
        return self.model.rsplit("/", 1)[-1].split("@")[0]

    @property
    def headers(self) -> dict[str, str]:
        """What the service tells about the model on a raw answer."""
        return {
            "X-Vertex-AI-Endpoint-Id": self.endpoint.rsplit("/", 1)[-1],
            "X-Vertex-AI-Deployed-Model-Id": self.deployed_id,
            "X-Vertex-AI-Model": self.model.split("@")[0],
            "X-Vertex-AI-Model-Version-Id": self.model_version,
        }


def reach(call: Call, deployed_id: str = "") -> Target:
    """Return the deployed model a call reaches, or refuse it."""
    record = endpoint_record.load(call.tx, names.canonical(call.params["endpoint"]))
    _check_host(call, record)
    limit = SHARED_LIMIT if call.host.kind == "api" else OWN_LIMIT
    if len(call.raw) > limit:
        refuse("INVALID_ARGUMENT", f"Request payload size exceeds the limit: {limit} bytes.")
    chosen = _choose(record, deployed_id)
    _wake(call, record, chosen["id"])
    return Target(
        endpoint=record["resource"]["name"],
        deployed_id=chosen["id"],
        model=chosen["model"],
        model_version=chosen.get("modelVersionId", ""),
        model_display_name=chosen.get("displayName", ""),
    )


def _wake(call: Call, record: Json, deployed_id: str) -> None:
    """Refuse a request to a deployment without a replica that answers; it wakes up for the next."""
    scaling: Json = record["replicas"].get(deployed_id, {})
    if "idle" not in scaling:
        return
    ready = endpoint_record.available(scaling, call.now)
    with call.store.write() as tx:
        deployment_life.ask(tx, record["resource"]["name"], deployed_id, call.now)
    if not ready:
        refuse(
            "RESOURCE_EXHAUSTED",
            "Model is not yet ready for inference. Please wait and then try your request again.",
        )


def _choose(record: Json, deployed_id: str) -> Json:
    name: str = record["resource"]["name"]
    if deployed_id:
        chosen = endpoint_record.deployed(record, deployed_id)
        if chosen is None:
            refuse("NOT_FOUND", f"DeployedModel {deployed_id} is not found on Endpoint `{name}`.")
        return chosen
    split: dict[str, int] = record["resource"].get("trafficSplit", {})
    served = [(key, share) for key, share in split.items() if share]
    if not served:
        message = f"Endpoint `{name}` has no deployed model that receives traffic."
        refuse("FAILED_PRECONDITION", message)
    keys, weights = zip(*served, strict=True)
    picked: str = random.choices(keys, weights)[0]  # noqa: S311 - load balancing, not a secret
    return endpoint_record.deployed(record, picked) or {}


def _check_host(call: Call, record: Json) -> None:
    resource = record["resource"]
    config: Json = resource.get("privateServiceConnectConfig", {})
    private = bool(config.get("enablePrivateServiceConnect"))
    if call.host.kind == "api":
        _check_shared(resource, private=private)
    elif call.host.kind == "dedicated":
        if resource.get("dedicatedEndpointDns") != call.host.name:
            raise _elsewhere(call, resource)
    elif not private or not _leads_here(call, record):
        raise _elsewhere(call, resource)
    if config.get("enableSecurePrivateServiceConnect") and not call.headers.get("Authorization"):
        refuse("UNAUTHENTICATED", "Request is missing required authentication credential.")


def _check_shared(resource: Json, *, private: bool) -> None:
    name = resource["name"]
    if private:
        refuse(
            "FAILED_PRECONDITION",
            f"Endpoint `{name}` is private: it is served through Private Service Connect only.",
        )
    if resource.get("dedicatedEndpointEnabled"):
        refuse(
            "FAILED_PRECONDITION",
            f"Endpoint `{name}` is a dedicated endpoint. Send the request to"
            f" https://{resource['dedicatedEndpointDns']}.",
        )


def _leads_here(call: Call, record: Json) -> bool:
    """Tell whether a private address or name leads to the attachment behind the endpoint."""
    attachment: str = record["attachment"]
    if not attachment:
        return False
    if call.host.name.endswith(".prediction.p.vertexai.goog"):
        _, number, _, region, _, endpoint_id = record["resource"]["name"].split("/")
        own = f"{endpoint_id}-{region}-{number}.prediction.p.vertexai.goog"
        reachable = call.hooks.psc_reachable(call.tx, attachment, call.now)
        return call.host.name == own and reachable
    return call.hooks.psc_target(call.tx, call.host.name, call.now) == attachment


def _elsewhere(call: Call, resource: Json) -> ApiError:
    message = f"Endpoint `{resource['name']}` is not served on {call.host.name}."
    return ApiError.of("NOT_FOUND", message)
