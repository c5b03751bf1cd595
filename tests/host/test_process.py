"""The host as a process: what it writes, and when it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from dynamic_harness import HOST, SUPPORT, init_failure
from sample_providers import Echo, Printing, SayingGoodbye, Straying, Stubborn, Waiting


def _seconds_to_end(server: Any) -> float:
    started = time.perf_counter()
    server.process.wait(10)
    return time.perf_counter() - started


def _in_background(call: Callable[[], Any]) -> dict[str, Any]:
    """Run a call that is going to fail and return where its outcome will be."""
    outcome: dict[str, Any] = {}

    def run() -> None:
        try:
            outcome["result"] = call()
        except Exception as error:
            outcome["error"] = error

    thread = threading.Thread(target=run)
    thread.start()
    outcome["thread"] = thread
    time.sleep(0.5)
    return outcome


def test_nothing_but_the_port_is_written_to_standard_output(
    start_server: Callable[..., Any],
) -> None:
    server = start_server()
    server.create(Printing(), {})
    server.process.stdin.close()
    server.process.wait(10)
    server.__exit__()

    assert server.stdout == []
    assert server.stderr == ["printed by the provider\n", "printed by a child\n"]


def test_it_ends_at_once_when_the_engine_closes_its_input(start_server: Callable[..., Any]) -> None:
    server = start_server()
    server.create(Echo(), {"name": "a"})

    server.process.stdin.close()

    assert _seconds_to_end(server) < 1.0
    assert server.process.returncode == 0


def test_what_a_provider_registered_for_the_end_is_run(start_server: Callable[..., Any]) -> None:
    server = start_server()
    server.create(SayingGoodbye(), {})
    server.process.stdin.close()
    server.process.wait(10)
    server.__exit__()

    assert server.stderr == ["goodbye\n"]


def test_two_signals_at_once_end_it_without_a_word(start_server: Callable[..., Any]) -> None:
    server = start_server()
    for number in (signal.SIGINT, signal.SIGTERM):
        os.killpg(server.process.pid, number)
    server.process.wait(10)
    server.__exit__()

    assert server.stderr == []
    assert server.process.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_at_once_on_a_signal_when_idle(
    start_server: Callable[..., Any], number: signal.Signals
) -> None:
    server = start_server()

    os.killpg(server.process.pid, number)

    assert _seconds_to_end(server) < 1.0
    assert server.process.returncode == 0


def test_a_signal_lets_running_calls_hand_in_what_they_have(
    start_server: Callable[..., Any],
) -> None:
    server = start_server()
    outcome = _in_background(lambda: server.create(Waiting(), {"seconds": 20}))

    server.interrupt()

    assert _seconds_to_end(server) < 2.0
    outcome["thread"].join(5)
    detail = init_failure(outcome["error"])
    assert detail is not None
    assert detail.id == "id-unfinished"


def test_a_provider_that_does_not_stop_is_left_before_the_engine_kills(
    start_server: Callable[..., Any],
) -> None:
    server = start_server()
    outcome = _in_background(lambda: server.create(Stubborn(), {"seconds": 20}))

    server.interrupt()

    assert _seconds_to_end(server) < 4.9
    outcome["thread"].join(5)


def test_threads_that_a_provider_left_do_not_keep_the_process(
    start_server: Callable[..., Any],
) -> None:
    server = start_server()
    server.create(Straying(), {})

    server.process.stdin.close()

    assert _seconds_to_end(server) < 4.9


def test_it_ends_with_its_parent_even_when_nobody_holds_its_input() -> None:
    # A parent that gives no pipe and dies without a word. The host keeps the shell's output open,
    # so the run returns when both are gone.
    command = " ".join([*HOST, "127.0.0.1:1", "</dev/null", "&"])
    started = time.perf_counter()

    subprocess.run(
        ["sh", "-c", f"{command} sleep 5"], cwd=SUPPORT, capture_output=True, timeout=60, check=True
    )

    assert time.perf_counter() - started < 20.0
