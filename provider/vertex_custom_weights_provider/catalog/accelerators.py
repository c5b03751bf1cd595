"""Accelerators of `MachineSpec`, what they hold and what quota they draw on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import msgspec

from ._data import load
from .suggest import hint


class UnknownAcceleratorError(LookupError):
    """Not a value of `MachineSpec.acceleratorType`."""


class Accelerator(msgspec.Struct, frozen=True):
    """One GPU type.

    Attributes:
        id: The API's enum name.
        number: The API's enum number.
        memory_gb: As sold, decimal.
        usable_gib: What a process sees, from out-of-memory logs unless the source says estimate.
        compute_capability: CUDA compute capability.
        bf16: Computes in bfloat16; all documented models need that.
        quota_metric: Metric of on-demand serving quota.
        quota_id: Its Cloud Quotas id; None when not known.
        default_quota: By region; a region that is missing does not offer it, 0 needs a grant.
    """

    id: str
    number: int
    memory_gb: int
    usable_gib: float
    usable_source: str
    compute_capability: float
    bf16: bool
    quota_metric: str
    quota_id: str | None
    quota_source: str
    default_quota: Mapping[str, int]

    @property
    def spot_quota_metric(self) -> str:
        """Metric of the quota that Spot replicas draw on."""
        return self.quota_metric.replace(
            "custom_model_serving_", "custom_model_serving_preemptible_"
        )


class Tpu(msgspec.Struct, frozen=True):
    """One TPU generation; chosen by machine type alone."""

    id: str
    quota_metric: str
    quota_id: str | None
    quota_source: str
    default_quota: Mapping[str, int]


@cache
def accelerators() -> tuple[Accelerator, ...]:
    """Return the GPUs the catalog has facts about."""
    return tuple(Accelerator(**row) for row in load("accelerators")["accelerators"])


@cache
def tpus() -> tuple[Tpu, ...]:
    """Return the TPU generations."""
    return tuple(Tpu(**row) for row in load("accelerators")["tpus"])


def accelerator_names() -> Mapping[str, int]:
    """Return all names of the API's enum with their numbers."""
    return load("accelerators")["enum"]


def accelerator(name: str) -> Accelerator:
    """Return one GPU type by its enum name.

    Raises:
        UnknownAcceleratorError: with what may have been meant.
    """
    for row in accelerators():
        if row.id == name:
            return row
    known = hint(name, (row.id for row in accelerators()), "vcw catalog machines")
    message = f"{name!r} is not a GPU of the catalog. {known}"
    raise UnknownAcceleratorError(message)
