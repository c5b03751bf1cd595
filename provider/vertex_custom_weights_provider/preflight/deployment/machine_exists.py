"""C1: is the machine specification one that exists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vertex_custom_weights_provider import catalog
from vertex_custom_weights_provider.preflight import rules
from vertex_custom_weights_provider.preflight.findings import (
    ACCELERATOR_COUNT,
    ACCELERATOR_TYPE,
    LOCATION,
    MACHINE_TYPE,
    MIN_REPLICAS,
    Finding,
    error,
    some,
)
from vertex_custom_weights_provider.preflight.request import Request


def _source() -> str:
    return f"catalog {catalog.prices_date()}"


def check_machine(request: Request) -> Iterator[Finding]:
    """Check machine type, accelerator and count for themselves and together."""
    yield from _region(request)
    kind = request.accelerator_type
    if kind is not None and kind not in catalog.accelerator_names():
        known = (row.id for row in catalog.accelerators())
        named = catalog.hint(kind, known, "vcw catalog machines")
        yield error(rules.C1, f"{kind!r} is not an accelerator type. {named}", ACCELERATOR_TYPE)
        kind = None
    if request.machine_type is None:
        yield from _without_machine(request)
        return
    try:
        machine = catalog.machine(request.machine_type)
    except catalog.UnknownMachineError as unknown:
        yield error(rules.C1, str(unknown), MACHINE_TYPE)
        return
    if machine.tpu:
        yield from _tpu(machine, request)
    else:
        yield from _gpu(machine, request, kind)
    # Zero is for scaling to zero, which the specification of replicas asks for.
    if max(request.min_replicas, 1) < machine.min_replicas:
        yield error(
            rules.C1,
            f"{machine.id} is deployed with at least {machine.min_replicas} replicas "
            f"({_source()}). Set minReplicaCount to {machine.min_replicas}.",
            MIN_REPLICAS,
        )


def _region(request: Request) -> Iterator[Finding]:
    if request.location is not None:
        try:
            catalog.region(request.location)
        except catalog.UnknownRegionError as unknown:
            yield error(rules.C1, str(unknown), LOCATION)


def _without_machine(request: Request) -> Iterator[Finding]:
    given = {
        ACCELERATOR_TYPE: request.accelerator_type,
        ACCELERATOR_COUNT: request.accelerator_count,
    }
    named = [path.rpartition(".")[2] for path, value in given.items() if value is not None]
    if named:
        yield error(
            rules.C1,
            f"{' and '.join(named)} without machineType: give machine type, accelerator type and "
            "count together, or none and let the service choose.",
            MACHINE_TYPE,
        )


def _tpu(machine: catalog.Machine, request: Request) -> Iterator[Finding]:
    if request.accelerator_type is not None or request.accelerator_count is not None:
        path = ACCELERATOR_TYPE if request.accelerator_type is not None else ACCELERATOR_COUNT
        yield error(
            rules.C1,
            f"{machine.id} is a TPU machine and takes neither acceleratorType nor "
            "acceleratorCount. Leave them out.",
            path,
        )


def _gpu(machine: catalog.Machine, request: Request, kind: str | None) -> Iterator[Finding]:
    choices = [machine.accelerator] if machine.accelerator else sorted(machine.attachable or ())
    if request.accelerator_type is None:
        yield error(
            rules.C1,
            f"machineType {machine.id} without acceleratorType: give machine type, accelerator "
            f"type and count together, or none. It carries {some(choices, 4)}.",
            ACCELERATOR_TYPE,
        )
    if request.accelerator_count is None:
        counts = f"1 to {machine.count}" if machine.accelerator else "1, 2 or 4"
        yield error(
            rules.C1,
            f"machineType {machine.id} without acceleratorCount: give all three together, or "
            f"none. It takes {counts}.",
            ACCELERATOR_COUNT,
        )
    if kind is not None and kind not in choices:
        yield error(rules.C1, _wrong_accelerator(machine, kind, choices), ACCELERATOR_TYPE)
    elif kind is not None and request.accelerator_count is not None:
        yield from _count(machine, kind, request.accelerator_count)


def _wrong_accelerator(machine: catalog.Machine, kind: str, choices: Sequence[str]) -> str:
    carriers = [row.id for row in catalog.machines() if row.accelerator == kind]
    instead = f", or choose {some(carriers)} for {kind}" if carriers else ""
    carried = some(choices, 4)
    return (
        f"{kind} does not go with {machine.id}, which carries {carried} ({_source()}). "
        f"Set {choices[0]}{instead}."
    )


def _count(machine: catalog.Machine, kind: str, count: int) -> Iterator[Finding]:
    valid = machine.counts(kind)
    if count not in valid:
        upto = f"1 to {max(valid)}" if max(valid) > 1 else "1"
        listed = upto if machine.accelerator else some(map(str, valid), 5)
        fitting = [
            row.id for row in catalog.machines() if row.accelerator == kind and row.count == count
        ]
        instead = f", or choose {some(fitting)} for {count}" if fitting else ""
        yield error(
            rules.C1,
            f"{count} does not fit {machine.id}, which takes {listed} {kind} "
            f"({_source()}). Correct it{instead}.",
            ACCELERATOR_COUNT,
        )
