"""Weights of a whole stack are seen to be unchanged by one listing of each bucket."""

from __future__ import annotations

import pytest

from vertex_custom_weights_provider.adapter.glance import Glance
from vertex_custom_weights_provider.lifecycle.weights.announced import Folder as Announced

from .support.folder import Folder
from .support.inputs import MACHINE, PROJECT, REGION, deployment
from .support.small_engine import SmallEngine
from .support.world import World

LISTING = "googleapis.com/storage/v1/b/weights/o"
MODEL = "llama-3.2-1b"


def wanted(uri: str) -> dict[str, object]:
    resources = {"machineSpec": MACHINE, "minReplicaCount": 1}
    return deployment(preflight="enforce", gcsUri=uri, dedicatedResources=resources)


class Stack:
    """Deployments of one program, each of a folder of its own."""

    def __init__(self, world: World, folder: Folder, names: list[str]) -> None:
        self.world = world
        self.folder = folder
        for name in names:
            folder.put(MODEL, name)
        self.uris = {name: f"gs://weights/{name}" for name in names}
        self.engines = {
            name: SmallEngine(world, "CustomWeightsDeployment", name=name.replace("/", "-"))
            for name in names
        }
        for name, engine in self.engines.items():
            engine.up(wanted(self.uris[name]))
        folder.requests.clear()

    def previewed(self) -> dict[str, str]:
        """Announce the folders as the program does, and preview one deployment after another."""
        folders = [Announced(uri, PROJECT, REGION) for uri in self.uris.values()]
        self.world.cloud.memory.of(Glance).announce(self.world.cloud, folders)
        return {name: one.preview(wanted(self.uris[name])) for name, one in self.engines.items()}


def test_an_unchanged_preview_of_many_takes_one_listing(world: World, folder: Folder) -> None:
    names = ["llama", "other/llama", *(f"runs/{number}" for number in range(6))]
    stack = Stack(world, folder, names)
    assert stack.previewed() == dict.fromkeys(names, "unchanged")
    assert len(folder.requests) == 1
    assert folder.asked(LISTING) == folder.requests


def test_new_bytes_in_one_folder_of_many_are_seen(world: World, folder: Folder) -> None:
    stack = Stack(world, folder, ["first", "llama", "third"])
    folder.change(rope_theta=1.0)
    assert stack.previewed() == {"first": "unchanged", "llama": "replaced", "third": "unchanged"}


def test_a_file_that_went_is_seen(world: World, folder: Folder) -> None:
    stack = Stack(world, folder, ["first", "llama"])
    folder.remove("first/generation_config.json")
    assert stack.previewed() == {"first": "replaced", "llama": "unchanged"}


def test_a_folder_named_like_the_beginning_of_another_is_its_own(
    world: World, folder: Folder
) -> None:
    names = ["run", "run-2", "run/inner", "run0"]
    stack = Stack(world, folder, names)
    folder.remove("run-2/generation_config.json")
    expected = {**dict.fromkeys(names, "unchanged"), "run-2": "replaced"}
    assert stack.previewed() == expected


@pytest.mark.parametrize("others", [1500, 9500])
def test_what_lies_among_the_folders_costs_a_few_pages_at_most(
    world: World, folder: Folder, others: int
) -> None:
    stack = Stack(world, folder, ["a", "m", "z"])
    folder.litter("b", others)
    assert stack.previewed() == dict.fromkeys(stack.uris, "unchanged")
    assert (
        len(folder.asked(LISTING)) == 3
    )  # one page that shows the first; the others by themselves


def test_where_a_bucket_may_not_be_listed_each_folder_is(world: World, folder: Folder) -> None:
    stack = Stack(world, folder, ["first", "llama"])
    denied = {"status": "PERMISSION_DENIED"}
    folder.fault(method="storage.objects.list", times=1, error=denied)
    assert stack.previewed() == {"first": "unchanged", "llama": "unchanged"}
    assert len(folder.asked(LISTING)) == 3
