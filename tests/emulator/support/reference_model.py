"""A small pure model of what the emulator must do: plain data, no I/O, copied to try orders out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

OK = "OK"
QUICK, DEPLOY = 0.3, 3.0
WEEK = 7 * 86_400.0

Call = tuple[Any, ...]  # (kind, tag, arguments...); the tag names the operation it starts


@dataclass
class Endpoint:
    hidden: bool = True
    label: str = ""
    deployed: list[list[str]] = field(default_factory=list)  # [id or "" until seen, model]
    traffic: dict[str, int] = field(default_factory=dict)


@dataclass
class World:
    now: float = 0.0
    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    models: set[str] = field(default_factory=set)
    reserved: set[str] = field(default_factory=set)
    tombstones: set[str] = field(default_factory=set)
    events: list[tuple[float, int, int, str, tuple[Any, ...]]] = field(default_factory=list)
    running: dict[int, Call] = field(default_factory=dict)
    failed: dict[int, int] = field(default_factory=dict)
    order: int = 0

    def apply(self, call: Call) -> str:
        kind, tag, *rest = call
        return getattr(self, f"_{kind}")(tag, *rest)

    def advance(self, seconds: float) -> None:
        until = self.now + seconds
        while self.events and min(self.events)[0] <= until:
            event = min(self.events)
            self.events.remove(event)
            self.now = event[0]
            getattr(self, f"_at_{event[3]}")(event[2], *event[4])
        self.now = until

    def _later(self, after: float, tag: int, effect: str, *arguments: Any) -> None:
        self.order += 1
        self.events.append((self.now + after, self.order, tag, effect, arguments))

    def _begin(self, call: Call) -> str:
        self.running[call[1]] = call
        return OK

    def _end(self, tag: int, error: int = 0) -> None:
        self.running.pop(tag, None)
        self.events = [e for e in self.events if e[2] != tag]
        if error:
            self.failed[tag] = error

    def _busy(self, endpoint: str, *kinds: str) -> bool:
        return any(c[0] in kinds and c[2] == endpoint for c in self.running.values())

    def _seen(self, endpoint: str) -> Endpoint | None:
        found = self.endpoints.get(endpoint)
        return None if found is None or found.hidden else found

    def _taken(self, endpoint: str) -> bool:
        return endpoint in self.endpoints or endpoint in self.tombstones

    def _remove(self, endpoint: str) -> None:
        if not self.endpoints.pop(endpoint).hidden:
            self.tombstones.add(endpoint)
            self._later(WEEK, -1, "bury", endpoint)

    # calls ---------------------------------------------------------------------------------

    def _create(self, tag: int, endpoint: str) -> str:
        if self._taken(endpoint):
            return "ALREADY_EXISTS"
        self.endpoints[endpoint] = Endpoint()
        self._later(QUICK, tag, "created", endpoint)
        return self._begin(("create", tag, endpoint))

    def _deploy(self, tag: int, endpoint: str, model: str) -> str:
        if self._taken(endpoint) or model in self.models | self.reserved:
            return "ALREADY_EXISTS"
        self.endpoints[endpoint] = Endpoint()
        self.reserved.add(model)
        self._later(DEPLOY * 0.1, tag, "show", endpoint)
        self._later(DEPLOY * 0.2, tag, "register", model)
        self._later(DEPLOY, tag, "deployed", endpoint, model, "", True)
        return self._begin(("deploy", tag, endpoint, model))

    def _upload(self, tag: int, model: str) -> str:
        if model in self.models | self.reserved:
            return "ALREADY_EXISTS"
        self.reserved.add(model)
        self._later(QUICK, tag, "uploaded", model)
        return self._begin(("upload", tag, "", model))

    def _deploy_model(self, tag: int, endpoint: str, model: str, own: str, traffic: bool) -> str:
        if self._seen(endpoint) is None:
            return "NOT_FOUND"
        if self._busy(endpoint, "delete"):
            return "FAILED_PRECONDITION"
        if model not in self.models:
            return "NOT_FOUND"
        if self._busy(endpoint, "deploy", "deploy_model"):
            return "FAILED_PRECONDITION"
        self._later(DEPLOY, tag, "deployed", endpoint, model, own, traffic)
        return self._begin(("deploy_model", tag, endpoint, model))

    def _undeploy(self, tag: int, endpoint: str, own: str) -> str:
        seen = self._seen(endpoint)
        if seen is None:
            return "NOT_FOUND"
        if self._busy(endpoint, "delete"):
            return "FAILED_PRECONDITION"
        ids = [found for found, _ in seen.deployed]
        if own not in ids:
            return "NOT_FOUND"
        doubled = any(
            c[0] == "undeploy" and c[2:4] == (endpoint, own) for c in self.running.values()
        )
        if doubled or (len(ids) > 1 and seen.traffic.get(own)):
            return "FAILED_PRECONDITION"
        self._later(QUICK, tag, "undeployed", endpoint, own)
        return self._begin(("undeploy", tag, endpoint, own))

    def _delete(self, tag: int, endpoint: str) -> str:
        seen = self._seen(endpoint)
        if seen is None:
            return "NOT_FOUND"
        if seen.deployed or self._busy(endpoint, "deploy", "deploy_model", "delete"):
            return "FAILED_PRECONDITION"
        self._later(QUICK, tag, "deleted", endpoint)
        return self._begin(("delete", tag, endpoint))

    def _delete_model(self, tag: int, model: str) -> str:
        if model not in self.models:
            return "NOT_FOUND"
        if self._deployed_somewhere(model):
            return "FAILED_PRECONDITION"
        self._later(QUICK, tag, "model_deleted", model)
        return self._begin(("delete_model", tag, "", model))

    def _deployed_somewhere(self, model: str) -> bool:
        return any(model == m for e in self.endpoints.values() for _, m in e.deployed)

    def _label(self, _tag: int, endpoint: str, label: str) -> str:
        seen = self._seen(endpoint)
        if seen is None:
            return "NOT_FOUND"
        seen.label = label
        return OK

    def _split(self, _tag: int, endpoint: str, own: str) -> str:
        seen = self._seen(endpoint)
        if seen is None:
            return "NOT_FOUND"
        if own not in [found for found, _ in seen.deployed]:
            return "INVALID_ARGUMENT"
        seen.traffic = {own: 100}
        return OK

    def _cancel(self, _tag: int, target: int) -> str:
        call = self.running.get(target)
        if call is None:
            return OK
        self._end(target, error=1)
        self._undo(call)
        return OK

    def _undo(self, call: Call) -> None:
        if call[0] in ("deploy", "upload"):
            self.reserved.discard(call[3])
        if call[0] == "deploy":
            self.models.discard(call[3])
        if call[0] in ("deploy", "create"):
            self._remove(call[2])

    # effects -------------------------------------------------------------------------------

    def _at_show(self, _tag: int, endpoint: str) -> None:
        self.endpoints[endpoint].hidden = False

    def _at_created(self, tag: int, endpoint: str) -> None:
        self._at_show(tag, endpoint)
        self._end(tag)

    def _at_register(self, _tag: int, model: str) -> None:
        self.reserved.discard(model)
        self.models.add(model)

    def _at_uploaded(self, tag: int, model: str) -> None:
        self._at_register(tag, model)
        self._end(tag)

    def _at_deployed(self, tag: int, endpoint: str, model: str, own: str, traffic: bool) -> None:
        if model not in self.models:
            call = self.running[tag]
            self._end(tag, error=5)
            self._undo(call)
            return
        found = self.endpoints[endpoint]
        found.deployed.append([own, model])
        if traffic:
            found.traffic = {own: 100}
        self._end(tag)

    def _at_undeployed(self, tag: int, endpoint: str, own: str) -> None:
        found = self.endpoints[endpoint]
        found.deployed = [pair for pair in found.deployed if pair[0] != own]
        left = {key: share for key, share in found.traffic.items() if key != own}
        found.traffic = left if any(left.values()) else {}
        self._end(tag)

    def _at_deleted(self, tag: int, endpoint: str) -> None:
        self._end(tag)
        self._remove(endpoint)

    def _at_model_deleted(self, tag: int, model: str) -> None:
        if self._deployed_somewhere(model):
            self._end(tag, error=9)
            return
        self._end(tag)
        self.models.discard(model)

    def _at_bury(self, _tag: int, endpoint: str) -> None:
        self.tombstones.discard(endpoint)

    # what can be seen ----------------------------------------------------------------------

    def snapshot(self) -> dict[str, Any]:
        return {
            "endpoints": {
                name: (e.label, [list(pair) for pair in e.deployed], dict(e.traffic))
                for name, e in self.endpoints.items()
                if not e.hidden
            },
            "models": set(self.models),
            "running": set(self.running),
            "failed": dict(self.failed),
        }

    def learn(self, endpoint: str, ids: list[str]) -> None:
        """Take over the ids that the server chose for deployments nobody named."""
        found = self.endpoints[endpoint]
        for pair, actual in zip(found.deployed, ids, strict=True):
            if not pair[0]:
                pair[0] = actual
                found.traffic = {key or actual: share for key, share in found.traffic.items()}
