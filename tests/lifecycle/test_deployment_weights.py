"""What a deployment makes of the folder its weights are in, and of what becomes of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from vertex_custom_weights_provider import samples
from vertex_custom_weights_provider.credentials import Anonymous
from vertex_custom_weights_provider.emulator import Settings, create_app
from vertex_custom_weights_provider.rest import Rest

from .inputs import deployment
from .small_engine import SmallEngine
from .world import World

KIND = "CustomWeightsDeployment"


class Folder:
    """A bucket folder that the provider sees, the requests it makes there, and what it is told."""

    def __init__(self, world: World, root: Path) -> None:
        self.path = root / "weights" / "llama"
        samples.write("llama-3.2-1b", self.path)
        self.app = create_app(Settings(root / "b.db", buckets={"weights": root / "weights"}))
        self.requests: list[str] = []
        inner = httpx.WSGITransport(app=self.app)

        def handle(request: httpx.Request) -> httpx.Response:
            self.requests.append(f"{request.method} {request.url.host}{request.url.path}")
            return inner.handle_request(request)

        self.http = httpx.Client(transport=httpx.MockTransport(handle))
        world.cloud = replace(world.cloud, storage_rest=Rest(self.http, Anonymous(), world.clock))

    def change(self, **values: Any) -> None:
        """Write other bytes under the same name."""
        path = self.path / "config.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


@pytest.fixture
def folder(world: World, tmp_path: Path) -> Iterator[Folder]:
    made = Folder(world, tmp_path)
    yield made
    made.http.close()
    made.app.close()


def wanted(**more: Any) -> dict[str, Any]:
    return deployment(**{"preflight": "enforce", **more})


def test_new_bytes_in_the_folder_are_rolled_out(world: World, folder: Folder) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(wanted())
    folder.change(note="trained longer")
    assert engine.diff(wanted()).replaces == ["weightsFingerprint"]
    assert engine.up(wanted()) == "replaced"
    assert engine.preview(wanted()) == "unchanged"


def test_ignored_changes_of_the_weights_change_nothing(world: World, folder: Folder) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(wanted(weightsChanges="ignore"))
    folder.change(note="trained longer")
    folder.requests.clear()
    assert engine.preview(wanted(weightsChanges="ignore")) == "unchanged"
    assert folder.requests == []


def test_ignored_changes_stay_ignored_when_something_changes_in_place(
    world: World, folder: Folder
) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(wanted(weightsChanges="ignore"))
    folder.change(note="trained longer")
    more = wanted(weightsChanges="ignore", labels={"team": "search"})
    assert engine.up(more) == "updated"
    assert engine.preview(more) == "unchanged"


def test_ignored_changes_are_taken_up_by_the_next_replacement(world: World, folder: Folder) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(wanted(weightsChanges="ignore"))
    assert engine.saved is not None
    before = engine.saved.inputs["weightsFingerprint"]
    folder.change(note="trained longer")
    anew = wanted(weightsChanges="ignore", generation=1)
    assert engine.up(anew) == "replaced"
    assert engine.saved.inputs["weightsFingerprint"] != before
    assert engine.preview(anew) == "unchanged"


def test_changes_that_were_ignored_are_rolled_out_when_asked_for(
    world: World, folder: Folder
) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(wanted(weightsChanges="ignore"))
    folder.change(note="trained longer")
    assert engine.diff(wanted()).replaces == ["weightsFingerprint"]


def test_an_unchanged_deployment_costs_one_listing(world: World, folder: Folder) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(wanted())
    folder.requests.clear()
    assert engine.preview(wanted()) == "unchanged"
    assert folder.requests == ["GET storage.googleapis.com/storage/v1/b/weights/o"]
