"""A given endpoint, and what is deployed on it."""

from __future__ import annotations

from typing import Any

from .inputs import deployment
from .world import World

# A container that takes the question of a smoke test.
ASKABLE = {"containerSpec": {"invokeRoutePrefix": "/*"}}


def onto(name: str, **more: Any) -> dict[str, Any]:
    """Return the inputs of a deployment onto an endpoint."""
    return deployment(endpoint=name, **more)


def seen(world: World, name: str) -> dict[str, Any]:
    endpoint = world.get(name)
    assert endpoint is not None
    return endpoint


def models_of(world: World, name: str) -> dict[str, str]:
    """Return the folder of weights behind each deployed model."""
    found: dict[str, str] = {}
    for deployed in seen(world, name).get("deployedModels", []):
        model = world.get(deployed["model"])
        assert model is not None
        found[deployed["id"]] = model["artifactUri"]
    return found
