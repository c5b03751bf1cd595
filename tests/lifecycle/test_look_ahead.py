"""Announced folders are looked at together; what a check finds does not depend on it."""

from __future__ import annotations

import threading

import pytest

from vertex_custom_weights_provider.lifecycle.weights import announced
from vertex_custom_weights_provider.lifecycle.weights.announced import Folder as Announced
from vertex_custom_weights_provider.storage import Deadline, StorageError

from .support.folder import Folder
from .support.inputs import MACHINE, PROJECT, REGION, deployment
from .support.small_engine import SmallEngine
from .support.world import World

KIND = "CustomWeightsDeployment"
LISTING = "googleapis.com/storage/v1/b/weights/o"
NAMES = ("llama", "second", "third")
URIS = [f"gs://weights/{name}" for name in NAMES]


@pytest.fixture
def folders(folder: Folder) -> Folder:
    for name in ("second", "third"):
        folder.put("llama-3.2-1b", name)
    return folder


def announce(world: World, uris: list[str]) -> None:
    folders = [Announced(uri, PROJECT, REGION) for uri in uris]
    world.cloud.memory.of(announced.LookAhead).announce(world.cloud, folders)


def settle(world: World, folder: Folder, part: str, count: int) -> None:
    """Wait until so many requests of a kind were made."""
    done = threading.Event()
    for _ in range(500):
        if len(folder.asked(part)) >= count:
            return
        done.wait(0.02)
    raise AssertionError(folder.requests)


def wanted(uri: str) -> dict[str, object]:
    resources = {"machineSpec": MACHINE, "minReplicaCount": 1}
    return deployment(preflight="enforce", gcsUri=uri, dedicatedResources=resources)


def test_an_announced_folder_is_listed_before_its_check_and_not_again(
    world: World, folders: Folder
) -> None:
    announce(world, URIS)
    settle(world, folders, LISTING, 3)
    for uri in URIS:
        SmallEngine(world, KIND, name=uri[-5:]).check(wanted(uri))
    assert len(folders.asked(LISTING)) == 3


def test_a_check_that_meets_new_weights_has_the_next_folders_studied(
    world: World, folders: Folder
) -> None:
    announce(world, URIS)
    SmallEngine(world, KIND).check(wanted(URIS[0]))
    settle(world, folders, "recommendSpec", 3)
    assert len(folders.asked(LISTING)) == 3
    assert {name for name in NAMES if folders.asked(f"/{name}/config.json")} == set(NAMES)


def test_unchanged_weights_have_no_other_folder_studied(world: World, folders: Folder) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(wanted(URIS[0]))
    folders.requests.clear()
    announce(world, URIS)
    settle(world, folders, LISTING, 3)
    assert engine.preview(wanted(URIS[0])) == "unchanged"
    assert len(folders.requests) == 3


def test_a_folder_of_two_endpoints_is_listed_once(world: World, folders: Folder) -> None:
    announce(world, [URIS[0], URIS[0]])
    for name in ("one", "two"):
        SmallEngine(world, KIND, name=name).check(wanted(URIS[0]))
    assert len(folders.asked(LISTING)) == 1


def test_each_check_beyond_the_announced_ones_lists_anew(world: World, folders: Folder) -> None:
    announce(world, [URIS[0]])
    for name in ("one", "two"):
        SmallEngine(world, KIND, name=name).check(wanted(URIS[0]))
    assert len(folders.asked(LISTING)) == 2


def test_an_old_listing_is_not_taken(
    world: World, folders: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    announce(world, [URIS[0]])
    settle(world, folders, LISTING, 1)
    monkeypatch.setattr(announced, "_FRESH_SECONDS", 0.0)
    assert world.cloud.memory.of(announced.LookAhead).take(URIS[0], Deadline()) is None
    assert announced.listing(world.cloud, URIS[0], Deadline()).objects


def test_a_folder_that_cannot_be_listed_is_refused_by_its_own_check(
    world: World, folders: Folder
) -> None:
    announce(world, ["gs://elsewhere/llama"])
    with pytest.raises(StorageError, match="elsewhere"):
        announced.listing(world.cloud, "gs://elsewhere/llama", Deadline())
