"""`TrafficSplit`: how an endpoint shares its requests among the models deployed on it."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from vertex_custom_weights_provider.spec.adoption import AdoptSplit
from vertex_custom_weights_provider.spec.base import IN_PLACE, Spec, replaces, wrong
from vertex_custom_weights_provider.spec.common import OwnerField, endpoint_name


class TrafficTarget(Spec):
    """One entry of `Endpoint.trafficSplit`."""

    deployed_model_id: str = Field(description="Id of a deployment on the endpoint.")
    percent: int = Field(ge=0, le=100, description="Its share of the requests, 0 to 100.")
    name: str | None = Field(
        default=None, description="What previews call it; Google does not learn of it."
    )


def _adds_up(targets: list[TrafficTarget]) -> list[TrafficTarget]:
    ids = [target.deployed_model_id for target in targets]
    doubled = next((id for id in ids if ids.count(id) > 1), None)
    if doubled is not None:
        raise wrong("", f"names deployment {doubled} twice. Keep one of the entries.")
    total = sum(target.percent for target in targets)
    if total > 100:
        raise wrong("", f"sums to {total}. The shares of an endpoint sum to 100; lower some.")
    return targets


class TrafficSplitSpec(Spec):
    """Inputs of `TrafficSplit`; mirrors `Endpoint.trafficSplit` of the API."""

    outputs: ClassVar[dict[str, str]] = {
        "endpointName": "Full resource name of the endpoint.",
    }

    endpoint: Annotated[
        str,
        AfterValidator(endpoint_name),
        Field(description="Full resource name of the endpoint."),
        replaces("a split belongs to one endpoint"),
    ]
    traffic: Annotated[
        list[TrafficTarget],
        AfterValidator(_adds_up),
        Field(
            min_length=1,
            description="Shares of the deployments that this program directs. Shares of others "
            "stay as they are; with them, the sum is 100.",
        ),
        IN_PLACE,
    ]
    adopt: AdoptSplit = None
    owner: OwnerField = None
