"""C4 and C5: quota and price, in the region asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from vertex_custom_weights_provider import catalog
from vertex_custom_weights_provider.preflight import rules
from vertex_custom_weights_provider.preflight.findings import (
    LOCATION,
    MACHINE_TYPE,
    MAX_REPLICAS,
    Finding,
    info,
    some,
    warn,
)
from vertex_custom_weights_provider.preflight.request import Request


class QuotaState(msgspec.Struct, frozen=True):
    """What the project may use, and uses, in a region; None where that is unknown."""

    limit: int | None = None
    usage: int | None = None


Quota = Callable[[str, str], QuotaState | None]


class QuotaNeed(msgspec.Struct, frozen=True):
    """What a deployment draws from quota: accelerators of all replicas it may grow to."""

    metric: str
    quota_id: str | None
    region: str | None
    needed: int
    spot: bool
    default: int | None
    limit: int | None = None
    usage: int | None = None


class Cost(msgspec.Struct, frozen=True):
    """What a deployment costs an hour, in US dollars: at fewest and at most replicas.

    Attributes:
        spot: The prices are those of on-demand capacity, and Spot costs less.
    """

    floor_usd_per_hour: float
    ceiling_usd_per_hour: float
    confidence: str
    region: str
    date: str
    spot: bool


def _accelerator(request: Request) -> catalog.Accelerator | None:
    known = {row.id: row for row in catalog.accelerators()}
    return known.get(request.accelerator_type or "")


def quota_need(request: Request, quota: Quota | None) -> QuotaNeed | None:
    """Return what the request draws from quota; None when it names no accelerator."""
    accelerator = _accelerator(request)
    if accelerator is None or not request.accelerator_count:
        return None
    region = request.location
    state = quota(accelerator.id, region) if quota and region else None
    return QuotaNeed(
        metric=accelerator.spot_quota_metric if request.spot else accelerator.quota_metric,
        quota_id=None if request.spot else accelerator.quota_id,
        region=region,
        needed=request.max_replicas * request.accelerator_count,
        spot=request.spot,
        # Spot has a quota of its own, whose defaults are not published.
        default=None if request.spot or not region else accelerator.default_quota.get(region),
        limit=state.limit if state else None,
        usage=state.usage if state else None,
    )


def check_place(request: Request, need: QuotaNeed | None) -> Iterator[Finding]:
    """Check that the region offers the accelerator, and enough of it."""
    accelerator = _accelerator(request)
    regions = {row.id for row in catalog.regions()}
    if accelerator is None or need is None or need.region not in regions:
        return
    if need.limit is not None:
        yield from _against_limit(need, accelerator)
    elif need.region not in accelerator.default_quota:
        offered = some(sorted(accelerator.default_quota), 6)
        yield warn(
            rules.C4,
            f"{accelerator.id} is not offered for serving in {need.region} (quotas page, catalog "
            f"{catalog.models_date()}). Set location to one of: {offered}.",
            LOCATION,
        )
    elif need.default is not None and need.needed > need.default:
        yield warn(
            rules.C4,
            f"Needs {need.needed} {accelerator.id} in {need.region} (max replicas x accelerators); "
            f"projects start with {need.default}. Your limit is unknown: check {need.metric}.",
            MAX_REPLICAS,
        )


def _against_limit(need: QuotaNeed, accelerator: catalog.Accelerator) -> Iterator[Finding]:
    limit, used = need.limit or 0, need.usage or 0
    if need.needed > limit:
        yield warn(
            rules.C4,
            f"Needs {need.needed} {accelerator.id} in {need.region}, and the limit of "
            f"{need.metric} is {limit}. Request quota, or lower maxReplicaCount.",
            MAX_REPLICAS,
        )
    elif need.needed > limit - used:
        yield warn(
            rules.C4,
            f"Needs {need.needed} {accelerator.id} in {need.region}; {used} of {limit} are in use "
            f"({need.metric}). Free some, or request quota.",
            MAX_REPLICAS,
        )


def cost(request: Request) -> Cost | None:
    """Return the price of the request; None without a machine or a known price."""
    try:
        machine = catalog.machine(request.machine_type or "")
    except catalog.UnknownMachineError:
        return None
    floor = machine.usd_for(request.min_replicas, request.accelerator_count)
    ceiling = machine.usd_for(max(request.max_replicas, 1), request.accelerator_count)
    if floor is None or ceiling is None:
        return None
    return Cost(
        floor_usd_per_hour=round(floor, 2),
        ceiling_usd_per_hour=round(max(floor, ceiling), 2),
        confidence=machine.price_confidence,
        region=catalog.price_region(),
        date=catalog.prices_date(),
        spot=request.spot,
    )


_KINDS = {"sourced": "list price", "uncertain": "rough estimate"}


def cost_findings(price: Cost | None) -> Iterator[Finding]:
    """Say the price (C5)."""
    if price is None:
        return
    kind = _KINDS.get(price.confidence, "estimate")
    low, high = price.floor_usd_per_hour, price.ceiling_usd_per_hour
    span = f"{low:.2f}" if low == high else f"{low:.2f} to {high:.2f}"
    when = "used or not" if low else "nothing while scaled to zero"
    spot = "; Spot costs less" if price.spot else ""
    yield info(
        rules.C5,
        f"About {span} USD an hour, {when} ({kind} for {price.region}, {price.date}{spot}).",
        MACHINE_TYPE,
    )
