"""The call that a provider can see: on our host, on the bundled server, and in no server at all."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from dynamic_harness import LogLine, from_wire
from pulumi.runtime.proto import engine_pb2
from sample_providers import Talking

from vertex_custom_weights_provider.call.call import Call, InitFailed, Severity
from vertex_custom_weights_provider.call.current import current, serving


def test_lines_of_a_create_reach_the_engine_with_the_urn(
    server: Any, fake_engine: Any, urn: str
) -> None:
    server.create(Talking(), {}, urn=urn)

    assert fake_engine.of(urn) == [
        LogLine("INFO", "an information", urn, ephemeral=False),
        LogLine("WARNING", "a warning", urn, ephemeral=False),
        LogLine("DEBUG", "a detail", urn, ephemeral=False),
        LogLine("INFO", "first status", urn, ephemeral=True),
    ]


def test_a_provider_sees_urn_timeout_and_that_it_is_no_preview(server: Any, urn: str) -> None:
    response = server.create(Talking(), {}, urn=urn, timeout=90.0)

    seen = from_wire(response.properties)
    assert (seen["urn"], seen["preview"], seen["timeout"]) == (urn, False, 90.0)


def test_the_urn_is_known_in_a_check(server: Any, urn: str) -> None:
    response = server.check(Talking(), {}, urn=urn)

    assert from_wire(response.inputs)["urn"] == urn


def test_status_lines_are_let_through_once_per_interval() -> None:
    lines: list[str] = []
    call = Call(sink=lambda _severity, message, *_: lines.append(message), status_interval=0.05)

    call.status("one")
    call.status("two")
    threading.Event().wait(0.06)
    call.status("three")

    assert lines == ["one", "three"]


def test_a_sink_that_fails_does_not_fail_the_provider() -> None:
    tried: list[str] = []

    def broken(severity: Severity, message: str, urn: str, ephemeral: bool) -> None:
        tried.append(message)
        raise ConnectionError(message)

    call = Call(sink=broken)
    call.warn("nobody hears this")
    call.info("nor this")
    assert tried == ["nobody hears this", "nor this"]


def test_outside_a_server_lines_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    current().info("hello")
    current().debug("hidden")

    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "hello\n")


def test_outside_a_server_there_is_no_urn_and_nothing_is_cancelled() -> None:
    call = current()

    assert (call.urn, call.preview, call.timeout) == ("", False, 0.0)
    assert not call.cancelled.is_set()


def test_the_current_call_is_the_innermost_one() -> None:
    with serving(Call(urn="outer")), serving(Call(urn="inner")):
        assert current().urn == "inner"


def test_an_init_failure_speaks_its_reasons() -> None:
    assert str(InitFailed("id", {"a": 1}, ["one", "two"])) == "one; two"


@pytest.mark.parametrize("severity", list(Severity))
def test_severities_are_the_engines(severity: Severity) -> None:
    assert engine_pb2.LogSeverity.Value(severity.name) == severity
