"""Several versions of the weights behind one endpoint: what they must agree on."""

import re
from collections.abc import Container, Iterator, Mapping
from typing import Any, Optional, cast

from vertex_custom_weights.args import CustomWeightsEndpointArgs
from vertex_custom_weights.parts import replicas
from vertex_custom_weights_provider.catalog.suggest import nearest

from .names import Spell

ONLY = "llm"
"""What the deployment of an endpoint without `versions` is called, as a version would be."""
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?")


def problems(args: Mapping[str, Any], spell: Spell) -> Iterator[str]:
    """Yield what is wrong with `versions`, or with `weights_uri` where there are none."""
    versions, weights = args.get("versions"), spell("weights_uri")
    if versions is None:
        if args.get("weights_uri") is None and not _meant(args):
            yield f"{weights} is missing: the folder of the weights, gs://…"
        return
    if not isinstance(versions, dict):
        return  # said where names are checked
    here, known = spell("versions"), cast("dict[str, Any]", versions)
    if args.get("weights_uri") is not None:
        yield f"{weights} and {here} exclude each other: each version has a {weights}. Remove one."
    if not known:
        yield f"{here} is empty. Name at least one version, or give {weights} instead."
        return
    for name, version in known.items():
        if isinstance(version, dict):
            yield from _version(name, cast("dict[str, Any]", version), f"{here}.{name}", spell)
    yield from _sum(known, here)


def _meant(args: Mapping[str, Any]) -> bool:
    """Tell whether a name that does not exist was meant to be `weights_uri`; it is said there."""
    others = [key for key in args if key not in CustomWeightsEndpointArgs.__annotations__]
    return any(nearest(key, ("weights_uri",)) for key in others)


def clashes(name: str, args: Mapping[str, Any], others: Container[str]) -> Iterator[str]:
    """Yield versions of an endpoint whose deployments would be named as another endpoint's.

    Args:
        name: Of the endpoint.
        args: Its arguments.
        others: Names of all endpoints.
    """
    versions = args.get("versions")
    for version in cast("dict[str, Any]", versions) if isinstance(versions, dict) else ():
        full = f"{name}-{version}"
        twin = full if full in others else full.removesuffix(f"-{ONLY}")
        if twin != name and twin in others:
            yield (
                f"versions.{version}: its deployment would be named as that of endpoint "
                f"{twin}. Rename one of them."
            )


def _version(name: str, version: dict[str, Any], path: str, spell: Spell) -> Iterator[str]:
    if not _NAME.fullmatch(name):
        yield f"{path}: a version is named by up to 32 lowercase letters, digits and hyphens."
    if version.get("weights_uri") is None:
        yield f"{path}.{spell('weights_uri')} is missing: the folder of the weights, gs://…"
    share = version.get("traffic")
    if share is None:
        yield f"{path}.traffic is missing: its percentage of the requests; 0 for none yet."
    elif not _is_share(share):
        yield f"{path}.traffic: {share} is not a percentage. Write a whole number, 0 to 100."
    yield from replicas.problems(version.get("replicas"), f"{path}.{spell('replicas')}", spell)


def _sum(versions: Mapping[str, Any], here: str) -> Iterator[str]:
    shares = {name: _share(version) for name, version in versions.items()}
    total = sum(share or 0 for share in shares.values())
    # What is no percentage has been said; the sum says nothing then.
    if total != 100 and None not in shares.values():
        told = ", ".join(f"{name} {share}" for name, share in shares.items())
        yield f"{here}: traffic sums to {total} ({told}). Shares of the versions sum to 100."


def _share(version: Any) -> Optional[int]:
    share = cast("dict[str, Any]", version).get("traffic") if isinstance(version, dict) else None
    return share if _is_share(share) else None


def _is_share(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 100
