"""One run of the probe: what it asks, what it has made, and how it clears that away."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from vertex_custom_weights_provider import errors

Json = dict[str, Any]
MARK = "vcw-probe"
_PAUSE_SECONDS = 1.0
_PATIENCE_SECONDS = 180.0
_TRIES, _REST_SECONDS = 9, 10.0


class Rest(Protocol):
    """Sends one request; raises the errors of the package's error tree."""

    def send(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Json:
        """Return the JSON object of the answer."""
        ...


@dataclass(frozen=True)
class Seen:
    """An answer: its HTTP status, and its JSON object."""

    status: int
    body: Json

    @property
    def fine(self) -> bool:
        """Whether it is no refusal."""
        return self.status < 400

    @property
    def word(self) -> str:
        """The RPC status or reason of a refusal; empty otherwise."""
        return str(self.body.get("error", {}).get("status", ""))


@dataclass(frozen=True)
class Exchange:
    """A request and its answer, as a recording holds them."""

    verb: str
    url: str
    params: Mapping[str, str]
    body: Mapping[str, Any] | None
    status: int
    answer: Json


@dataclass
class Session:
    """Asks in one project and region.

    Attributes:
        rest: The way to the cloud.
        project: Project id.
        region: Region, of Vertex AI and of Compute Engine.
        subnetwork: Where an address is reserved, as a name in the region.
        sleep: Lets time pass.
        exchanges: All that was asked and answered.
    """

    rest: Rest
    project: str
    region: str
    subnetwork: str
    sleep: Callable[[float], None]
    suffix: str = field(default_factory=lambda: secrets.token_hex(3))
    exchanges: list[Exchange] = field(default_factory=list[Exchange])
    _made: list[str] = field(default_factory=list[str])

    @property
    def vertex(self) -> str:
        """URL that endpoints hang under."""
        host = f"https://{self.region}-aiplatform.googleapis.com/v1beta1"
        return f"{host}/projects/{self.project}/locations/{self.region}"

    @property
    def compute(self) -> str:
        """URL that addresses and rules hang under."""
        host = "https://compute.googleapis.com/compute/v1"
        return f"{host}/projects/{self.project}/regions/{self.region}"

    def name(self, what: str) -> str:
        """Return an id that nobody else has."""
        return f"{MARK}-{what}-{self.suffix}"

    def ask(self, verb: str, url: str, body: Json | None = None, **params: str) -> Seen:
        """Send a request; a refusal is an answer like any other."""
        try:
            seen = Seen(200, self.rest.send(verb, url, params=params or None, body=body))
        except errors.ApiError as refusal:
            error = {"code": refusal.http_status, "message": refusal.message}
            seen = Seen(refusal.http_status, {"error": {**error, "status": refusal.status}})
        self.exchanges.append(Exchange(verb, url, params, body, seen.status, seen.body))
        return seen

    def make(self, url: str, collection: str, body: Json, **params: str) -> Seen:
        """Send a request that makes something, which is then removed at the end."""
        name = params.get("endpointId") or str(body.get("name", ""))
        self.will_be_there(f"{url}/{collection}/{name}")
        return self.ask("POST", f"{url}/{collection}", body, **params)

    def will_be_there(self, url: str) -> None:
        """Note something that is about to be made, so that it is removed at the end."""
        self._made.append(url)

    def finished(self, started: Seen) -> Seen:
        """Wait for the operation that an answer holds, and return it as it ended."""
        waited = 0.0
        seen = started
        while seen.fine and not _done(seen.body) and waited < _PATIENCE_SECONDS:
            self.sleep(_PAUSE_SECONDS)
            waited += _PAUSE_SECONDS
            seen = self.ask("GET", self.operation(started.body))
        return seen

    def operation(self, body: Json) -> str:
        """Return the URL of the operation that an answer holds."""
        if body.get("kind") == "compute#operation":
            return f"{self.compute}/operations/{body['name']}"
        return f"{self.vertex.split('/projects/')[0]}/{body['name']}"

    def clean(self) -> list[str]:
        """Remove what was made, newest first; returns what could not be removed."""
        left = [url for url in reversed(self._made) if not self._removed(url)]
        self._made.clear()
        return left

    def _removed(self, url: str) -> bool:
        """Remove one thing, trying again while something else still holds it."""
        for _ in range(_TRIES):
            with contextlib.suppress(errors.VcwError):
                self._empty(url)
                if self.finished(self.ask("DELETE", url)).fine or not self.ask("GET", url).fine:
                    return True
            self.sleep(_REST_SECONDS)
        return False

    def _empty(self, url: str) -> None:
        """Undeploy what is on an endpoint, also what is about to be."""
        if "/endpoints/" not in url:
            return
        for one in self._listed(f"{self.vertex}/operations", "operations", filter="done=false"):
            if one.get("metadata", {}).get("modelId", "").startswith(f"{MARK}-"):
                self.ask("POST", f"{self.operation(one)}:cancel", {})
        for deployed in self.ask("GET", url).body.get("deployedModels", []):
            undeployed = {"deployedModelId": deployed["id"]}
            self.finished(self.ask("POST", f"{url}:undeployModel", undeployed))

    def _listed(self, url: str, key: str, **params: str) -> Iterator[Json]:
        while True:
            page = self.ask("GET", url, None, **params).body
            yield from page.get(key, [])
            if not page.get("nextPageToken"):
                return
            params["pageToken"] = str(page["nextPageToken"])

    def leftovers(self) -> list[str]:
        """Return what an earlier probe that was killed has left in the project."""
        found: list[str] = []
        for collection in ("models", "endpoints"):  # an endpoint goes first, from the end
            for one in self._listed(f"{self.vertex}/{collection}", collection):
                name = one["name"].rsplit("/", 1)[-1]
                if name.startswith(f"{MARK}-"):
                    found.append(f"{self.vertex}/{collection}/{name}")
        for collection in ("addresses", "forwardingRules"):
            for one in self._listed(f"{self.compute}/{collection}", "items"):
                if one["name"].startswith(f"{MARK}-"):
                    found.append(f"{self.compute}/{collection}/{one['name']}")
        self._made = [*found, *self._made]
        return found


def _done(body: Json) -> bool:
    return body.get("done") is True or body.get("status") == "DONE" or "name" not in body
