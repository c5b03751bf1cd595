"""Stacks as an earlier tree left them: program, state, and what the emulator held.

    python -m tests.engine.support.recorded 2026-12-01        # records today's

A recording is made before a release and never changed; a later tree must find nothing to do in it.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import yaml

from vertex_custom_weights_provider import samples

from .harness import CHECKOUT, Engine, environment
from .languages import speak

FOLDER = Path(__file__).parents[1] / "recorded"
SCENARIOS = Path(__file__).parents[1] / "scenarios"
PROGRAMS = {"python": "__main__.py", "yaml": "Pulumi.yaml"}
SETTINGS = {
    "backend": "emulator",
    "emulatorState": "emulator.db",
    "emulatorBuckets": {"weights": "weights"},
    "emulatorDeploySeconds": 0,
}
PLACE = {"project": "local-project", "region": "us-central1"}
WEIGHTS = {"llama": "llama-3.2-1b", "next": "llama-3.2-1b", "qwen": "qwen3-0.6b"}


def project(engine: Engine, program: Path) -> Engine:
    """Make the scratch project a recorded program, in Python or YAML."""
    for folder, model in WEIGHTS.items():
        samples.write(model, engine.folder / "weights" / folder)
    for path in (engine.folder / "weights").rglob("*"):
        os.utime(
            path, (1_700_000_000, 1_700_000_000)
        )  # part of what a folder's weights are known by
    if program.suffix == ".py":
        own = {f"vertex-custom-weights:{key}": value for key, value in SETTINGS.items()}
        engine.configure({**own, **{f"gcp:{key}": value for key, value in PLACE.items()}})
        shutil.copy(program, engine.folder)
        return engine
    (engine.folder / "__main__.py").unlink()
    engine.configure({f"vcw:{key}": value for key, value in (SETTINGS | PLACE).items()})
    plugin = {"providers": [{"name": "vcw", "path": str(CHECKOUT / "plugin")}]}
    settings = {**yaml.safe_load(program.read_text()), "plugins": plugin}
    engine.write("Pulumi.yaml", yaml.safe_dump(settings, sort_keys=False))
    return speak(engine)


def replay(engine: Engine, recording: Path) -> Engine:
    """Put a project into the state that was recorded."""
    (program,) = (recording / name for name in PROGRAMS.values() if (recording / name).exists())
    project(engine, program)
    with closing(sqlite3.connect(engine.folder / "emulator.db")) as held:
        held.executescript((recording / "emulator.sql").read_text())
    salt = (recording / "encryptionsalt").read_text().strip()
    engine.run("stack", "select", "--create", engine.stack)
    settings = engine.folder / f"Pulumi.{engine.stack}.yaml"
    kept = {**yaml.safe_load(settings.read_text()), "encryptionsalt": salt}
    settings.write_text(yaml.safe_dump(kept))
    engine.run("stack", "import", "--file", str(recording / "state.json"))
    return engine


def record(date: str) -> None:
    """Record the scenarios of today's tree."""
    for language, program in PROGRAMS.items():
        target = FOLDER / f"{date}-{language}"
        target.mkdir(parents=True)
        with tempfile.TemporaryDirectory() as work:
            engine = Engine(Path(work), environment(), project="scenarios")
            project(engine, SCENARIOS / language / program)
            engine.up()
            _keep(engine, target)
        shutil.copy(SCENARIOS / language / program, target)


def _keep(engine: Engine, target: Path) -> None:
    state = json.loads(engine.run("stack", "export").stdout)
    for resource in state["deployment"]["resources"]:
        for place in ("sourcePosition", "stackTrace"):  # of the machine that recorded
            resource.pop(place, None)
    (target / "state.json").write_text(json.dumps(state, indent=1) + "\n")
    settings = yaml.safe_load((engine.folder / f"Pulumi.{engine.stack}.yaml").read_text())
    (target / "encryptionsalt").write_text(settings["encryptionsalt"] + "\n")
    with closing(sqlite3.connect(engine.folder / "emulator.db")) as held:
        marks = ("application_id", "user_version")  # by which the emulator knows its file
        values = {mark: held.execute(f"PRAGMA {mark}").fetchone()[0] for mark in marks}
        dump = [*held.iterdump(), *(f"PRAGMA {mark} = {n};" for mark, n in values.items())]
    (target / "emulator.sql").write_text("\n".join(dump) + "\n")


if __name__ == "__main__":
    record(sys.argv[1])
