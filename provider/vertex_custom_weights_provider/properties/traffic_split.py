"""`TrafficSplit`: how an endpoint shares its requests among the models deployed on it."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from vertex_custom_weights_provider.properties.adopt import AdoptSplit
from vertex_custom_weights_provider.properties.base import (
    IN_PLACE,
    Outputs,
    Problem,
    Rule,
    Spec,
    Wrong,
    replaces,
    says,
)
from vertex_custom_weights_provider.properties.common import OwnerField, endpoint_name
from vertex_custom_weights_provider.properties.values import Percent


class TrafficTarget(Spec, frozen=True, kw_only=True):
    """One entry of `Endpoint.trafficSplit`."""

    deployed_model_id: Annotated[str, says("Id of a deployment on the endpoint.")]
    percent: Annotated[Percent, says("Its share of the requests, 0 to 100.", unit="percent")]
    name: Annotated[str | None, says("What previews call it; Google does not learn of it.")] = None


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


class TrafficSplitOutputs(Outputs, frozen=True, kw_only=True):
    """Outputs of `TrafficSplit`."""

    endpoint_name: Annotated[str, says("Full resource name of the endpoint.")]


class TrafficSplitSpec(Spec, frozen=True, kw_only=True):
    """Shares of an endpoint's requests. Mirrors `Endpoint.trafficSplit` of the API.

    Shares of deployments that are not named stay as they are; all shares of an endpoint sum to 100.
    Changes take place under the endpoint's etag, so two programs do not overwrite each other.
    Removing the resource leaves the traffic where it is.
    """

    outputs: ClassVar[type[Outputs]] = TrafficSplitOutputs

    endpoint: Annotated[
        str,
        says("Full resource name of the endpoint: `endpointName` of what made it."),
        Rule(endpoint_name),
        replaces("a split belongs to one endpoint"),
    ]
    traffic: Annotated[
        Annotated[list[TrafficTarget], Meta(min_length=1)],
        says(
            "Shares of the deployments that this program directs. Shares of others "
            "stay as they are; with them, the sum is 100: two splits of one "
            "endpoint trade shares in two updates, of which the first lowers one."
        ),
        Rule(_adds_up),
        IN_PLACE,
    ]
    adopt: AdoptSplit = None
    owner: OwnerField = None
