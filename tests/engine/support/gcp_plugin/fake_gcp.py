"""A stand-in for the plugin of pulumi-gcp: takes every input, and makes up what Google computes.

It proves that programs with resources of pulumi-gcp fit together on the real engine. It does not
know which inputs Google takes; `tests/components/test_serving_components.py` compares names.
"""

from __future__ import annotations

import sys
import threading
from concurrent import futures
from typing import Any

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime import proto, rpc
from pulumi.runtime.proto import ResourceProviderServicer, provider_pb2_grpc

AGENT = "service-1@gcp-sa-aiplatform.iam.gserviceaccount.com"


def computed(type_: str, name: str, inputs: Any) -> tuple[str, dict[str, str]]:
    """Return id and outputs of a resource, known once it is made."""
    project = dict(inputs).get("project", "")
    if type_ == "gcp:compute/network:Network":
        return f"projects/{project}/global/networks/{name}", {"name": name}
    if type_ == "gcp:compute/subnetwork:Subnetwork":
        return f"projects/{project}/regions/{inputs['region']}/subnetworks/{name}", {"name": name}
    if type_ == "gcp:dns/managedZone:ManagedZone":
        return f"projects/{project}/managedZones/{name}", {"name": name}
    if type_ == "gcp:projects/serviceIdentity:ServiceIdentity":
        return f"projects/{project}/services/{inputs['service']}", {"email": AGENT}
    return f"fake/{name}", {}


class FakeGcp(ResourceProviderServicer):  # type: ignore[misc]
    """Answers the engine; every change of an input is an update."""

    def CheckConfig(self, request: Any, _: Any) -> Any:  # noqa: N802
        return proto.CheckResponse(inputs=request.news)

    def DiffConfig(self, _request: Any, _: Any) -> Any:  # noqa: N802
        return proto.DiffResponse(changes=proto.DiffResponse.DIFF_NONE)

    def Configure(self, _request: Any, _: Any) -> Any:  # noqa: N802
        return proto.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, acceptResources=True
        )

    def GetPluginInfo(self, _request: Any, _: Any) -> Any:  # noqa: N802
        return proto.PluginInfo(version="10.2.0")

    def Check(self, request: Any, _: Any) -> Any:  # noqa: N802
        return proto.CheckResponse(inputs=request.news)

    def Diff(self, request: Any, _: Any) -> Any:  # noqa: N802
        same = request.old_inputs == request.news
        changes = proto.DiffResponse.DIFF_NONE if same else proto.DiffResponse.DIFF_SOME
        return proto.DiffResponse(changes=changes)

    def Create(self, request: Any, _: Any) -> Any:  # noqa: N802
        outputs = struct_pb2.Struct()
        outputs.CopyFrom(request.properties)
        id_, made_up = computed(request.type, request.name, request.properties)
        for key, value in made_up.items():
            outputs[key] = rpc.UNKNOWN if request.preview else value
        return proto.CreateResponse(id="" if request.preview else id_, properties=outputs)

    def Update(self, request: Any, _: Any) -> Any:  # noqa: N802
        return proto.UpdateResponse(properties=request.news)

    def Read(self, request: Any, _: Any) -> Any:  # noqa: N802
        return proto.ReadResponse(
            id=request.id, properties=request.properties, inputs=request.inputs
        )

    def Delete(self, _request: Any, _: Any) -> Any:  # noqa: N802
        return empty_pb2.Empty()

    def Cancel(self, _request: Any, _: Any) -> Any:  # noqa: N802
        return empty_pb2.Empty()


def main() -> None:
    server = grpc.server(futures.ThreadPoolExecutor(32))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(FakeGcp(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    # The engine that goes away closes the standard input; nobody is left to serve then.
    threading.Thread(target=sys.stdin.read, daemon=True).start()
    sys.stdin.read()
    server.stop(None)


if __name__ == "__main__":
    main()
