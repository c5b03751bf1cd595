"""Taking over what was deployed before there was a program, under the real engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import yaml

from vertex_custom_weights_provider import samples

from .support.by_hand import ByHand
from .support.cloud import LOCATION, EmulatedCloud
from .support.events import Run
from .support.harness import Engine

CONFIG = {
    "gcp:project": "local-project",
    "gcp:region": "us-central1",
    "vertex-custom-weights:backend": "emulator",
    "vertex-custom-weights:emulatorState": "emulator.db",
    "vertex-custom-weights:emulatorBuckets": {"weights": "weights"},
    "vertex-custom-weights:emulatorDeploySeconds": 1,
}
KINDS = ("endpoints", "models", "addresses", "forwardingRules")
MAKING = ("deploy", "endpoints.create", "models.upload", "deployModel", "insert")
TAKEN_OVER = 7
LATE = """
import pulumi

Endpoint(
    "late",
    project="local-project",
    location="us-central1",
    endpoint_id="late",
    display_name="late",
    description="Two models",
    opts=pulumi.ResourceOptions(import_="{name}"),
)
"""


def prepared(engine: Engine) -> tuple[EmulatedCloud, ByHand]:
    samples.write("llama-3.2-1b", engine.folder / "weights" / "llama")
    engine.configure(CONFIG)
    engine.run("stack", "ls")  # makes the stack, whose configuration `vcw adopt` reads
    cloud = EmulatedCloud(engine.folder / "emulator.db")
    return cloud, ByHand(cloud)


def names(cloud: EmulatedCloud) -> dict[str, list[str]]:
    return {kind: sorted(cloud.names(kind)) for kind in KINDS}


def made(cloud: EmulatedCloud) -> int:
    """Return how many requests there were to make something."""
    return sum(len(cloud.calls(method)) for method in MAKING)


def told(run: Run, beginning: str) -> list[str]:
    """Return the lines on resources that begin so."""
    return [
        line.message
        for line in run.diagnostics
        if line.message.startswith(f"{line.resource}: {beginning}")
    ]


def edit(engine: Engine, old: str, new: str) -> None:
    """Change one place of the program."""
    path = engine.folder / "__main__.py"
    assert path.read_text().count(old) == 1
    path.write_text(path.read_text().replace(old, new))


def test_the_program_that_vcw_adopt_writes_takes_over_all_and_changes_nothing(
    engine: Engine,
) -> None:
    cloud, by_hand = prepared(engine)
    by_hand.all_kinds()
    before, making = names(cloud), made(cloud)
    engine.shell("vcw", "adopt", "--force", "--write", "__main__.py")
    engine.shell("ruff", "format", "--check", "--isolated", "__main__.py")

    preview = engine.preview()
    assert len(told(preview, "adopts ")) == TAKEN_OVER
    assert told(preview, "then changes ") == []
    assert len(told(engine.up(), "adopted ")) == TAKEN_OVER
    assert (names(cloud), made(cloud)) == (before, making)
    assert engine.preview().unchanged
    assert engine.refresh("--expect-no-changes").unchanged
    words = engine.shell("vcw", "adopt").stdout.replace("\n#", " ").split()
    assert " ".join(words).count("belongs to scratch/dev/") == TAKEN_OVER

    # `adopt` stays in the program, and no change looks at it again.
    edit(engine, "    subnetwork=", '    description="replaces", subnetwork=')
    edit(engine, '"max_replica_count": 2', '"max_replica_count": 3')
    engine.up()
    assert cloud.names("addresses") != before["addresses"]
    assert len(cloud.names("addresses")) == 1
    assert names(cloud)["endpoints"] == before["endpoints"]
    deployed = cloud.endpoint("support")["deployedModels"][0]
    assert deployed["dedicatedResources"]["maxReplicaCount"] == 3
    assert engine.preview().unchanged
    engine.destroy()
    assert cloud.empty


def test_what_was_imported_from_a_file_is_unchanged_edited_and_removed(engine: Engine) -> None:
    cloud, by_hand = prepared(engine)
    by_hand.all_kinds()
    before, making = names(cloud), made(cloud)
    engine.shell("vcw", "adopt", "--format", "import-file", "--write", "imports.json")
    listed = json.loads((engine.folder / "imports.json").read_text())["resources"]
    assert len(listed) == TAKEN_OVER
    options = ("--yes", "--skip-preview", "--protect=false", "--out=generated.py")
    # Exit code 1 where the language host is too old to write a program; the import is done then.
    engine.run("import", "--file", "imports.json", *options, ok=None)
    engine.shell("vcw", "adopt", "--force", "--write", "__main__.py")
    assert engine.preview().unchanged

    by_hand.endpoint("late")
    edit(engine, '"max_replica_count": 2', '"max_replica_count": 3')
    program = engine.folder / "__main__.py"
    program.write_text(program.read_text() + LATE.format(name=f"{LOCATION}/endpoints/late"))
    engine.up()
    assert names(cloud) == {**before, "endpoints": sorted([*before["endpoints"], "late"])}
    assert made(cloud) == making + 1
    support = cloud.endpoint("support")
    assert support["deployedModels"][0]["dedicatedResources"]["maxReplicaCount"] == 3
    assert support["labels"]["vcw-stack"] == "dev"
    engine.destroy()
    assert cloud.empty


def test_stack_configuration_takes_an_endpoint_over_on_the_bundled_server_too(
    make_engine: Callable[..., Engine],
) -> None:
    engine = make_engine("bundled", bundled=True)
    cloud, by_hand = prepared(engine)
    by_hand.one_shot("support", "gs://weights/llama")
    by_hand.connected("support")
    before, making = names(cloud), made(cloud)
    engine.shell("vcw", "adopt", "--format", "stack-config", "--write", "found.yaml")
    found = yaml.safe_load(Path(engine.folder, "found.yaml").read_text())
    engine.configure(found["config"])
    engine.program("from vertex_custom_weights import stack\nstack.declare()\n")
    up = engine.up()
    assert "adopts projects/" in up.text
    assert up.outputs["endpoints"]["customer-support"]["psc_connection_status"] == "ACCEPTED"
    assert (names(cloud), made(cloud)) == (before, making)
    assert engine.preview().unchanged
    engine.destroy()
    assert cloud.empty
