"""What the live tests run against, from the environment; see README.md beside this file."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ..engine.support.harness import Engine, environment

PROGRAM = "from vertex_custom_weights import stack\nstack.declare()\n"
# A deployment takes a quarter of an hour and may take two.
PATIENCE = 3 * 3600


@dataclass
class Live:
    """One scratch stack on the real cloud."""

    engine: Engine
    weights: str
    other_weights: str
    access: dict[str, Any]
    config: dict[str, Any]
    name: str = field(default_factory=lambda: f"vcw-live-{uuid.uuid4().hex[:8]}")

    def declare(self, **settings: Any) -> None:
        """Declare one endpoint with these settings, as stack configuration has them."""
        endpoint = {"weightsUri": self.weights, "labels": {"live-test": self.name}, **settings}
        named = {"vertex-custom-weights:endpoints": {self.name: endpoint}}
        self.engine.configure({**self.config, **named})

    def up(self) -> dict[str, Any]:
        """Run `pulumi up` and return the endpoint's outputs."""
        return self.engine.up(seconds=PATIENCE).outputs["endpoints"][self.name]


def needed(name: str) -> str:
    value = os.environ.get(name, "")
    assert value, f"{name} is not set; tests/live/README.md says what it is"
    return value


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    """A stack on the real cloud; whatever the test left is destroyed."""
    # Other tests must not find an account by accident; these look for one.
    account = {k: v for k, v in os.environ.items() if k.startswith(("GOOGLE_", "CLOUDSDK_"))}
    engine = Engine(tmp_path / "live", {**environment(), **account}, stack="live")
    engine.program(PROGRAM)
    config = {
        "gcp:project": needed("VCW_LIVE_PROJECT"),
        "gcp:region": needed("VCW_LIVE_REGION"),
        **json.loads(os.environ.get("VCW_LIVE_CONFIG", "{}")),
    }
    access = {
        "network": needed("VCW_LIVE_NETWORK"),
        "subnetwork": needed("VCW_LIVE_SUBNETWORK"),
    }
    found = Live(
        engine, needed("VCW_LIVE_WEIGHTS"), needed("VCW_LIVE_OTHER_WEIGHTS"), access, config
    )
    try:
        yield found
    finally:
        engine.destroy(seconds=PATIENCE)
