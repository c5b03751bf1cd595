"""A preview waits for a silent store until its deadline, and ends at once when it is told to."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

import pytest
from tests.preflight.support import hostile_store as store

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.cloud import Cloud
from vertex_custom_weights_provider.backend import Connections
from vertex_custom_weights_provider.cli.quiet import Quiet
from vertex_custom_weights_provider.lifecycle.weights import check
from vertex_custom_weights_provider.properties.custom_weights_deployment import (
    CustomWeightsDeploymentSpec,
)
from vertex_custom_weights_provider.properties.parsing import parse
from vertex_custom_weights_provider.settings import Settings

from .support.inputs import deployment

WANTED = parse(CustomWeightsDeploymentSpec, deployment(gcsUri=store.FOLDER, preflight="enforce"))
WAYS = [store.silent, store.silent_listing, store.dripping_headers]


class Told(Quiet):
    """Keeps what a person would see."""

    def __init__(self) -> None:
        self.statuses: list[str] = []

    def status(self, message: str) -> None:
        self.statuses.append(message)


Way = Callable[[store.Handler], None]


@contextmanager
def reached(way: Way, stop: threading.Event, told: Told) -> Generator[Cloud]:
    """A cloud whose store behaves in some way."""
    with store.serving(way) as port:
        settings = Settings.resolve(
            {
                "vertex-custom-weights:backend": "emulator",
                "vertex-custom-weights:emulatorUrl": f"http://127.0.0.1:{port}",
            }
        )
        connections = Connections()
        try:
            yield connections.connect(settings, stop, told)
        finally:
            connections.close()


def test_a_preview_waits_for_half_a_minute_at_most() -> None:
    assert check.Deadline().seconds == 30


@pytest.mark.parametrize("way", WAYS)
def test_a_preview_says_what_it_has_not_checked_and_goes_on(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "Deadline", functools.partial(check.Deadline, 3.0))
    told = Told()
    began = time.monotonic()
    with reached(way, threading.Event(), told) as cloud:
        found = check.examine_weights(WANTED, {}, cloud)
        assert time.monotonic() - began < 3 + 3
    assert found.problems == ()
    assert any("had not answered within 3 s" in line.text for line in found.warnings)
    assert any(status.startswith(f"examining {store.FOLDER}: 2 of") for status in told.statuses)


@pytest.mark.parametrize("way", WAYS)
def test_a_preview_that_is_cancelled_ends_within_two_seconds(way: Way) -> None:
    stop = threading.Event()
    with reached(way, stop, Told()) as cloud:
        threading.Timer(1.0, stop.set).start()
        began = time.monotonic()
        with pytest.raises(errors.Cancelled):
            check.examine_weights(WANTED, {}, cloud)
        assert time.monotonic() - began < 1 + 2
