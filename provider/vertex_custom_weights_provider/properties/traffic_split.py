"""`TrafficSplit`: how an endpoint shares its requests among the models deployed on it."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from vertex_custom_weights_provider.properties.adopt import AdoptSplit
from vertex_custom_weights_provider.properties.base import (
    IN_PLACE,
    Problem,
    Rule,
    Spec,
    Wrong,
    replaces,
)
from vertex_custom_weights_provider.properties.common import OwnerField, endpoint_name
from vertex_custom_weights_provider.properties.values import Percent


class TrafficTarget(Spec, frozen=True, kw_only=True):
    """One entry of `Endpoint.trafficSplit`."""

    deployed_model_id: Annotated[str, Meta(description="Id of a deployment on the endpoint.")]
    percent: Annotated[Percent, Meta(description="Its share of the requests, 0 to 100.")]
    name: Annotated[
        str | None, Meta(description="What previews call it; Google does not learn of it.")
    ] = None


def _adds_up(targets: list[TrafficTarget]) -> list[TrafficTarget]:
    ids = [target.deployed_model_id for target in targets]
    doubled = next((id for id in ids if ids.count(id) > 1), None)
    if doubled is not None:
        raise Wrong(Problem("", f"names deployment {doubled} twice. Keep one of the entries."))
    total = sum(target.percent for target in targets)
    if total > 100:
        raise Wrong(
            Problem("", f"sums to {total}. The shares of an endpoint sum to 100; lower some.")
        )
    return targets


class TrafficSplitSpec(Spec, frozen=True, kw_only=True):
    """Inputs of `TrafficSplit`; mirrors `Endpoint.trafficSplit` of the API."""

    outputs: ClassVar[dict[str, str]] = {
        "endpointName": "Full resource name of the endpoint.",
    }

    endpoint: Annotated[
        str,
        Rule(endpoint_name),
        Meta(description="Full resource name of the endpoint."),
        replaces("a split belongs to one endpoint"),
    ]
    traffic: Annotated[
        Annotated[list[TrafficTarget], Meta(min_length=1)],
        Rule(_adds_up),
        Meta(
            description="Shares of the deployments that this program directs. Shares of others "
            "stay as they are; with them, the sum is 100.",
        ),
        IN_PLACE,
    ]
    adopt: AdoptSplit = None
    owner: OwnerField = None
