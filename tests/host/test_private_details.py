"""Private details of pulumi and gRPC that the host rests on, one test each.

When an upgrade breaks one of them, this file says which.
"""

from __future__ import annotations

import base64
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ClassVar

import dill
import grpc
import pulumi.dynamic
import pytest
from dynamic_harness import PROVIDER, serialized
from pulumi.dynamic import dynamic
from pulumi.runtime import _grpc_settings, _serialization
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc
from sample_providers import Echo

from vertex_custom_weights_provider.host import marshal, pickling

BUNDLED_SOURCE = (Path(pulumi.dynamic.__file__).parent / "__main__.py").read_text()


class _GuardWitness:
    """Note at unpickling whether the SDK says that it is unpickling a provider."""

    guarded: ClassVar[list[bool]] = []

    def __setstate__(self, state: object) -> None:
        self.guarded.append(_serialization._serialization_enabled())

    def __getstate__(self) -> dict[str, int]:
        return {"some": 1}


def test_the_provider_property_has_the_same_name() -> None:
    assert marshal.PROVIDER_KEY == dynamic.PROVIDER_KEY == PROVIDER


def test_a_provider_is_pickled_as_the_sdk_does_it() -> None:
    assert pickling.dump(Echo()) == serialized(Echo())


def test_a_stateless_provider_of_a_module_is_pickled_by_name() -> None:
    blob = base64.b64decode(pickling.dump(Echo()))

    assert len(blob) < 100
    assert b"sample_providers" in blob


def test_a_pickled_provider_is_loaded_under_the_guard_of_the_sdk() -> None:
    witness = dill.dumps(_GuardWitness(), recurse=True)

    pickling.load(base64.b64encode(witness).decode())

    assert _GuardWitness.guarded == [True]


def test_messages_of_400_megabytes_are_allowed_as_in_the_sdk() -> None:
    options = dict(_grpc_settings._GRPC_CHANNEL_OPTIONS)

    assert options["grpc.max_receive_message_length"] == 400 * 1024 * 1024


def test_grpc_runs_a_behaviour_on_the_pool_it_names() -> None:
    class Servicer(provider_pb2_grpc.ResourceProviderServicer):
        pass

    names = []

    def behaviour(request, context):
        names.append(threading.current_thread().name)
        return provider_pb2.GetSchemaResponse()

    behaviour.experimental_thread_pool = ThreadPoolExecutor(1, "apart")
    servicer = Servicer()
    servicer.GetSchema = behaviour
    server = grpc.server(ThreadPoolExecutor(1, "common"))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        stub.GetSchema(provider_pb2.GetSchemaRequest(), timeout=10)
    server.stop(0).wait()

    assert names == ["apart_0"]


@pytest.mark.parametrize("method", ["Check", "Diff", "Create", "Read", "Update", "Delete"])
def test_the_bundled_server_names_its_request_as_the_stand_in_expects(method: str) -> None:
    assert f"def {method}(self, request, context)" in BUNDLED_SOURCE


def test_init_failures_are_a_message_of_the_protocol() -> None:
    fields = set(provider_pb2.ErrorResourceInitFailed.DESCRIPTOR.fields_by_name)

    assert {"id", "properties", "reasons"} <= fields


def test_every_diff_kind_that_providers_may_name_exists() -> None:
    assert set(provider_pb2.PropertyDiff.Kind.keys()) == {
        "ADD",
        "ADD_REPLACE",
        "DELETE",
        "DELETE_REPLACE",
        "UPDATE",
        "UPDATE_REPLACE",
    }
