"""Accelerator quotas that are counted: what a location's deployments hold, and what one more needs.

As with the real quotas, the most replicas a deployment may grow to count, and spot and flex-start
accelerators are charged elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, cast

from vertex_custom_weights_provider.emulator.aiplatform import endpoint_record
from vertex_custom_weights_provider.emulator.envelope import Json
from vertex_custom_weights_provider.emulator.names import canonical
from vertex_custom_weights_provider.emulator.operations import operations
from vertex_custom_weights_provider.emulator.state.transaction import Transaction

ANY = "*"


def exceeded(
    tx: Transaction, location: str, body: Json, limits: Mapping[str, int]
) -> tuple[str, int] | None:
    """Return the accelerator a deployment lacks quota for and its limit, or None.

    `limits` holds a number per accelerator type; `*` is the limit of those it does not name.
    """
    needed = _charge(_requested(body))
    held = _held(tx, canonical(location))
    for accelerator, count in needed.items():
        limit = limits.get(accelerator, limits.get(ANY))
        if limit is not None and held[accelerator] + count > limit:
            return accelerator, limit
    return None


def _requested(body: Json) -> Json:
    holder: Json = body.get("deployConfig") or body.get("deployedModel") or {}
    return holder.get("dedicatedResources", {})


def _held(tx: Transaction, location: str) -> Counter[str]:
    """What deployed and being-deployed models of a location are charged with."""
    held: Counter[str] = Counter()
    for _, record in tx.page(endpoint_record.KIND, location):
        for model in record["resource"].get("deployedModels", []):
            held.update(_charge(model.get("dedicatedResources", {})))
    for body in tx.find(operations.KIND, "done", "false"):
        deployed = body["payload"].get("deployed")
        if isinstance(deployed, dict) and body["name"].startswith(f"{location}/"):
            held.update(_charge(cast("Json", deployed).get("dedicatedResources", {})))
    return held


def _charge(resources: Mapping[str, Any]) -> Counter[str]:
    machine = resources.get("machineSpec", {})
    accelerator = machine.get("acceleratorType")
    if not accelerator or resources.get("spot") or "flexStart" in resources:
        return Counter()
    replicas = max(resources.get("maxReplicaCount", 0), resources.get("minReplicaCount", 0), 1)
    return Counter({accelerator: replicas * machine.get("acceleratorCount", 1)})
