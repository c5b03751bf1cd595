"""Pulumi's own timeouts are not heard, and that is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from dynamic_harness import DynamicServer, FakeEngine, urn_of

from vertex_custom_weights_provider.resources.psc_address import PscAddressProvider

CONFIG = {"vertex-custom-weights:backend": "emulator"}
ADDRESS = {"project": "shop", "region": "us-central1", "subnetwork": "default"}


@pytest.mark.parametrize(("seconds", "warnings"), [(5400.0, 1), (0.0, 0)])
def test_a_preview_warns_of_timeouts_that_have_no_effect(
    start_server: Callable[..., DynamicServer],
    fake_engine: FakeEngine,
    tmp_path: Path,
    seconds: float,
    warnings: int,
) -> None:
    server = start_server(config=CONFIG, cwd=tmp_path)
    urn = urn_of(f"address-{seconds:.0f}")
    inputs = dict(server.check(PscAddressProvider(), ADDRESS, urn=urn).inputs)
    server.create(PscAddressProvider(), inputs, urn=urn, preview=True, timeout=seconds)
    said = [line.message for line in fake_engine.lines if line.urn == urn]
    heard = [message for message in said if "custom_timeouts has no effect" in message]
    assert len(heard) == warnings, said
