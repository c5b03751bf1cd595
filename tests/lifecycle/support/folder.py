"""A bucket folder that the provider sees, and what it asks about it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import httpx
from msgspec.structs import replace

from vertex_custom_weights_provider import samples
from vertex_custom_weights_provider.api.credentials import Anonymous
from vertex_custom_weights_provider.api.rest import Rest
from vertex_custom_weights_provider.emulator import Settings, create_app

from ...support.transport import Beneath
from .world import World


class Folder:
    """A folder of true-shape weights behind a store of its own, with an account of requests."""

    def __init__(self, world: World, root: Path) -> None:
        self._root = root / "weights"
        self.put("llama-3.2-1b")
        self._app = create_app(Settings(root / "weights.db", buckets={"weights": self._root}))
        self._inner = httpx.WSGITransport(app=self._app)
        self._served: dict[str, Any] = {}
        self.requests: list[str] = []
        self._http = Beneath(self._handle)
        rest = Rest(self._http, Anonymous(), world.clock)
        world.cloud = replace(world.cloud, storage_rest=rest)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(f"{request.method} {request.url.host}{request.url.path}")
        for part, answer in self._served.items():
            if part in request.url.path:
                return httpx.Response(200, json=answer)
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._http.close()
        self._app.close()

    def put(self, model: str, name: str = "llama") -> None:
        """Have the folder hold this model and nothing else."""
        shutil.rmtree(self._root / name, ignore_errors=True)
        samples.write(model, self._root / name)

    def change(self, **values: Any) -> None:
        """Write other bytes under the same name."""
        path = self._root / "llama" / "config.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **values}))

    def remove(self, name: str) -> None:
        """Remove a file of the bucket."""
        (self._root / name).unlink()

    def litter(self, name: str, count: int) -> None:
        """Put so many other files into a folder of the bucket."""
        (self._root / name).mkdir()
        for number in range(count):
            (self._root / name / f"{number}.txt").touch()

    def serve(self, part: str, answer: dict[str, Any]) -> None:
        """Answer requests whose path contains `part`."""
        self._served[part] = answer

    def fault(self, **rule: Any) -> None:
        url = "http://localhost/_emulator/faults"
        answer = self._inner.handle_request(httpx.Request("POST", url, json=rule))
        assert answer.status_code == 200

    def asked(self, part: str) -> list[str]:
        """Return the requests whose path contains `part`."""
        return [request for request in self.requests if part in request]
