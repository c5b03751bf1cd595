"""The tests against Google, tried out on the emulator: they have to run when somebody pays."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from vertex_custom_weights_provider import samples

from .support.harness import CHECKOUT


def test_they_pass_on_the_emulator(tmp_path: Path, engine_environment: dict[str, str]) -> None:
    for name in ("one", "two"):
        samples.write("llama-3.2-1b", tmp_path / "bucket" / name)
    config = {
        "backend": "emulator",
        "emulatorState": "emulator.db",
        "emulatorDeploySeconds": 3,
        "emulatorBuckets": {"weights": str(tmp_path / "bucket")},
    }
    live = {
        "PROJECT": "local-project",
        "REGION": "us-central1",
        "WEIGHTS": "gs://weights/one",
        "OTHER_WEIGHTS": "gs://weights/two",
        "NETWORK": "default",
        "SUBNETWORK": "default",
        "ACCEPTED_WITHIN": "1",
        "CONFIG": json.dumps({f"vertex-custom-weights:{k}": v for k, v in config.items()}),
    }
    # Without the probe, which waits in real seconds: tests/probe has it on a clock of its own.
    command = [sys.executable, "-m", "pytest", "-q", "-m", "live", "-k", "not statements"]
    done = subprocess.run(
        [*command, "tests/live", "-p", "no:cacheprovider"],
        cwd=CHECKOUT,
        env={**os.environ, **{f"VCW_LIVE_{key}": value for key, value in live.items()}},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "4 passed" in done.stdout
    del engine_environment
