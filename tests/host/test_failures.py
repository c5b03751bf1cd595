"""What the engine and its user get to see when a provider fails under our host."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from dynamic_harness import PROVIDER, UNKNOWN, from_wire, init_failure, serialized, to_wire
from pulumi.output import Unknown
from pulumi.runtime.proto import provider_pb2
from sample_providers import Echo, Failing, HalfUpdated


def _message(server: Any, how: str, urn: str = "") -> str:
    with pytest.raises(grpc.RpcError) as caught:
        server.create(Failing(), {"how": how}, urn=urn)
    return caught.value.details()


def test_an_error_of_ours_is_told_by_its_text_alone(host_server: Any) -> None:
    assert _message(host_server, "ours") == "The endpoint is gone. Run `pulumi refresh`."


def test_a_plain_exception_is_told_by_its_text_alone(host_server: Any) -> None:
    assert _message(host_server, "plain") == "out of luck"


def test_a_programming_error_names_its_type_and_where_the_traceback_is(host_server: Any) -> None:
    assert _message(host_server, "key") == (
        "KeyError: 'size' (the traceback is in the debug log: --debug)"
    )


def test_notes_on_an_exception_follow_its_text(host_server: Any) -> None:
    assert _message(host_server, "noted") == "first line\nsecond line"


def test_sys_exit_in_a_provider_fails_the_call_and_nothing_else(host_server: Any) -> None:
    assert "SystemExit: 3" in _message(host_server, "exit")
    assert host_server.create(Echo(), {"name": "a"}).id == "id-a"


def test_the_traceback_is_a_debug_line_on_the_resource(
    host_server: Any, fake_engine: Any, urn: str
) -> None:
    _message(host_server, "key", urn)

    [line] = fake_engine.of(urn)
    assert line.severity == "DEBUG"
    assert "sample_providers.py" in line.message
    assert line.message.endswith("KeyError: 'size'")


def test_an_unfinished_update_keeps_id_outputs_reasons_and_provider(host_server: Any) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        host_server.update(HalfUpdated(), "the-id", {"size": 1}, {"size": 2})

    detail = init_failure(caught.value)
    assert detail is not None
    assert detail.id == "the-id"
    assert list(detail.reasons) == ["not ready yet"]
    assert from_wire(detail.properties) == {"size": 2.0, PROVIDER: serialized(HalfUpdated())}


def test_an_ordinary_failure_claims_no_resource(host_server: Any) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        host_server.create(Failing(), {"how": "plain"})

    assert init_failure(caught.value) is None


def test_a_provider_that_is_not_known_yet_is_asked_in_its_old_form(host_server: Any) -> None:
    request = provider_pb2.CheckRequest(
        olds=to_wire({PROVIDER: serialized(Echo())}), news=to_wire({PROVIDER: UNKNOWN, "a": "b"})
    )

    inputs = from_wire(host_server.stub.Check(request).inputs)

    assert inputs["a"] == "b"
    assert isinstance(inputs[PROVIDER], Unknown)


def test_a_provider_that_was_never_known_is_explained(host_server: Any) -> None:
    with pytest.raises(grpc.RpcError, match="an output that is not known yet"):
        host_server.check(UNKNOWN, {})


def test_requests_the_protocol_has_but_we_do_not_are_unimplemented(host_server: Any) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        host_server.stub.Call(provider_pb2.CallRequest())

    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
