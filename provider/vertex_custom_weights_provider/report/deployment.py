"""What a deployment asks for: weights, machine, replicas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vertex_custom_weights_provider import catalog
from vertex_custom_weights_provider.report.prices import Price, price_of
from vertex_custom_weights_provider.report.reading.preview import State, bag, text


@dataclass(frozen=True)
class QuotaKey:
    """A quota, and where it counts."""

    metric: str
    accelerator: str
    region: str
    project: str
    spot: bool


@dataclass(frozen=True)
class Serving:
    """A deployment as its inputs describe it; what is not known yet is empty or None.

    Attributes:
        weights: Folder of the weights.
        fingerprint: Digest of the bytes that serving reads.
        least: Replicas that always run.
        most: Replicas it may grow to.
        preflight: What findings do: enforce, warn or off.
    """

    weights: str = ""
    fingerprint: str = ""
    machine: str = ""
    accelerator: str = ""
    count: int | None = None
    least: int = 1
    most: int = 1
    spot: bool = False
    region: str = ""
    project: str = ""
    preflight: str = "enforce"

    @property
    def price(self) -> Price:
        """What it costs an hour."""
        return price_of(self.machine, self.count, self.least, self.most)

    @property
    def quota(self) -> tuple[QuotaKey, int] | None:
        """What it draws from quota: accelerators of all replicas it may grow to."""
        known = {row.id: row for row in catalog.accelerators()}
        row = known.get(self.accelerator)
        if row is None or not self.count:
            return None
        metric = row.spot_quota_metric if self.spot else row.quota_metric
        key = QuotaKey(metric, row.id, self.region, self.project, self.spot)
        return key, self.most * self.count

    @property
    def hardware(self) -> str:
        """Machine and accelerators, for people."""
        if not self.machine:
            return "machine chosen by Vertex AI"
        carried = f", {self.count} × {self.accelerator}" if self.accelerator else ""
        return f"{self.machine}{carried}{', Spot' if self.spot else ''}"

    @property
    def replicas(self) -> str:
        """Number of replicas, for people."""
        if self.least == self.most:
            return f"{self.most} replica" + ("" if self.most == 1 else "s")
        return f"{self.least} to {self.most} replicas"


def serving(state: State | None) -> Serving | None:
    """Read a deployment; None of None."""
    if state is None:
        return None
    inputs = state.inputs or state.outputs
    resources = bag(inputs.get("dedicatedResources"))
    machine = bag(resources.get("machineSpec"))
    least = _count(resources.get("minReplicaCount"))
    low = 1 if least is None else least
    return Serving(
        weights=text(inputs.get("gcsUri")),
        fingerprint=text(inputs.get("weightsFingerprint")),
        machine=text(machine.get("machineType")),
        accelerator=text(machine.get("acceleratorType")),
        count=_count(machine.get("acceleratorCount")),
        least=low,
        most=max(_count(resources.get("maxReplicaCount")) or 0, low, 1),
        spot=resources.get("spot") is True,
        region=text(inputs.get("location")),
        project=text(inputs.get("project")),
        preflight=text(inputs.get("preflight")) or "enforce",
    )


def _count(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
