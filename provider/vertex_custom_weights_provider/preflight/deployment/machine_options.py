"""C2 and C3, and which machines would do: tensor parallelism, memory, price."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from vertex_custom_weights_provider import catalog
from vertex_custom_weights_provider.preflight import rules
from vertex_custom_weights_provider.preflight.findings import (
    ACCELERATOR_COUNT,
    ACCELERATOR_TYPE,
    MACHINE_TYPE,
    Finding,
    error,
    some,
    warn,
)
from vertex_custom_weights_provider.preflight.request import Request

from .memory import BORDERLINE, Footprint, budget_gib, swap_fits

_COUNTS = (1, 2, 4, 8, 16)
# A model is read through host memory; less than its size plus this has not been seen to work.
_HOST_SPARE_GB = 8


class MachineOption(msgspec.Struct, frozen=True):
    """A machine on which the model should run.

    Attributes:
        usd_per_hour: Of one replica's machine; None when no price is known.
        need_gib: Memory needed on each accelerator.
        budget_gib: Memory that may be planned with on each.
        borderline: Within five percent of the limit.
        offered: The region offers the accelerator; None without a region that exists.
    """

    machine_type: str
    accelerator_type: str
    accelerator_count: int
    usd_per_hour: float | None
    price_confidence: str
    need_gib: float
    budget_gib: float
    borderline: bool
    offered: bool | None

    @property
    def headroom_gib(self) -> float:
        """Memory left on each accelerator."""
        return self.budget_gib - self.need_gib


def fits(footprint: Footprint, accelerator: catalog.Accelerator, count: int) -> bool:
    """Whether a replica with `count` accelerators can start."""
    if not footprint.runs_on(accelerator) or not footprint.splits_into(count):
        return False
    return footprint.need_gib(count) <= budget_gib(accelerator)


def machine_options(footprint: Footprint, location: str | None) -> tuple[MachineOption, ...]:
    """Return every machine that fits, the cheapest first and unknown prices last."""
    found: list[MachineOption] = []
    for machine in catalog.machines():
        if machine.accelerator is None or machine.min_replicas > 1:
            continue
        accelerator = catalog.accelerator(machine.accelerator)
        for count in _sensible_counts(machine):
            if fits(footprint, accelerator, count) and _host_holds(machine, footprint, count):
                found.append(_option(machine, accelerator, count, footprint, location))
    return tuple(sorted(found, key=_by_price))


def _sensible_counts(machine: catalog.Machine) -> Iterator[int]:
    """Yield all accelerators of a machine, and fewer only where no smaller machine is sold."""
    sold = {row.count for row in catalog.machines() if row.accelerator == machine.accelerator}
    for count in _COUNTS:
        if count == machine.count or (count < machine.count and count not in sold):
            yield count


def _host_holds(machine: catalog.Machine, footprint: Footprint, count: int) -> bool:
    share = (machine.memory_gb or 0) * count / machine.count
    enough = share >= footprint.weight_bytes / 1e9 + _HOST_SPARE_GB
    return enough and swap_fits(machine, machine.count)


def _option(
    machine: catalog.Machine,
    accelerator: catalog.Accelerator,
    count: int,
    footprint: Footprint,
    location: str | None,
) -> MachineOption:
    need, budget = footprint.need_gib(count), budget_gib(accelerator)
    return MachineOption(
        machine_type=machine.id,
        accelerator_type=accelerator.id,
        accelerator_count=count,
        usd_per_hour=machine.usd_for(1, count),
        price_confidence=machine.price_confidence,
        need_gib=round(need, 1),
        budget_gib=round(budget, 1),
        borderline=need > BORDERLINE * budget,
        offered=location in accelerator.default_quota if _is_region(location) else None,
    )


def _is_region(location: str | None) -> bool:
    return any(row.id == location for row in catalog.regions())


def _by_price(option: MachineOption) -> tuple[bool, bool, float, str, int]:
    price = option.usd_per_hour
    unavailable = option.offered is False
    return (unavailable, price is None, price or 0.0, option.machine_type, option.accelerator_count)


def check_fit(
    footprint: Footprint,
    request: Request,
    options: Sequence[MachineOption],
    rows: Sequence[catalog.Model],
) -> Iterator[Finding]:
    """Check the requested accelerators against the model."""
    kind, count = request.accelerator_type, request.accelerator_count
    known = {row.id: row for row in catalog.accelerators()}
    if kind not in known or count is None or count < 1:
        return
    if not footprint.splits_into(count):
        yield _unsplittable(footprint, count, rows)
    if not footprint.runs_on(known[kind]):
        yield warn(
            rules.C1,
            f"{kind} does not compute in {footprint.dtype}, which the model is stored in. Choose "
            "an L4 or newer.",
            ACCELERATOR_TYPE,
        )
    yield from _memory(footprint, known[kind], count, options)
    yield from _swap(request, options)


def _swap(request: Request, options: Sequence[MachineOption]) -> Iterator[Finding]:
    machine = next((m for m in catalog.machines() if m.id == request.machine_type), None)
    count = request.accelerator_count or 0
    if machine and 0 < count <= machine.count and not swap_fits(machine, count):
        instead = some(
            (o.machine_type for o in options if o.accelerator_type == machine.accelerator), 2
        )
        yield warn(
            rules.C3,
            f"{machine.id} has {machine.memory_gb} GB of memory, and the containers of Google's "
            "notebooks ask for 16 GiB of swap space for each accelerator: vLLM refuses to start "
            f"when that is more than 70% of it. Choose {instead or 'a larger machine'}.",
            MACHINE_TYPE,
        )


def _unsplittable(footprint: Footprint, count: int, rows: Sequence[catalog.Model]) -> Finding:
    valid = [str(n) for n in _COUNTS if footprint.splits_into(n)]
    # Rows that Google serves with another container than vLLM are not bound by vLLM's rule.
    elsewhere = any("SGLang" in spec for row in rows for spec in row.published_specs)
    make = warn if elsewhere else error
    return make(
        rules.C2,
        f"{footprint.heads} attention and {footprint.kv_heads} key-value heads cannot be split "
        f"over {count} accelerators; vLLM refuses to start. Use {some(valid, 5)}.",
        ACCELERATOR_COUNT,
    )


def _memory(
    footprint: Footprint,
    accelerator: catalog.Accelerator,
    count: int,
    options: Sequence[MachineOption],
) -> Iterator[Finding]:
    need, budget = footprint.need_gib(count), budget_gib(accelerator)
    if need <= BORDERLINE * budget:
        return
    least = footprint.least_gib(count)
    make = error if least > accelerator.usable_gib else warn
    instead = some(
        (f"{o.machine_type} with {o.accelerator_count} {o.accelerator_type}" for o in options), 2
    )
    advice = f" Choose {instead}." if instead else " No single machine of the catalog holds it."
    if make is error:
        message = (
            f"The model does not fit: {least:.1f} GiB of weights and cache on each of {count} "
            f"{accelerator.id}, which has {accelerator.usable_gib:.1f} GiB.{advice}"
        )
    else:
        how = "may not fit" if need > budget else "barely fits"
        message = (
            f"The model {how}: {need:.1f} GiB of weights, cache and estimated overhead on each of "
            f"{count} {accelerator.id}, which leaves {budget:.1f} GiB (90% of usable).{advice}"
        )
    yield make(rules.C3, message, MACHINE_TYPE)
