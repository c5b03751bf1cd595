"""A process killed at any point loses no change it has acknowledged, and the file opens."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from .conftest import COMPUTE, LOCATION, Cloud

# The full run takes minutes: VCW_FULL=1.
ROUNDS = 20 if os.environ.get("VCW_FULL") == "1" else 4
MUTATIONS = 200
REGION = "projects/my-proj/regions/us-central1"

# Writes one line for each change after the emulator has acknowledged it.
WRITER = """
import json, sys
from pathlib import Path
import httpx
from vertex_custom_weights_provider.emulator import Settings, create_app

state, plan = sys.argv[1], json.loads(Path(sys.argv[2]).read_text())
app = create_app(Settings(Path(state), deploy_seconds=0.02, operation_seconds=0.01))
client = httpx.Client(transport=httpx.WSGITransport(app=app))
print("ready", flush=True)
for index, (verb, url, body) in enumerate(plan):
    response = client.request(verb, url, json=body)
    print(json.dumps([index, response.status_code, response.json()]), flush=True)
"""


def mutations(seed: int) -> list[list[Any]]:
    """Two hundred mixed changes, each of which leaves something that can be looked for."""
    chosen = random.Random(seed)  # noqa: S311 - a test plan, no secret
    api = f"https://us-central1-aiplatform.googleapis.com/v1beta1/{LOCATION}"
    region = f"{COMPUTE}{REGION}"
    plan: list[list[Any]] = []
    for index in range(MUTATIONS):
        name = f"x{index}"
        plan.append(
            chosen.choice(
                [
                    ["POST", f"{api}/endpoints?endpointId={name}", {"displayName": name}],
                    ["POST", f"{api}:deploy", _deploy(name)],
                    ["POST", f"{api}/models:upload", _upload(name)],
                    ["POST", f"{region}/addresses", _address(name)],
                    ["PATCH", f"{api}/endpoints/base?updateMask=displayName", _rename(index)],
                ]
            )
        )
    return plan


def _rename(index: int) -> dict[str, Any]:
    return {"displayName": f"{index:03}"}


def _deploy(name: str) -> dict[str, Any]:
    return {
        "customModel": {"gcsUri": "gs://weights/x"},
        "endpointConfig": {"endpointUserId": name},
        "modelConfig": {"modelUserId": name},
    }


def _upload(name: str) -> dict[str, Any]:
    return {"modelId": name, "model": {"displayName": name}}


def _address(name: str) -> dict[str, Any]:
    subnetwork = f"{REGION}/subnetworks/s"
    return {"name": name, "addressType": "INTERNAL", "subnetwork": subnetwork}


def write_until_killed(state: Path, plan: Path, seconds: float) -> list[tuple[int, Any]]:
    """Run the writer, kill it, and return what it had acknowledged."""
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(state), str(plan)], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "ready\n"
    time.sleep(seconds)
    writer.send_signal(signal.SIGKILL)
    lines = writer.stdout.read().splitlines()
    writer.wait()
    writer.stdout.close()
    acknowledged: list[tuple[int, Any]] = []
    for line in lines:
        try:
            index, status, body = json.loads(line)
        except ValueError:
            continue  # the line the kill cut off
        assert status == 200, line
        acknowledged.append((index, body))
    return acknowledged


def _create_base(cloud: Cloud) -> None:
    body = {"displayName": "000"}
    cloud.result(cloud.ok("POST", f"{LOCATION}/endpoints", body, endpointId="base"))


def result_of(cloud: Cloud, url: str, name: str) -> httpx.Response:
    if url.endswith("/addresses"):
        return cloud.compute.get(f"{REGION}/addresses/{name}")
    kind = "models" if url.endswith(":upload") else "endpoints"
    return cloud.call("GET", f"{LOCATION}/{kind}/{name}")


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_killed_process_has_lost_no_acknowledged_change(
    make_cloud: Any, tmp_path: Path, round_: int
) -> None:
    state, plan_file = tmp_path / "state.db", tmp_path / "plan.json"
    plan = mutations(round_)
    plan_file.write_text(json.dumps(plan))
    _create_base(make_cloud(state=state))
    seconds = random.Random(round_).uniform(0.02, 0.6)  # noqa: S311 - as above
    acknowledged = write_until_killed(state, plan_file, seconds)
    cloud = make_cloud(state=state)
    cloud.advance(60)
    assert acknowledged, "killed before the first change: nothing was tried"
    renames = [index for index, _ in acknowledged if plan[index][0] == "PATCH"]
    shown = cloud.ok("GET", f"{LOCATION}/endpoints/base")["displayName"]
    assert shown >= f"{max(renames, default=0):03}"
    for index, body in acknowledged:
        verb, url, _ = plan[index]
        if verb == "PATCH":
            continue
        assert result_of(cloud, url, f"x{index}").status_code == 200, (index, body)
        if "aiplatform" in url:
            assert "response" in cloud.ok("GET", body["name"])
