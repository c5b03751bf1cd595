"""Programs in TypeScript and Go, served by an installed plugin: their whole life."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from vertex_custom_weights_provider.emulator import Settings, create_app

from .support.compiled import prepared
from .support.harness import Engine
from .support.installed import install, without_packages

LOCATION = "projects/models-local/locations/us-central1"
API = f"https://us-central1-aiplatform.googleapis.com/v1beta1/{LOCATION}"


def google(engine: Engine) -> httpx.Client:
    """Return somebody else's way to the cloud."""
    app = create_app(Settings(state=engine.folder / ".local" / "emulator.db"))
    return httpx.Client(transport=httpx.WSGITransport(app=app), timeout=60)


@pytest.mark.parametrize("name", ["gcp-ts-private-endpoint", "gcp-go-private-endpoint"])
def test_the_example_lives_from_preview_to_destroy(
    name: str, make_engine: Callable[..., Engine], archive: Path, tmp_path: Path
) -> None:
    engine = prepared(make_engine(name, stack="local"), name, "llama-3.2-1b")
    install(engine, archive)
    without_packages(engine, tmp_path / "only-python")
    engine.configure({"vcw:emulatorDeploySeconds": 1})
    known = engine.preview().outputs["endpointName"]
    assert known.startswith(f"{LOCATION}/endpoints/support-")

    made = engine.up().outputs
    assert made["endpointName"] == known
    assert made["openaiBaseUrl"].startswith("http://10.128.0.42/v1beta1/projects/models-local")
    assert made["storefrontAddress"] == "10.130.0.42"
    assert made["storefrontConnection"] == "ACCEPTED"
    assert engine.up().unchanged
    assert "was asked: hello" in engine.shell("vcw", "query", "hello").stdout

    cloud = google(engine)
    endpoint = f"{API}/endpoints/{known.rsplit('/', 1)[-1]}"
    cloud.patch(endpoint, json={"labels": {}}, params={"updateMask": "labels"}).raise_for_status()
    assert "labels" in engine.refresh("--diff").text
    assert engine.preview().step("support-llm").op == "update"
    engine.up()
    assert cloud.get(endpoint).json()["labels"]["team"] == "support"

    shutil.copytree(
        engine.folder / ".local/weights/llama-3.2-1b", engine.folder / ".local/weights/next"
    )
    engine.configure({f"{name}:weightsUri": "gs://local-weights/next"})
    changed = engine.up().outputs
    assert changed["endpointName"] != known
    assert changed["openaiBaseUrl"].startswith("http://10.128.0.42/")

    body = {"displayName": "found"}
    cloud.post(f"{API}/endpoints", json=body, params={"endpointId": "found"}).raise_for_status()
    engine.import_("vcw:m:Endpoint", "found", f"{LOCATION}/endpoints/found")
    assert engine.resources()["found"]["inputs"]["displayName"] == "found"

    engine.destroy()
    assert engine.resources() == {}
    assert cloud.get(f"{API}/endpoints").json().get("endpoints", []) == []
