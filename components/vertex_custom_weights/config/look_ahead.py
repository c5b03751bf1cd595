"""Announcing many folders of weights, so that they are looked at all at once.

The engine checks one resource after another. What preflight reads for each would add up; announced
beforehand, it is read side by side. Results do not depend on it.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pulumi

from vertex_custom_weights_provider.resources.base import dynamic_package
from vertex_custom_weights_provider.tokens import LOOK_AHEAD

_KEYS = ("weights_uri", "project", "location")


def look_ahead(endpoints: Iterable[Mapping[str, Any]]) -> None:
    """Announce the weights of endpoints that are declared next.

    Worth it from a handful of endpoints on. `stack.declare` does it by itself.

    Args:
        endpoints: Arguments of the endpoints. Those whose `weights_uri` is an output, and those
            that switch preflight off, are passed over.
    """
    defaults = {"project": _default("project"), "location": _default("region")}
    folders = [
        {key: value for key in _KEYS if isinstance(value := {**defaults, **args}.get(key), str)}
        for endpoint in endpoints
        for args in _weights(endpoint)
        if isinstance(args.get("weights_uri"), str) and _looks(args)
    ]
    if folders:
        asyncio.ensure_future(_announce(folders))


def _weights(endpoint: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the arguments once for each folder that they name."""
    yield endpoint
    versions: Mapping[str, Any] = endpoint.get("versions") or {}
    for version in versions.values():
        yield {**endpoint, "weights_uri": version.get("weights_uri")}


def _default(key: str) -> Any:
    return pulumi.Config("gcp").get(key)


def _looks(args: Mapping[str, Any]) -> bool:
    how: Any = args.get("deployment") or {}
    return how.get("preflight") != "off"


async def _announce(folders: list[dict[str, str]]) -> None:
    try:
        await pulumi.runtime.invoke_async(
            LOOK_AHEAD, {"folders": folders}, package_ref=dynamic_package()
        )
    except Exception as nobody:
        # Pulumi's own server of dynamic resources has no functions: each check looks by itself.
        pulumi.log.debug(f"weights are not looked at ahead: {nobody}")
