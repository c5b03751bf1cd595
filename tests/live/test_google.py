"""What is inferred about Google's service, asked of the service itself. Costs money."""

from __future__ import annotations

import json
import os
import sys
import time

import pytest
from typer.testing import CliRunner

from vertex_custom_weights_provider.cli.main import app

from .conftest import Live, needed

pytestmark = pytest.mark.live

# Seconds after which Google has surely taken a request.
ACCEPTED_WITHIN = float(os.environ.get("VCW_LIVE_ACCEPTED_WITHIN", "20"))


def test_statements_are_tried_and_what_was_seen_is_recorded() -> None:
    """Leaves `recording.json` to be contributed: docs/how-to/verify-on-google.md."""
    settings = json.loads(os.environ.get("VCW_LIVE_CONFIG", "{}"))
    backend = settings.get("vertex-custom-weights:backend", "google")
    where = {
        "--project": needed("VCW_LIVE_PROJECT"),
        "--region": needed("VCW_LIVE_REGION"),
        "--subnetwork": needed("VCW_LIVE_SUBNETWORK"),
        "--deploy": needed("VCW_LIVE_WEIGHTS"),
        "--backend": backend,
        "--save": os.environ.get("VCW_LIVE_RECORDING", "recording.json"),
    }
    words = [word for option in where.items() for word in option]
    done = CliRunner().invoke(app, ["probe", "--yes", *words])
    assert done.exit_code in (0, 1), done.output  # what differs is news, and no failure
    sys.stdout.write(done.output)


def test_a_private_endpoint_lives_as_the_emulator_says(live: Live) -> None:
    live.declare(privateServiceConnect=live.access)
    preview = live.engine.preview()
    told = preview.outputs["endpoints"][live.name]["endpoint_name"]

    outputs = live.up()
    assert outputs["endpoint_name"] == told, "the id of the endpoint is not the one asked for"
    assert outputs["psc_connection_status"] == "ACCEPTED"
    assert live.engine.preview().unchanged
    assert live.engine.refresh("--expect-no-changes", seconds=600).unchanged, "labels, or defaults"

    live.declare(privateServiceConnect=live.access, replicas={"min": 1, "max": 2})
    assert live.engine.preview().ops(f"{live.name}-llm") == ["update"]
    assert live.up()["endpoint_name"] == told


def test_new_weights_roll_out_on_the_same_endpoint(live: Live) -> None:
    rollout = {"rollout": "same-endpoint"}
    live.declare(public=True, deployment=rollout)
    first = live.up()
    assert live.engine.preview().unchanged
    answer = live.engine.shell("vcw", "query", "Say hello.", "--stack", "live")
    assert answer.stdout.strip()

    live.declare(public=True, deployment=rollout, weightsUri=live.other_weights)
    second = live.up()
    assert second["endpoint_name"] == first["endpoint_name"]
    assert second["dedicated_dns"] == first["dedicated_dns"]
    assert second["deployed_model_id"] != first["deployed_model_id"]
    assert live.engine.preview().unchanged


def test_an_interrupted_deployment_is_resumed(live: Live) -> None:
    live.declare(public=True)
    with live.engine.start("up") as update:
        update.wait_for("creating", seconds=600)
        time.sleep(ACCEPTED_WITHIN)
        update.interrupt()
        update.finish(ok=False, seconds=600)
    live.up()
    assert live.engine.preview().unchanged


def test_destroy_and_up_again_take_the_next_id(live: Live) -> None:
    live.declare(public=True)
    first = live.up()
    live.engine.destroy(seconds=3600)
    assert live.up()["endpoint_id"] == f"{first['endpoint_id']}-2", "deleted ids can be used again"
