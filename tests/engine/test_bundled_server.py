"""The product on Pulumi's bundled dynamic server: fewer comforts, the same correctness."""

from __future__ import annotations

from collections.abc import Callable

from .support.harness import Engine
from .test_product import CHAT, config, prepare


def test_a_stack_lives_and_dies_on_the_bundled_server_too(
    make_engine: Callable[..., Engine],
) -> None:
    engine = make_engine("bundled", bundled=True)
    cloud = prepare(engine)
    engine.up()
    (endpoint,) = cloud.names("endpoints")
    assert engine.outputs()["endpoints"]["chat"]["endpoint_id"] == endpoint
    assert engine.preview().unchanged
    assert engine.refresh().unchanged
    engine.destroy()
    assert cloud.empty


def test_bad_inputs_are_refused_in_the_preview_of_the_bundled_server(
    make_engine: Callable[..., Engine],
) -> None:
    engine = make_engine("bundled", bundled=True)
    cloud = prepare(engine)
    engine.configure(config({"chat": CHAT | {"privateServiceConnect": {"allowedProjects": []}}}))
    assert "projectAllowlist" in engine.preview(ok=False).text
    assert cloud.empty
