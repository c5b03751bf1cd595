"""The emulator answers from what it knows itself: a fault of the product is not repeated by it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from vertex_custom_weights_provider import catalog, samples
from vertex_custom_weights_provider.preflight import examine, recommender
from vertex_custom_weights_provider.storage import LocalSource

from .conftest import LOCATION, Cloud


class _Rest:
    """What the preflight sends its questions with, over plain HTTP to the emulator."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def send(self, method: str, url: str, *, body: Any = None, **_: Any) -> dict[str, Any]:
        response = self._client.request(method, url, json=body)
        assert response.status_code == 200, response.text
        return response.json()


def _opinions(cloud: Cloud, folder: Path) -> list[str]:
    """What preflight says of the service's opinion about a folder."""
    ask = recommender(_Rest(cloud.client()), "my-proj", "us-central1")
    report = examine(LocalSource(folder), recommend=lambda _: ask(f"gs://weights/{folder.name}"))
    return [finding.message for finding in report.findings if finding.id == "G1"]


def test_a_fault_in_the_recognition_of_weights_is_noticed_by_the_emulated_service(
    make_cloud: Callable[..., Cloud], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("sound", "faulty"):
        samples.write("llama-3.2-1b", tmp_path / folder)
    cloud = make_cloud(buckets={"weights": tmp_path})
    assert _opinions(cloud, tmp_path / "sound") == []

    other = catalog.model("llama-3.1-8b")
    monkeypatch.setattr(catalog, "identify", lambda _: catalog.Identity((other,)))
    (told,) = _opinions(cloud, tmp_path / "faulty")
    assert "llama-3.2-1b" in told


# Same tensors, same configuration: no config.json can say which of them it is.
_TWINS = [
    {"gemma-3-4b", "medgemma-4b", "medgemma-1.5-4b"},
    {"llama-3.1-70b", "llama-3.3-70b"},
    {"qwen2-1.5b", "qwen2.5-1.5b"},
    {"deepseek-r1", "deepseek-v3", "deepseek-v3.1"},
    {"qwen3-next-80b-a3b-instruct", "qwen3-next-80b-a3b-thinking"},
]


@pytest.mark.parametrize("model_id", [row.id for row in catalog.models()])
def test_every_listed_model_is_recognised_by_the_emulators_own_table(
    make_cloud: Callable[..., Cloud], tmp_path: Path, model_id: str
) -> None:
    folder = tmp_path / "llama"
    folder.mkdir()
    config = samples.config_of(model_id)
    (folder / "config.json").write_text(json.dumps(config))
    cloud = make_cloud(buckets={"weights": tmp_path})
    answer = cloud.ok("POST", f"{LOCATION}:recommendSpec", {"gcsUri": "gs://weights/llama"})
    meant = next((group for group in _TWINS if model_id in group), {model_id})
    assert answer["baseModel"].rpartition("@")[2] in meant
