"""Which cloud a stack means, read from its configuration."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from vertex_custom_weights_provider.api.messages import Address, Endpoint
from vertex_custom_weights_provider.backend import Connections, connect
from vertex_custom_weights_provider.call.call import Call
from vertex_custom_weights_provider.emulator import Settings as EmulatorSettings
from vertex_custom_weights_provider.emulator import serve
from vertex_custom_weights_provider.errors import ConfigurationError
from vertex_custom_weights_provider.settings import Settings

LOCATION = "projects/my-proj/locations/us-central1"


def settings(root: Path | None = None, **config: str) -> Settings:
    given = {f"vertex-custom-weights:{key}": value for key, value in config.items()}
    return Settings.resolve(given, {}, root)


def test_google_is_the_default() -> None:
    assert settings().backend == "google"


def test_relative_paths_start_at_the_project(tmp_path: Path) -> None:
    found = settings(tmp_path, backend="emulator", emulatorBuckets='{"b": "weights", "a": "/x"}')
    assert found.emulator_state == str(tmp_path / ".local" / "emulator.db")
    assert found.emulator_buckets == (("a", "/x"), ("b", str(tmp_path / "weights")))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("backend", "aws"),
        ("emulatorBuckets", "{not json"),
        ("emulatorBuckets", "[1]"),
        ("emulatorDeploySeconds", "soon"),
    ],
)
def test_an_unusable_value_is_reported_with_its_key(key: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"vertex-custom-weights:{key}"):
        settings(**{key: value})


def test_settings_do_not_show_secrets() -> None:
    found = Settings.resolve({"gcp:accessToken": "secret-token"}, {})
    assert "secret-token" not in repr(found)


def test_the_embedded_emulator_keeps_its_state_between_connections(tmp_path: Path) -> None:
    found = settings(tmp_path, backend="emulator", emulatorDeploySeconds="0")
    one, other = (connect(found, threading.Event(), Call()) for _ in range(2))
    one.vertex.start(f"{LOCATION}/endpoints", {"displayName": "x"}, endpointId="chat")
    assert other.vertex.find(Endpoint, f"{LOCATION}/endpoints/chat") is not None
    assert (tmp_path / ".local" / "emulator.db").exists()


def test_first_calls_that_come_at_once_share_their_connections(tmp_path: Path) -> None:
    found = settings(tmp_path, backend="emulator")
    connections, together = Connections(), threading.Barrier(8)

    def first_call(_: int) -> object:
        together.wait()
        return connections.connect(found, threading.Event(), Call()).vertex.rest.http

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(first_call, range(8)))) == 1


def test_a_served_emulator_is_reached_under_googles_own_names(tmp_path: Path) -> None:
    emulated = EmulatorSettings(tmp_path / "served.db", deploy_seconds=0)
    with serve.running(emulated) as url:
        cloud = connect(
            settings(backend="emulator", emulatorUrl=f"{url}/"), threading.Event(), Call()
        )
        cloud.vertex.start(f"{LOCATION}/endpoints", {"displayName": "x"}, endpointId="chat")
        assert cloud.vertex.find(Endpoint, f"{LOCATION}/endpoints/chat") is not None
        assert cloud.compute.find(Address, "projects/p/regions/us-central1/addresses/none") is None
        cloud.vertex.rest.http.close()


def test_the_default_bucket_is_there_when_its_folder_is(tmp_path: Path) -> None:
    assert Settings.resolve({}, {}, tmp_path).emulator_buckets == ()
    folder = tmp_path / ".local" / "weights"
    folder.mkdir(parents=True)
    assert Settings.resolve({}, {}, tmp_path).emulator_buckets == (("local-weights", str(folder)),)
