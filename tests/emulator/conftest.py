"""An emulator in process and one served, with helpers that speak plain HTTP: no client of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from vertex_custom_weights_provider.emulator import Settings, create_app, serve
from vertex_custom_weights_provider.emulator.http.app import App
from vertex_custom_weights_provider.emulator.state import clock

API = "https://us-central1-aiplatform.googleapis.com/v1beta1/"
COMPUTE = "https://compute.googleapis.com/compute/v1/"
LOCATION = "projects/my-proj/locations/us-central1"
MACHINE = {"machineType": "g2-standard-12", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 1}
PRIVATE = {"enablePrivateServiceConnect": True, "projectAllowlist": ["my-proj"]}


@dataclass
class Cloud:
    """An emulator in process."""

    app: App

    def client(self, base_url: str = API, **options: Any) -> httpx.Client:
        return httpx.Client(
            transport=httpx.WSGITransport(app=self.app), base_url=base_url, **options
        )

    def __post_init__(self) -> None:
        self.api = self.client()
        self.compute = self.client(COMPUTE)

    def call(self, verb: str, path: str, body: Any = None, **query: str) -> httpx.Response:
        return self.api.request(verb, path, json=body, params=query or None)

    def ok(self, verb: str, path: str, body: Any = None, **query: str) -> dict[str, Any]:
        response = self.call(verb, path, body, **query)
        assert response.status_code == 200, response.text
        return response.json()

    def finish(self, operation: dict[str, Any]) -> dict[str, Any]:
        """Move the clock to where the operation is done and return it."""
        self.advance(60)
        return self.ok("GET", operation["name"])

    def result(self, operation: dict[str, Any]) -> dict[str, Any]:
        done = self.finish(operation)
        assert "error" not in done, done
        return done["response"]

    def advance(self, seconds: float) -> None:
        with self.app.store.write() as tx:
            clock.advance(tx, seconds)

    def deploy(self, endpoint: str, model: str = "", **endpoint_config: Any) -> dict[str, Any]:
        """Deploy weights to an endpoint of that id and return the endpoint."""
        body = deploy_body(endpoint, model, **endpoint_config)
        done = self.result(self.ok("POST", f"{LOCATION}:deploy", body))
        return self.ok("GET", done["endpoint"])


def refusal(cloud: Cloud, verb: str, path: str, body: Any = None, **query: str) -> tuple[str, str]:
    response = cloud.call(verb, path, body, **query)
    error = response.json()["error"]
    assert error["code"] == response.status_code
    return error["status"], error["message"]


def deploy_body(endpoint: str, model: str = "", **endpoint_config: Any) -> dict[str, Any]:
    return {
        "customModel": {"gcsUri": "gs://weights/llama"},
        "modelConfig": {"modelUserId": model or f"model-{endpoint}"},
        "endpointConfig": {"endpointUserId": endpoint, **endpoint_config},
        "deployConfig": {"dedicatedResources": {"machineSpec": MACHINE, "minReplicaCount": 1}},
    }


@pytest.fixture
def make_cloud(tmp_path: Path) -> Iterator[Callable[..., Cloud]]:
    """Open emulators in process; every answer is checked against the contract."""
    with ExitStack() as stack:

        def make(state: Path | None = None, **settings: Any) -> Cloud:
            path = state or tmp_path / "emulator.db"
            app = create_app(Settings(path, **{"validate_responses": True, **settings}))
            stack.callback(app.close)
            return Cloud(app)

        yield make


@pytest.fixture
def cloud(make_cloud: Callable[..., Cloud]) -> Cloud:
    return make_cloud()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Serve emulators on free ports; gives their URLs."""
    with ExitStack() as stack:

        def start(**settings: Any) -> str:
            quick = {"deploy_seconds": 0.2, "operation_seconds": 0.05, "validate_responses": True}
            url: str = stack.enter_context(
                serve.running(Settings(tmp_path / "served.db", **{**quick, **settings}))
            )
            return url

        yield start
