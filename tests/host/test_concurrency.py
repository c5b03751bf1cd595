"""Many calls at once: the engine runs four times as many as there are processors, or as told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

import grpc
import pytest
from dynamic_harness import PROVIDER, from_wire, init_failure, serialized, urn_of
from sample_providers import Echo, Stubborn, Talking, Waiting

from vertex_custom_weights_provider.host.server import WORKERS


@contextmanager
def creating(server: Any, count: int, seconds: float) -> Iterator[list[Any]]:
    """Keep `count` creates running that end when cancelled, and yield their futures."""
    with ThreadPoolExecutor(count) as pool:
        futures = [
            pool.submit(server.create, Waiting(), {"seconds": seconds}) for _ in range(count)
        ]
        time.sleep(0.5)
        yield futures
        wait(futures, timeout=seconds + 10)


def test_as_many_creates_as_there_are_workers_run_at_once(host_server: Any) -> None:
    started = time.perf_counter()

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(lambda _: host_server.create(Stubborn(), {"seconds": 1}), range(WORKERS)))

    # One after the other, or in fours as on the bundled server, they would take 32 s or more.
    assert time.perf_counter() - started < 3.0


def test_check_is_answered_while_more_creates_run_than_there_are_workers(
    start_server: Callable[..., Any],
) -> None:
    server = start_server()

    with creating(server, WORKERS + 12, seconds=20):
        started = time.perf_counter()
        server.check(Echo(), {"name": "a"})
        server.diff(Echo(), "id", {}, {"name": "a"})
        elapsed = time.perf_counter() - started
        server.cancel()

    assert elapsed < 0.5


def test_cancel_ends_all_creates_at_once_and_each_keeps_its_resource(
    start_server: Callable[..., Any],
) -> None:
    server = start_server()

    with creating(server, WORKERS, seconds=20) as futures:
        started = time.perf_counter()
        server.cancel()
        wait(futures)
        elapsed = time.perf_counter() - started

    assert elapsed < 1.0
    for future in futures:
        error = future.exception()
        assert isinstance(error, grpc.RpcError)
        detail = init_failure(error)
        assert detail is not None
        assert detail.id == "id-unfinished"
        assert list(detail.reasons) == ["stopped", "run up again"]
        assert from_wire(detail.properties) == {
            "operation": "op-7",
            PROVIDER: serialized(Waiting()),
        }


def test_cancel_is_heard_while_every_worker_is_busy(start_server: Callable[..., Any]) -> None:
    server = start_server()

    with creating(server, WORKERS + 40, seconds=20):
        started = time.perf_counter()
        server.cancel()
        elapsed = time.perf_counter() - started

    assert elapsed < 0.5


def test_a_call_that_starts_after_cancel_is_cancelled_from_the_start(
    start_server: Callable[..., Any],
) -> None:
    server = start_server()
    server.cancel()

    with pytest.raises(grpc.RpcError, match="stopped; run up again"):
        server.create(Waiting(), {"seconds": 20})


def test_calls_in_parallel_do_not_see_each_others_urn(host_server: Any, fake_engine: Any) -> None:
    urns = [urn_of(f"parallel-{number}") for number in range(32)]
    gate = threading.Barrier(32)

    def create(urn: str) -> str:
        gate.wait()
        return from_wire(host_server.create(Talking(), {}, urn=urn).properties)["urn"]

    with ThreadPoolExecutor(32) as pool:
        assert list(pool.map(create, urns)) == urns
