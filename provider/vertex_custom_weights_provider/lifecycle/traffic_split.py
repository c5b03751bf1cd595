"""The life of a `TrafficSplit`: some entries of an endpoint's traffic, under its etag.

There is no object of its own in the cloud. Entries the program does not name belong to others and
are kept; what it names no longer gets nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.cloud import Cloud
from vertex_custom_weights_provider.api.messages import Endpoint, Json
from vertex_custom_weights_provider.lifecycle.contract import Examined, Live, Outputs
from vertex_custom_weights_provider.lifecycle.diff import PropertyChange
from vertex_custom_weights_provider.lifecycle.steps import vertex_objects as objects
from vertex_custom_weights_provider.properties.base import Problem
from vertex_custom_weights_provider.properties.parsing import Parsed, load
from vertex_custom_weights_provider.properties.table import output_names
from vertex_custom_weights_provider.properties.traffic_split import TrafficSplitSpec, TrafficTarget

model = TrafficSplitSpec
Split = dict[str, int]
_SUFFIX = "/trafficSplit"


def examine(
    parsed: Parsed[TrafficSplitSpec], old: Mapping[str, Any], urn: str | None, cloud: Cloud
) -> Examined:
    """Look at the endpoint, when there is one already: will the shares add up?"""
    del urn
    if not parsed.has("endpoint", "traffic"):
        return Examined({})
    try:
        endpoint = cloud.vertex.find(Endpoint, parsed.spec.endpoint)
    except errors.VcwError:
        return Examined({})  # the run itself says what is wrong
    if endpoint is None:
        return Examined({})
    return Examined({}, tuple(_problems(parsed.spec, endpoint, old)))


def _problems(
    spec: TrafficSplitSpec, endpoint: Endpoint, old: Mapping[str, Any]
) -> Iterable[Problem]:
    there = {deployed.id for deployed in endpoint.deployed_models}
    for index, target in enumerate(spec.traffic):
        if target.deployed_model_id not in there:
            yield Problem(
                f"traffic[{index}].deployedModelId",
                f"{target.deployed_model_id} is not deployed on {spec.endpoint}. Deployed are: "
                f"{', '.join(sorted(there)) or 'none'}.",
            )
    formerly = {str(target["deployedModelId"]) for target in old.get("traffic", [])}
    if told := _imbalance(_wanted(spec), _others(endpoint, spec, formerly)):
        yield Problem("traffic", told)


def previewed(inputs: Mapping[str, Any]) -> tuple[Outputs, Iterable[str]]:
    """Return what is known beforehand."""
    endpoint = inputs.get("endpoint")
    known: Outputs = {"endpointName": endpoint} if isinstance(endpoint, str) else {}
    return known, output_names(TrafficSplitSpec)


def ailing(outputs: Outputs) -> PropertyChange | None:
    """Return None: a split has no state of its own."""
    del outputs


def create(spec: TrafficSplitSpec, cloud: Cloud) -> Live[TrafficSplitSpec]:
    """Direct traffic as the program says."""
    _direct(spec, set(), cloud)
    return _live(spec)


def read(
    id: str, spec: TrafficSplitSpec | None, outputs: Outputs, cloud: Cloud
) -> Live[TrafficSplitSpec] | None:
    """Read the shares of the deployments the program names; on import, of all."""
    name = spec.endpoint if spec else id.removesuffix(_SUFFIX)
    endpoint = cloud.vertex.find(Endpoint, name)
    if endpoint is None:
        return None
    split = endpoint.split
    names = {target.deployed_model_id: target.name for target in spec.traffic} if spec else {}
    ids = list(names or split)
    if not ids:
        raise errors.ConfigurationError(f"{name} has no traffic split: nothing is deployed on it.")
    targets = [load(TrafficTarget, _target(key, split.get(key, 0), names.get(key))) for key in ids]
    found = TrafficSplitSpec(endpoint=name, traffic=targets, owner=spec.owner if spec else None)
    return Live(id, found, outputs or {"endpointName": name})


def update(
    id: str, old: TrafficSplitSpec, outputs: Outputs, new: TrafficSplitSpec, cloud: Cloud
) -> Live[TrafficSplitSpec]:
    """Direct traffic as the program says now."""
    del id, outputs
    _direct(new, {target.deployed_model_id for target in old.traffic}, cloud)
    return _live(new)


def delete(id: str, spec: TrafficSplitSpec, outputs: Outputs, cloud: Cloud) -> None:
    """Leave the traffic where it is: it has to go somewhere."""
    del id, outputs
    if cloud.vertex.find(Endpoint, spec.endpoint) is not None:
        cloud.report.info(f"the traffic of {spec.endpoint} stays as it is")


def _direct(spec: TrafficSplitSpec, formerly: set[str], cloud: Cloud) -> None:
    first: list[Split] = []

    def change(endpoint: Endpoint) -> Mapping[str, Any]:
        others, wanted = _others(endpoint, spec, formerly), _wanted(spec)
        ours = {key: share for key, share in endpoint.split.items() if key not in others}
        first.append(ours)
        if told := _imbalance(wanted, others):
            raise errors.ConfigurationError(f"traffic {told}")
        if ours not in (first[0], _positive(wanted)):
            raise errors.ConfigurationError(_contested(spec.endpoint, ours))
        split = _positive({**others, **wanted})
        return {} if split == endpoint.split else {"trafficSplit": split}

    objects.patch(cloud, Endpoint, spec.endpoint, change)


def _positive(split: Split) -> Split:
    return {key: share for key, share in split.items() if share}


def _contested(name: str, now: Split) -> str:
    """Say that somebody else directs the same deployments at the same time."""
    told = ", ".join(f"{key} has {share}" for key, share in now.items()) or "they have none"
    return (
        f"traffic of the same deployments on {name} was moved by somebody else at this moment "
        f"({told}). Nothing was overwritten. Direct each deployment from one stack, and run again."
    )


def _imbalance(wanted: Split, others: Split) -> str:
    """Say why the shares do not sum to 100; empty when they do."""
    total = sum(wanted.values()) + sum(others.values())
    if total == 100:
        return ""
    if not others:
        return f"sums to {sum(wanted.values())}. The shares of an endpoint sum to 100."
    told = ", ".join(f"{key} has {share}" for key, share in others.items())
    return (
        f"sums to {total} with what others hold ({told}). The shares of an endpoint sum to 100: "
        "name these deployments too, or leave them what they have."
    )


def _others(endpoint: Endpoint, spec: TrafficSplitSpec, formerly: set[str]) -> Split:
    ours = formerly.union(_wanted(spec))
    return {key: share for key, share in endpoint.split.items() if key not in ours}


def _wanted(spec: TrafficSplitSpec) -> Split:
    return {target.deployed_model_id: target.percent for target in spec.traffic}


def _target(id: str, share: int, name: str | None) -> Json:
    return {"deployedModelId": id, "percent": share, "name": name}


def _live(spec: TrafficSplitSpec) -> Live[TrafficSplitSpec]:
    return Live(f"{spec.endpoint}{_SUFFIX}", spec, {"endpointName": spec.endpoint})
