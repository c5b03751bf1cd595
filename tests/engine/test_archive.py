"""The plugin as a release has it: an archive, installed where nothing else of ours is."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from vertex_custom_weights_provider import samples

from .support.harness import Engine
from .support.installed import TOOL, install, without_packages
from .support.languages import speak

PROGRAM = """\
name: scratch
runtime: yaml
resources:
  chat:
    type: vcw:m:Llama
    properties:
      weightsUri: gs://weights/llama
      baseModel: llama-3.2-1b
      privateServiceConnect:
        allowedProjects: [local-project]
        network: default
        subnetwork: default
outputs:
  endpointName: ${chat.endpointName}
"""


def test_an_installed_archive_serves_a_folder_with_nothing_but_pulumi_yaml(
    archive: Path, make_engine: Callable[..., Engine], tmp_path: Path
) -> None:
    engine = make_engine("user")
    (engine.folder / "__main__.py").unlink()
    engine.write("Pulumi.yaml", PROGRAM)
    speak(engine)
    without_packages(engine, tmp_path / "only-python")
    samples.write("llama-3.2-1b", engine.folder / "weights" / "llama")
    engine.configure(
        {
            "vcw:project": "local-project",
            "vcw:region": "us-central1",
            "vcw:backend": "emulator",
            "vcw:emulatorBuckets": {"weights": "weights"},
            "vcw:emulatorDeploySeconds": 0,
        }
    )
    install(engine, archive)

    known = engine.preview().outputs["endpointName"]
    assert engine.up().outputs["endpointName"] == known
    assert engine.preview("--expect-no-changes").unchanged
    assert engine.refresh("--expect-no-changes").unchanged
    location = known.rsplit("/", 1)[0]
    engine.import_("vcw:m:Endpoint", "again", known)
    assert engine.resources()["again"]["id"].startswith(location)
    engine.run("state", "delete", engine.resources()["again"]["urn"], "--yes")
    engine.destroy()
    assert engine.resources() == {}


def test_a_python_that_is_too_old_is_told_which_ones_do(tmp_path: Path) -> None:
    launcher = shutil.copy(TOOL.with_name("pulumi-resource-vcw"), tmp_path)
    for minor in range(11, 15):
        (tmp_path / "lib" / f"3.{minor}").mkdir(parents=True)
    for name in ("python3", *(f"python3.{minor}" for minor in range(11, 15))):
        (tmp_path / name).write_text("#!/bin/sh\necho 3.9\n")
        (tmp_path / name).chmod(0o755)
    run = subprocess.run(
        [launcher, "127.0.0.1:7"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert "needs Python 3.11 3.12 3.13 3.14; none is on PATH" in run.stderr
