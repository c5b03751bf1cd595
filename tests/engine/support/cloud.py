"""What the emulator holds, looked at from outside the provider."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from vertex_custom_weights_provider.emulator import Settings, create_app

LOCATION = "projects/local-project/locations/us-central1"
REGION = "projects/local-project/regions/us-central1"
_API = "https://us-central1-aiplatform.googleapis.com"
_COMPUTE = "https://compute.googleapis.com/compute/v1"
_IN_API = f"{_API}/v1beta1/{LOCATION}"
_ADMIN = "http://localhost/_emulator"


class EmulatedCloud:
    """The emulator's state file, read and written as Google's clients would."""

    def __init__(self, state: Path, deploy_seconds: float | None = None) -> None:
        state.parent.mkdir(parents=True, exist_ok=True)
        app = create_app(Settings(state=state, deploy_seconds=deploy_seconds))
        self.http = httpx.Client(transport=httpx.WSGITransport(app=app), timeout=60)

    def get(self, url: str) -> dict[str, Any]:
        answer = self.http.get(url)
        answer.raise_for_status()
        return answer.json()

    def items(self, collection: str) -> list[dict[str, Any]]:
        """Return a collection: endpoints, models, addresses, forwardingRules."""
        if collection in ("endpoints", "models"):
            return self.get(f"{_API}/v1beta1/{LOCATION}/{collection}").get(collection, [])
        return self.get(f"{_COMPUTE}/{REGION}/{collection}").get("items", [])

    def names(self, collection: str) -> list[str]:
        """Return the ids of a collection."""
        return [item["name"].rsplit("/", 1)[-1] for item in self.items(collection)]

    def endpoint(self, endpoint_id: str) -> dict[str, Any]:
        return self.get(f"{_API}/v1beta1/{LOCATION}/endpoints/{endpoint_id}")

    def make(self, path: str, body: dict[str, Any], **query: str) -> None:
        """Make something as somebody would without a program, and let it finish."""
        base = f"{_COMPUTE}/{REGION}" if path in ("addresses", "forwardingRules") else _IN_API
        url = f"{base}{path}" if path.startswith(":") else f"{base}/{path}"
        self.http.post(url, json=body, params=query).raise_for_status()
        self.admin("POST", "clock", {"advance": "60s"})

    def patch(self, endpoint_id: str, fields: dict[str, Any]) -> None:
        """Change an endpoint behind everybody's back."""
        url, mask = f"{_IN_API}/endpoints/{endpoint_id}", ",".join(fields)
        self.http.patch(url, json=fields, params={"updateMask": mask}).raise_for_status()

    def admin(self, verb: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Call the emulator's own interface."""
        answer = self.http.request(verb, f"{_ADMIN}/{path}", json=body)
        answer.raise_for_status()
        return answer.json()

    @property
    def empty(self) -> bool:
        """Whether nothing is there and nothing runs."""
        operations = self.get(f"{_API}/v1beta1/{LOCATION}/operations").get("operations", [])
        running = [o["name"] for o in operations if not o.get("done")]
        kinds = ("endpoints", "models", "addresses", "forwardingRules")
        return not running and not any(self.names(kind) for kind in kinds)

    def calls(self, method: str) -> list[dict[str, Any]]:
        """Return the accepted mutations of one API method, in order."""
        log = self.get(f"{_ADMIN}/log")
        return [entry for entry in log["entries"] if entry["method"].endswith(method)]
