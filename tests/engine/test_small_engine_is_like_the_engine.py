"""The small engine that hundreds of lifecycle tests stand on, held to Pulumi's own.

One list of edits runs on both: the same steps are taken, and the same calls reach the cloud.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ..lifecycle.support.small_engine import SmallEngine
from ..lifecycle.support.world import PROJECT, REGION, opened
from .support.cloud import EmulatedCloud
from .support.harness import Engine

Bag = dict[str, Any]
Mutations = list[str]

PLACE = {"Endpoint": "location", "CustomWeightsDeployment": "location", "PscAddress": "region"}
MACHINE = {"machineType": "g2-standard-12", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 1}
WEIGHTS: Bag = {
    "gcsUri": "gs://weights/a",
    "preflight": "off",
    "dedicatedResources": {"machineSpec": MACHINE, "minReplicaCount": 1, "maxReplicaCount": 1},
}
WIDER: Bag = {"machineSpec": MACHINE, "minReplicaCount": 1, "maxReplicaCount": 3}
# By kind, the inputs of each update after the other; None destroys.
LIVES: dict[str, list[Bag | None]] = {
    "Endpoint": [
        {"displayName": "one"},
        {"displayName": "one"},
        {"displayName": "two", "labels": {"team": "a"}},
        {"displayName": "two", "dedicatedEndpointEnabled": True},
        {"displayName": "two"},
        None,
        {"displayName": "two"},
        None,
    ],
    "CustomWeightsDeployment": [
        WEIGHTS,
        {**WEIGHTS, "dedicatedResources": WIDER},
        {**WEIGHTS, "gcsUri": "gs://weights/b", "dedicatedResources": WIDER},
        {**WEIGHTS, "gcsUri": "gs://weights/b", "dedicatedResources": WIDER},
        None,
    ],
    "PscAddress": [
        {"subnetwork": "default"},
        {"subnetwork": "default", "labels": {"team": "a"}},
        {"subnetwork": "other", "labels": {"team": "a"}},
        {"subnetwork": "other", "labels": {"team": "a"}},
        None,
    ],
}
PROGRAM = """
    import json
    import re
    from pathlib import Path

    from vertex_custom_weights import resources

    given = json.loads(Path("inputs.json").read_text())


    def snake(key):
        return re.sub("[A-Z]", lambda upper: f"_{{upper[0].lower()}}", key)


    resources.{kind}("chat", **{{snake(key): value for key, value in given.items()}})
"""


def on_the_model(folder: Path, kind: str) -> tuple[list[str], Mutations]:
    """Live the life in the tests' own engine; return what was done and what reached the cloud."""
    done: list[str] = []
    with opened(folder) as world:
        engine = SmallEngine(world, kind)
        for inputs in LIVES[kind]:
            if inputs is None:
                engine.destroy()
                done.append("destroyed")
                continue
            everywhere = {"project": PROJECT, PLACE[kind]: REGION, **inputs}
            announced = engine.preview(everywhere)
            done.append(engine.up(everywhere))
            assert announced == done[-1]
        return done, [line.split(" ", 1)[0] for line in world.mutations()]


def on_the_engine(engine: Engine, kind: str) -> tuple[list[str], Mutations]:
    """Live the same life with the CLI."""
    state = engine.folder / "cloud.db"
    engine.program(PROGRAM.format(kind=kind))
    engine.configure(
        {
            "vertex-custom-weights:backend": "emulator",
            "vertex-custom-weights:emulatorState": str(state),
            "vertex-custom-weights:emulatorDeploySeconds": "0.2",
            "gcp:project": PROJECT,
            "gcp:region": REGION,
        }
    )
    done: list[str] = []
    for inputs in LIVES[kind]:
        if inputs is None:
            engine.destroy()
            done.append("destroyed")
            continue
        engine.write("inputs.json", json.dumps(inputs))
        done.append(what_happened(engine.up().ops("chat")))
    return done, [entry["method"] for entry in EmulatedCloud(state).calls("")]


def what_happened(steps: list[str]) -> str:
    """Name an update by its steps, as the model names it."""
    if any("replace" in step for step in steps):
        return "replaced"
    (step,) = steps
    return {"create": "created", "update": "updated", "same": "unchanged"}[step]


@pytest.mark.parametrize("kind", LIVES)
def test_one_list_of_edits_is_the_same_steps_and_calls_on_both(
    kind: str, tmp_path: Path, make_engine: Callable[..., Engine]
) -> None:
    modelled, modelled_calls = on_the_model(tmp_path, kind)
    real, real_calls = on_the_engine(make_engine("real"), kind)
    assert modelled == real
    assert modelled_calls == real_calls
    assert {"updated", "replaced"} <= set(real)
