"""Servers for dynamic providers: ours, Pulumi's bundled one, and either of them in turn."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

# The servers run in this folder, so that providers pickled here by reference are found there.
sys.path.insert(0, str(Path(__file__).parent / "support"))

from dynamic_harness import BUNDLED, HOST, DynamicServer, FakeEngine, urn_of

# Secret and plain, own and foreign namespace: what the engine sends is a whole stack's config.
CONFIG = {"proj:region": "us-east5", "other:token": "t0ken"}


@pytest.fixture(scope="module")
def fake_engine() -> Iterator[FakeEngine]:
    with FakeEngine() as engine:
        yield engine


@pytest.fixture(scope="module")
def host_server(fake_engine: FakeEngine) -> Iterator[DynamicServer]:
    with DynamicServer(HOST, fake_engine, CONFIG) as server:
        yield server


@pytest.fixture(scope="module")
def bundled_server(fake_engine: FakeEngine) -> Iterator[DynamicServer]:
    with DynamicServer(BUNDLED, fake_engine, CONFIG) as server:
        yield server


@pytest.fixture(scope="module", params=["host", "bundled"])
def server(request: pytest.FixtureRequest) -> DynamicServer:
    """Return each of the two servers: what a test says of this one holds for both."""
    return request.getfixturevalue(f"{request.param}_server")


@pytest.fixture
def start_server(fake_engine: FakeEngine) -> Iterator[Callable[..., DynamicServer]]:
    """Start servers of one's own, for tests that end, cancel or misconfigure them."""
    with ExitStack() as stack:

        def start(command: Any = HOST, **settings: Any) -> DynamicServer:
            settings.setdefault("engine", fake_engine)
            return stack.enter_context(DynamicServer(command, **settings))

        yield start


@pytest.fixture
def urn(request: pytest.FixtureRequest) -> str:
    """Return a URN of this test only, to find its log lines by."""
    return urn_of(request.node.name)
