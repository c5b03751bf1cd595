"""An emulator behind a port whose calls can be made to fail, or to kill whoever makes them."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vertex_custom_weights_provider.emulator import App, Settings, create_app

from ...lifecycle.support.served_wire import hung_up, listening
from .cloud import LOCATION, EmulatedCloud
from .harness import Running

KINDS = ("endpoints", "models", "addresses", "forwardingRules")
ERRORS: dict[str, dict[str, Any]] = {
    "500": {"error": {"http": 500}},
    "503": {"error": {"http": 503}},
    "429": {"error": {"http": 429, "message": "Too many requests."}},
    "reset before": {"reset": "before"},
    "reset after": {"reset": "after"},
}
_FAULTS = "http://localhost/_emulator/faults"
KILLS = ("provider killed", "CLI killed")
FAULTS = (*ERRORS, *KILLS)


@dataclass(frozen=True)
class Fault:
    """What goes wrong at which call of a run, counted from 0."""

    kind: str
    call: int

    def __str__(self) -> str:
        return f"{self.kind} at call {self.call}"


class FaultyCloud(EmulatedCloud):
    """Counts the calls of a run and does to some of them what was planned."""

    def __init__(self, state: Path, app: App) -> None:
        super().__init__(state)
        self._app = app
        self._lock = threading.Lock()
        self.url = ""
        self.run: Running | None = None
        self.plan()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        with self._lock:
            strike = self._strikes.pop(self.count, None)
            self.count += 1
        if strike:
            strike()
        try:
            return self._app(environ, start_response)
        except ConnectionError:
            raise hung_up(environ) from None

    def plan(self, faults: Iterable[Fault] = ()) -> None:
        """Begin to count anew, with these faults ahead; kills concern the `run` of then."""
        self.http.delete(_FAULTS).raise_for_status()
        kills = {"provider killed": self._kill_provider, "CLI killed": self._kill_cli}
        self._strikes: dict[int, Callable[[], None]] = {}
        self.count = 0
        for fault in faults:
            if fault.kind in kills:
                self._strikes[fault.call] = kills[fault.kind]
            else:
                rule = {"method": "*", "skip": fault.call, **ERRORS[fault.kind]}
                self.http.post(_FAULTS, json=rule).raise_for_status()

    def _kill_provider(self) -> None:
        assert self.run is not None
        for pid, command in self.run.processes().items():
            if "vertex_custom_weights_provider" in command or "pulumi.dynamic" in command:
                os.kill(pid, signal.SIGKILL)

    def _kill_cli(self) -> None:
        assert self.run is not None
        self.run.kill()

    def unused(self) -> list[Any]:
        """Return what was planned and has not come to pass."""
        left = self.get(_FAULTS)["unused"]
        return [*left, *self._strikes]

    def folders(self) -> set[str]:
        """Return where the weights of the models that are there lie."""
        api = "https://us-central1-aiplatform.googleapis.com/v1beta1"
        models = self.get(f"{api}/{LOCATION}/models").get("models", [])
        return {model["artifactUri"] for model in models}

    def things(self) -> dict[str, int]:
        """Return how many things there are, by collection."""
        return {kind: len(self.names(kind)) for kind in KINDS}


@contextmanager
def faulty(folder: Path) -> Generator[FaultyCloud]:
    """Serve an empty cloud whose buckets are the folders of `folder`."""
    settings = Settings(folder / "emulator.db", {"weights": folder / "weights"}, deploy_seconds=1)
    app = create_app(settings)
    cloud = FaultyCloud(settings.state, app)
    with listening(cloud, app) as cloud.url:
        yield cloud
