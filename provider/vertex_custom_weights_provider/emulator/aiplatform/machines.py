"""Which accelerators a machine type takes, as far as the service's refusals depend on it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from vertex_custom_weights_provider.emulator.envelope import Json, refuse


class Bundled(msgspec.Struct, frozen=True):
    """A machine type that comes with its accelerators; counts up to the whole are allowed."""

    accelerator: str
    count: int


class Table(msgspec.Struct, frozen=True):
    """What `machines.json` says.

    Attributes:
        source: Where the rows were read, on the day `read`.
        accelerator_gigabytes: Memory of one accelerator.
        bundled: Machine types that come with accelerators.
        attachable: Accelerators that are added to a general machine.
        general: How the names of all other machine types begin.
        recommended: The bundled machines that `recommendSpec` chooses from, smallest first.
    """

    source: str
    read: str
    accelerator_gigabytes: dict[str, int]
    bundled: dict[str, Bundled]
    attachable: frozenset[str]
    general: tuple[str, ...]
    recommended: tuple[str, ...]

    def gigabytes(self, machine: str) -> int:
        """Return the accelerator memory of a bundled machine."""
        row = self.bundled[machine]
        return row.count * self.accelerator_gigabytes[row.accelerator]


@cache
def table() -> Table:
    """Return the table of machines; read once, on first use."""
    text = Path(__file__).with_name("machines.json").read_bytes()
    return msgspec.json.decode(text, type=Table)


def check(spec: Json) -> None:
    """Refuse a machine spec that no machine fits."""
    machine = spec.get("machineType", "")
    accelerator = spec.get("acceleratorType", "")
    count = int(spec.get("acceleratorCount", 0))
    if accelerator == "ACCELERATOR_TYPE_UNSPECIFIED":
        accelerator = ""
    if bool(accelerator) != bool(count):
        refuse(
            "INVALID_ARGUMENT",
            "`accelerator_type` and `accelerator_count` must be set together in machine_spec.",
        )
    bundled = table().bundled.get(machine)
    if bundled is None:
        _check_general(machine, accelerator)
    else:
        _check_bundled(machine, bundled, accelerator, count)


def _check_general(machine: str, accelerator: str) -> None:
    if machine and not machine.startswith(table().general):
        refuse("INVALID_ARGUMENT", f'Machine type "{machine}" is not supported.')
    attachable = accelerator in table().attachable and machine.startswith("n1-")
    if accelerator and not attachable and not accelerator.startswith("TPU_"):
        _mismatch(accelerator, machine)


def _check_bundled(machine: str, bundled: Bundled, accelerator: str, count: int) -> None:
    kind, most = bundled.accelerator, bundled.count
    if accelerator and accelerator != kind:
        _mismatch(accelerator, machine)
    allowed = [size for size in (1, 2, 4, 8, 16) if size <= most]
    if count and count not in allowed:
        listed = ", ".join(str(size) for size in allowed)
        refuse(
            "INVALID_ARGUMENT",
            f'Accelerator count "{count}" is not allowed for machine type "{machine}" and'
            f' accelerator "{kind}". Allowed accelerator counts: [{listed}].',
        )


def _mismatch(accelerator: str, machine: str) -> None:
    refuse(
        "INVALID_ARGUMENT",
        f'Accelerator "{accelerator}" is not supported for machine type "{machine}".',
    )
