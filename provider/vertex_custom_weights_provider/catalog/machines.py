"""Machine types for serving: which accelerators they carry, and what an hour costs.

Prices are estimates in us-central1 with a date, a confidence and a source for each; the service
bills every replica for every hour it is deployed, idle or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec

from ._data import load
from .suggest import hint


class UnknownMachineError(LookupError):
    """Not a machine type of the catalog."""


class Machine(msgspec.Struct, frozen=True):
    """One machine type.

    Attributes:
        id: Its name, such as `g2-standard-12`.
        accelerator: GPU that is built in, as the API's enum name.
        count: GPUs or TPU chips on the machine.
        attachable: For general-purpose machines: valid counts of each GPU one may attach.
        tpu: TPU generation, if it is a TPU machine.
        hbm_gb_per_chip: Memory of a TPU chip.
        min_replicas: Smallest deployment that is sold.
        usd_per_hour: Of the whole machine; None when no price is known.
        price_confidence: sourced, derived, estimate, uncertain or unknown.
        price_source: Where the price comes from.
    """

    id: str
    accelerator: str | None = None
    count: int = 0
    attachable: Mapping[str, tuple[int, ...]] | None = None
    tpu: str | None = None
    hbm_gb_per_chip: int | None = None
    vcpus: int | None = None
    memory_gb: int | None = None
    min_replicas: int = 1
    usd_per_hour: float | None = None
    price_confidence: str = "unknown"
    price_source: str = ""
    note: str | None = None

    def counts(self, accelerator: str) -> tuple[int, ...]:
        """Return the valid `acceleratorCount` values for an accelerator, none when it has none.

        Accelerator-optimised machines take any count up to what is built in: half or less puts
        several replicas on one machine.
        """
        if self.accelerator == accelerator:
            return tuple(range(1, self.count + 1))
        return (self.attachable or {}).get(accelerator, ())

    def usd_for(self, replicas: int, count: int | None) -> float | None:
        """Return the price of an hour of `replicas`, each with `count` accelerators.

        Replicas that use half of a machine or less share machines; whole machines are billed.
        """
        if self.usd_per_hour is None:
            return None
        shared = max(self.count // count, 1) if count and self.accelerator else 1
        return self.usd_per_hour * -(-replicas // shared)


def _machine(row: Mapping[str, Any]) -> Machine:
    sources = load("machines")["price_sources"]
    attachable = row.get("attachable")
    fields: dict[str, Any] = {
        **row,
        "price_source": sources[row["price_source"]],
        "attachable": {k: tuple(v) for k, v in attachable.items()} if attachable else None,
    }
    return Machine(**fields)


@cache
def machines() -> tuple[Machine, ...]:
    """Return all machine types."""
    return tuple(_machine(row) for row in load("machines")["machines"])


def prices_date() -> str:
    """Return the date of the prices, ISO 8601."""
    return load("machines")["date"]


def price_region() -> str:
    """Return the region the prices are for."""
    return load("machines")["price_region"]


@cache
def _by_id() -> Mapping[str, Machine]:
    return {row.id: row for row in machines()}


def machine(name: str) -> Machine:
    """Return one machine type.

    Raises:
        UnknownMachineError: with what may have been meant.
    """
    row = _by_id().get(name)
    if row is None:
        known = hint(name, _by_id(), "vcw catalog machines")
        message = f"{name!r} is not a machine type of the catalog. {known}"
        raise UnknownMachineError(message)
    return row
