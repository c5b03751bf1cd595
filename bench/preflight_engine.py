"""What preflight adds to previews of many endpoints, with 50 ms latency to Cloud Storage.

    python bench/preflight_engine.py [ENDPOINTS]

Each endpoint serves a folder of its own, an 8B model of true shape. Runs with preflight and
without take turns; the differences are what the bars are set for: 15 s for the
first preview of 64 new endpoints, 5 s for a preview in which nothing changed.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
from engine import STACK, Project

from vertex_custom_weights_provider import samples
from vertex_custom_weights_provider.emulator import Settings, create_app

LATENCY_SECONDS = 0.05
MODEL = "llama-3.1-8b"
ROUNDS = 3
BARS = {"first preview": 15.0, "preview, unchanged": 5.0}


def endpoints(count: int, preflight: str) -> Mapping[str, Any]:
    """Return the configuration of `count` endpoints."""
    machine = {"type": "g2-standard-12", "accelerator": "NVIDIA_L4", "acceleratorCount": 1}
    return {
        f"chat-{number}": {
            "family": "llama",
            "weightsUri": f"gs://weights/run-{number}",
            "machine": machine,
            "deployment": {"preflight": preflight},
        }
        for number in range(count)
    }


def write_weights(folder: Path, count: int) -> None:
    """Write one sample, and link it under the names of all runs."""
    first = folder / "run-0"
    samples.write(MODEL, first)
    for number in range(1, count):
        other = folder / f"run-{number}"
        other.mkdir()
        for file in first.iterdir():
            os.link(file, other / file.name)


def delay_storage(state: Path) -> None:
    """Have every answer of the emulated Cloud Storage come late."""
    app = create_app(Settings(state=state))
    rule = {"method": "storage.*", "delaySeconds": LATENCY_SECONDS, "times": 10**9}
    with httpx.Client(transport=httpx.WSGITransport(app=app)) as client:
        client.post("http://localhost/_emulator/faults", json=rule).raise_for_status()
    app.close()


def projects(folder: Path, count: int) -> dict[str, Project]:
    """Make the same stack twice: with preflight, and without."""
    found: dict[str, Project] = {}
    for preflight in ("enforce", "off"):
        project = Project(folder / preflight, STACK, endpoints(count, preflight))
        write_weights(project.folder / "weights", count)
        delay_storage(project.folder / "emulator.db")
        found[preflight] = project
    return found


def main(count: int) -> None:
    """Print seconds, their difference and the bar for each kind of preview."""
    with tempfile.TemporaryDirectory() as scratch:
        both = projects(Path(scratch), count)
        print(f"{'verb':20} {'with':>7} {'without':>8} {'ratio':>6} {'added':>7} {'bar':>6}")
        for name, bar in BARS.items():
            if name != "first preview":
                for project in both.values():
                    project.seconds("up", "--yes", "--skip-preview")
            pairs = [[both[mode].seconds("preview") for mode in both] for _ in range(ROUNDS)]
            mine, other = (statistics.median(column) for column in zip(*pairs, strict=True))
            print(
                f"{name:20} {mine:6.2f}s {other:7.2f}s {mine / other:6.2f} "
                f"{mine - other:6.2f}s {bar:5.0f}s   {count} endpoints, median of {ROUNDS}"
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 64)
