"""A client that asks an endpoint after every call of the provider, as users of it would."""

from __future__ import annotations

from typing import Any

from .world import World

BODY = {"messages": [{"role": "user", "content": "hello"}]}


class Caller:
    """Asks at one address all the while; each answer is True when the model answered."""

    def __init__(self, world: World, host: str, endpoint: str) -> None:
        scheme = "https" if host.endswith(".goog") else "http"
        self._world = world
        self._url = f"{scheme}://{host}/v1beta1/{endpoint}/chat/completions"
        self.answers: list[bool] = []
        world.wire.beside = self.ask

    def ask(self) -> bool:
        answered = self._world.call("POST", self._url, BODY).status_code == 200
        self.answers.append(answered)
        return answered

    def heard(self) -> bool:
        """Tell whether every question so far was answered."""
        return all(self.answers)

    def leave(self) -> None:
        self._world.wire.beside = lambda: None


def caller_of(world: World, outs: dict[str, Any]) -> Caller | None:
    """Return a caller of a resource's outputs, by the address they give; None without one."""
    if outs.get("ipAddress") and "forwardingRuleName" in outs:
        return Caller(world, outs["ipAddress"], serving(world, outs))
    if outs.get("deployedModelId") and outs.get("dedicatedEndpointDns"):
        return Caller(world, outs["dedicatedEndpointDns"], outs["endpointName"])
    return None


def serving(world: World, outs: dict[str, Any]) -> str:
    """Return the endpoint behind a rule: the one whose attachment it leads to."""
    rule = world.get(outs["forwardingRuleName"])
    assert rule is not None
    for name in world.admin("GET", "state")["resources"]["endpoints"]:
        endpoint = world.get(name)
        assert endpoint is not None
        for deployed in endpoint.get("deployedModels", []):
            attachment = deployed.get("privateEndpoints", {}).get("serviceAttachment")
            if attachment and rule["target"].endswith(attachment):
                return name
    raise AssertionError(rule["target"])
