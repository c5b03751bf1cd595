"""What Google answers, as types: the fields that are read here, and the whole as it came.

An answer that is not the object asked for never becomes one. What has another shape, or the name of
another object, is no answer at all: nobody knows then what there is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal, TypeVar, cast

import msgspec

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.names import path, same

Json = dict[str, Any]
M = TypeVar("M", bound="Message")
N = TypeVar("N", bound="Named")


class Message(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An object that Google answers with.

    Attributes:
        json: All of it as it came, for comparisons by field and for what has no attribute here.
    """

    parts: ClassVar[Mapping[str, type[Message]]] = {}
    """Lists in it that are messages too."""

    json: Json = msgspec.field(name="", default_factory=dict[str, Any])

    @classmethod
    def of(cls: type[M], answer: object) -> M:
        """Return the message that an answer holds.

        Raises:
            errors.NoAnswer: it holds another one, or none.
        """
        try:
            return msgspec.convert(cls._whole(answer), cls, strict=False)
        except msgspec.ValidationError as odd:
            raise errors.NoAnswer(f"the answer is no {cls.__name__} ({odd})") from None

    @classmethod
    def _whole(cls, answer: object) -> object:
        if not isinstance(answer, dict):
            return answer
        found = cast("Json", answer)
        lists = {key: kind for key, kind in cls.parts.items() if isinstance(found.get(key), list)}
        return {
            **found,
            **{key: [kind._whole(item) for item in found[key]] for key, kind in lists.items()},
            "": found,
        }


class Named(Message, frozen=True, kw_only=True):
    """An object with a name of its own, that others may have labelled."""

    collection: ClassVar[str]

    name: str
    labels: dict[str, str] = {}

    @property
    def full_name(self) -> str:
        """The name from `projects/` on."""
        return self.name

    @classmethod
    def reader(cls: type[N], name: str) -> Callable[[Json], N]:
        """Return what takes an answer for the object of this name, and no other one."""

        def read(answer: Json) -> N:
            found = cls.of(answer)
            if not same(found.full_name, name):
                raise errors.NoAnswer(f"the answer is about {found.full_name or 'nothing'}")
            return found

        return read


class PrivateEndpoints(Message, frozen=True, kw_only=True):
    """Where a deployment is reached privately."""

    service_attachment: str = ""


class DeployedStatus(Message, frozen=True, kw_only=True):
    """`DeployedModel.status`: how many replicas answer, and what is missing."""

    message: str = ""
    available_replica_count: int = 0


class DeployedModel(Message, frozen=True, kw_only=True):
    """`DeployedModel`: a model on an endpoint."""

    id: str
    model: str = ""
    display_name: str = ""
    service_account: str = ""
    enable_container_logging: bool = False
    enable_access_logging: bool = False
    dedicated_resources: Json = {}
    private_endpoints: PrivateEndpoints = PrivateEndpoints()
    status: DeployedStatus = DeployedStatus()
    create_time: str = ""


class AutomationOutcome(Message, frozen=True, kw_only=True):
    """`PSCAutomationConfig`: a network that Google connects, and what has become of it."""

    project_id: str = ""
    network: str = ""
    ip_address: str = ""
    forwarding_rule: str = ""
    error_message: str = ""
    state: str = ""


class PrivateServiceConnect(Message, frozen=True, kw_only=True):
    """`PrivateServiceConnectConfig` of an endpoint."""

    enable_private_service_connect: bool = False
    service_attachment: str = ""
    psc_automation_configs: tuple[AutomationOutcome, ...] = ()


class Endpoint(Named, frozen=True, kw_only=True):
    """`Endpoint` of Vertex AI."""

    collection: ClassVar[str] = "endpoints"
    parts: ClassVar[Mapping[str, type[Message]]] = {"deployedModels": DeployedModel}

    display_name: str = ""
    etag: str = ""
    create_time: str = ""
    dedicated_endpoint_enabled: bool = False
    dedicated_endpoint_dns: str = ""
    traffic_split: dict[str, int] = {}
    deployed_models: tuple[DeployedModel, ...] = ()
    private_service_connect_config: PrivateServiceConnect = PrivateServiceConnect()
    encryption_spec: Json = {}

    @property
    def split(self) -> dict[str, int]:
        """The shares of the traffic above zero."""
        return {key: share for key, share in self.traffic_split.items() if share}

    def deployed(self, id: str) -> DeployedModel | None:
        """Return the deployment of this id."""
        return next((one for one in self.deployed_models if one.id == id), None)


class ModelDeployment(Message, frozen=True, kw_only=True):
    """`DeployedModelRef`: where a model is deployed."""

    endpoint: str = ""
    deployed_model_id: str = ""


class ModelSource(Message, frozen=True, kw_only=True):
    """`ModelSourceInfo`: where a model came from."""

    source_type: str = ""


class Model(Named, frozen=True, kw_only=True):
    """`Model` of the registry."""

    collection: ClassVar[str] = "models"

    display_name: str = ""
    etag: str = ""
    artifact_uri: str = ""
    container_spec: Json = {}
    deployed_models: tuple[ModelDeployment, ...] = ()
    model_source_info: ModelSource = ModelSource()


class OperationError(Message, frozen=True, kw_only=True):
    """`google.rpc.Status`: how an operation has failed."""

    code: int = 2
    message: str = "unknown"


class GenericMetadata(Message, frozen=True, kw_only=True):
    """`GenericOperationMetadata`: what all operations of Vertex AI say."""

    create_time: str = ""


class OperationMetadata(Message, frozen=True, kw_only=True):
    """What an operation says about itself."""

    type: str = msgspec.field(name="@type", default="")
    model_id: str = ""
    generic_metadata: GenericMetadata = GenericMetadata()


class Operation(Named, frozen=True, kw_only=True):
    """`google.longrunning.Operation`."""

    collection: ClassVar[str] = "operations"

    name: str = ""
    done: bool = False
    error: OperationError | None = None
    response: Json = {}
    metadata: OperationMetadata = OperationMetadata()

    @classmethod
    def begun(cls, answer: Json) -> Operation:
        """Return the operation that a request has begun."""
        found = cls.of(answer)
        if "/operations/" not in found.name:
            raise errors.NoAnswer("the answer names no operation")
        return found

    @classmethod
    def again(cls, name: str) -> Callable[[Json], Operation]:
        """Return what takes an answer for the operation of this name; an end need not repeat it."""

        def read(answer: Json) -> Operation:
            found = cls.of(answer)
            known = same(found.name, name) if found.name else found.done
            if not known:
                raise errors.NoAnswer(f"the answer is not about {name}")
            return found

        return read


class Regional(Named, frozen=True, kw_only=True):
    """What addresses and rules have in common."""

    self_link: str
    label_fingerprint: str = ""
    fingerprint: str = ""
    description: str = ""
    subnetwork: str = ""

    @property
    def full_name(self) -> str:
        """The name from `projects/` on."""
        return path(self.self_link)


class Address(Regional, frozen=True, kw_only=True):
    """`Address` of Compute Engine."""

    collection: ClassVar[str] = "addresses"

    address: str = ""


class ForwardingRule(Regional, frozen=True, kw_only=True):
    """`ForwardingRule` of Compute Engine."""

    collection: ClassVar[str] = "forwardingRules"

    ip_address: str = msgspec.field(name="IPAddress", default="")
    target: str = ""
    network: str = ""
    network_tier: str = ""
    allow_psc_global_access: bool = False
    psc_connection_id: str = ""
    psc_connection_status: str = ""
    service_directory_registrations: list[Json] = []


class ComputeError(Message, frozen=True, kw_only=True):
    """One of the errors of a compute operation."""

    code: str = ""
    message: str = ""


class ComputeErrors(Message, frozen=True, kw_only=True):
    """The errors of a compute operation."""

    errors: tuple[ComputeError, ...] = ()


class ComputeOperation(Message, frozen=True, kw_only=True):
    """`Operation` of Compute Engine."""

    kind: Literal["compute#operation"]  # an address has a name and a status too
    name: str
    status: str
    operation_type: str = "operation"
    http_error_status_code: int = 400
    error: ComputeErrors = ComputeErrors()

    @classmethod
    def again(cls, name: str) -> Callable[[Json], ComputeOperation]:
        """Return what takes an answer for the operation of this name."""

        def read(answer: Json) -> ComputeOperation:
            found = cls.of(answer)
            if found.name != name:
                raise errors.NoAnswer(f"the answer is about {found.name}, not {name}")
            return found

        return read


class SpecOption(Message, frozen=True, kw_only=True):
    """One way to serve a model that `recommendSpec` knows."""

    machine_spec: Json = {}
    container_spec: Json = {}


class Recommendation(Message, frozen=True, kw_only=True):
    """Answer of `recommendSpec`."""

    specs: tuple[SpecOption, ...] = ()


class Page(msgspec.Struct, frozen=True):
    """A page of a listing, and what leads to the next; empty at the end."""

    items: list[Any]
    next: str


def page_of(key: str, item: Callable[[Json], Any]) -> Callable[[Json], Page]:
    """Return what takes an answer for a page of a listing.

    Args:
        key: Where the items are.
        item: Reads one of them.
    """

    def read(answer: Json) -> Page:
        listed, following = answer.get(key, []), answer.get("nextPageToken", "")
        foreign = "name" in answer or "error" in answer  # a listing has neither
        if foreign or not isinstance(listed, list) or not isinstance(following, str):
            raise errors.NoAnswer(f"the answer is no listing of {key}")
        return Page([item(one) for one in cast("list[Json]", listed)], following)

    return read
