"""A Pulumi program without an engine: what it declares is recorded, outputs are made up.

def test_something(program):
    outputs = program.run(lambda: LlamaEndpoint("chat", {"weights_uri": "gs://b/f"}))
    assert program.one("chat-llm").inputs["gcsUri"] == "gs://b/f"
    assert outputs["endpoint_id"] == "chosen"
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.output import UNKNOWN, Unknown
from pulumi.runtime import rpc
from pulumi.runtime.mocks import MockMonitor, set_mocks
from pulumi.runtime.settings import set_root_resource

ENDPOINT = "projects/here/locations/us-central1/endpoints/chosen"
ATTACHMENT = "projects/tenant/regions/us-central1/serviceAttachments/attachment"
NUMBER = "1234567890"
DNS = "chosen.us-central1-1234567890.prediction.vertexai.goog"
# What the provider answers: the first is known in a preview already, the second only after it.
ANSWERS: Mapping[str, tuple[Mapping[str, str], Mapping[str, str]]] = {
    "vcw:m:Deployment": (
        {
            "endpointName": ENDPOINT,
            "modelName": "projects/here/locations/us-central1/models/chosen",
        },
        {"deployedModelId": "17"},
    ),
    "vcw:m:Endpoint": ({"endpointName": ENDPOINT}, {"dedicatedEndpointDns": DNS}),
    "vcw:m:Address": (
        {"addressName": "projects/here/regions/us-central1/addresses/chosen"},
        {"ipAddress": "10.0.0.9"},
    ),
    "vcw:m:Rule": (
        {
            "forwardingRuleName": "projects/here/regions/us-central1/forwardingRules/chosen",
            "pscConnectionStatus": "ACCEPTED",
        },
        {},
    ),
    "gcp:dns/managedZone:ManagedZone": ({}, {"name": "zone"}),
}


@dataclass(frozen=True)
class Declared:
    """One resource as the engine is told of it. `inputs` are on the wire: camelCase, floats."""

    type: str
    name: str
    urn: str
    parent: str
    parent_type: str
    inputs: Mapping[str, Any]
    protect: bool
    aliases: tuple[str, ...]
    provider: str
    uses: frozenset[str]
    uses_by_input: Mapping[str, frozenset[str]]


class _Monitor(MockMonitor):
    """Pulumi's mock monitor, keeping also what it would drop: parents, dependencies, outputs."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self._program = program

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802
        answer = super().RegisterResource(request)
        inputs = rpc.deserialize_properties(request.object)
        declared = Declared(
            type=request.type,
            name=request.name,
            urn=answer.urn,
            parent=_name(request.parent),
            parent_type=_type(request.parent),
            inputs={key: value for key, value in inputs.items() if key != "__provider"},
            protect=request.protect,
            aliases=tuple(alias.spec.name for alias in request.aliases if alias.spec.name),
            provider=_name(request.provider.rsplit("::", 1)[0]),
            uses=frozenset(_name(urn) for urn in request.dependencies),
            uses_by_input={
                key: frozenset(_name(urn) for urn in entry.urns)
                for key, entry in request.propertyDependencies.items()
            },
        )
        if request.type != "pulumi:pulumi:Stack":
            self._program.declared.append(declared)
        return answer

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        outputs = rpc.deserialize_properties(request.outputs, keep_unknowns=True)
        # A part of a component may have its name; what is around it is registered first or last.
        if "$" not in request.urn.replace("pulumi:pulumi:Stack$", ""):
            self._program.registered[_name(request.urn)] = outputs
        return super().RegisterResourceOutputs(request)


class _Log:
    """What the mock engine logs to."""

    def __init__(self, program: Program) -> None:
        self.warning = program.warnings.append
        self.error = program.errors.append

    def debug(self, message: str) -> None:
        """Drop what nobody asked for."""

    info = debug


class Program(pulumi.runtime.Mocks):
    """Runs program code and remembers what was declared; the module shows the use.

    Attributes:
        declared: What was declared, in order.
        read: Names of resources that were read, such as other stacks.
        registered: Outputs that components registered, by name.
        warnings: Warnings of the program.
        errors: Errors that it logged.
        called: Functions that were called, with their arguments.
        answers: Outputs of resources by name, in place of those that the module makes up.
        numbers: Numbers of projects at Cloud Resource Manager, where they are not NUMBER.
    """

    def __init__(self) -> None:
        self.declared: list[Declared] = []
        self.registered: dict[str, Mapping[str, Any]] = {}
        self.warnings: list[str] = []
        self.errors: list[str] = []
        self.called: list[tuple[str, dict[str, Any]]] = []
        self.read: list[str] = []
        self.answers: dict[str, Mapping[str, Any]] = {}
        self.numbers: dict[str, str] = {}
        self._preview = False

    def run(self, build: Callable[[], pulumi.Resource], *, preview: bool = False) -> dict[str, Any]:
        """Run `build` and return the outputs of the component it makes; unknown ones are None."""
        self._start(preview)
        found: dict[str, Any] = {}

        @pulumi.runtime.test
        def body() -> Any:
            component = build()

            async def settle() -> None:
                for key, value in list(vars(component).items()):
                    if isinstance(value, pulumi.Output) and not key.startswith(("_", "urn")):
                        known = await value.future(with_unknowns=True)
                        found[key] = None if isinstance(known, Unknown) else known

            return settle()

        body()
        return found

    def run_stack(self, build: Callable[[], None], *, preview: bool = False) -> dict[str, Any]:
        """Run a whole program and return its stack outputs."""
        self._start(preview)
        found: dict[str, Any] = {}

        @pulumi.runtime.test
        def body() -> Any:
            build()
            stack: Any = pulumi.runtime.get_root_resource()
            return pulumi.Output.from_input(dict(stack.outputs)).apply(found.update)

        body()
        return found

    def one(self, name: str, type_token: str = "") -> Declared:
        """Return the only resource of this name, or of this name and type."""
        (found,) = (
            resource
            for resource in self.declared
            if resource.name == name and type_token in ("", resource.type)
        )
        return found

    @property
    def names(self) -> set[str]:
        """Names of everything declared."""
        return {resource.name for resource in self.declared}

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        if args.resource_id:
            self.read.append(args.name)
        given = {key: value for key, value in args.inputs.items() if key != "__provider"}
        known, later = ANSWERS.get(args.typ, ({}, {}))
        if "endpoint" in given and args.typ.endswith(":Deployment"):
            known, later = _onto(args.name, given["endpoint"])
        elif args.typ.endswith(":Deployment"):
            known, later = _with_host(known, later, private="privateServiceConnectConfig" in given)
        answer = {**given, **known, **self._later(later)}
        if "address" in given and args.typ.endswith(":Address"):
            answer["ipAddress"] = given["address"]
        answer |= self.answers.get(args.name, {})
        return f"{args.name}-id", answer

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:
        self.called.append((args.token, args.args))
        if args.token == "gcp:organizations/getProject:getProject":
            return {"number": self.numbers.get(args.args["projectId"], NUMBER)}
        return {}

    def _later(self, outputs: Mapping[str, str]) -> dict[str, Any]:
        return dict.fromkeys(outputs, UNKNOWN) if self._preview else dict(outputs)

    def _start(self, preview: bool) -> None:
        self._preview = preview
        set_root_resource(None)  # the stack keeps the outputs of programs before
        log: Any = _Log(self)
        set_mocks(
            self, project="proj", stack="dev", preview=preview, logger=log, monitor=_Monitor(self)
        )


def _onto(name: str, endpoint: str) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return what a deployment onto an endpoint answers: an id of its own, and every host."""
    model = f"projects/here/locations/us-central1/models/{name}"
    known = {"endpointName": endpoint, "modelName": model}
    hosts = {"serviceAttachment": ATTACHMENT, "dedicatedEndpointDns": DNS}
    return known, {"deployedModelId": f"{name}-id", **hosts}


def _with_host(
    known: Mapping[str, str], later: Mapping[str, str], *, private: bool
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Add the host of a deployment: an attachment or a DNS name, never both."""
    if private:
        return {**known, "dedicatedEndpointDns": ""}, {**later, "serviceAttachment": ATTACHMENT}
    return {**known, "serviceAttachment": ""}, {**later, "dedicatedEndpointDns": DNS}


def _name(urn: str) -> str:
    return urn.rsplit("::", 1)[-1] if urn else ""


def _type(urn: str) -> str:
    return urn.split("::")[2].rsplit("$", 1)[-1] if urn else ""
