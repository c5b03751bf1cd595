"""`machineType: auto`: which machine, and why.

The service's own recommendation where it may be asked, else the cheapest machine of the catalog
that fits. The choice is made once and kept in state: prices and recommendations change, and a
deployment must not be replaced for that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from vertex_custom_weights_provider.properties.base import Problem
from vertex_custom_weights_provider.properties.chosen_once import AUTO, pinned
from vertex_custom_weights_provider.properties.custom_weights_deployment import (
    CustomWeightsDeploymentSpec,
)
from vertex_custom_weights_provider.properties.machines import DedicatedResources
from vertex_custom_weights_provider.properties.parsing import Parsed, load

if TYPE_CHECKING:
    from vertex_custom_weights_provider import preflight

_PATH = "dedicatedResources.machineSpec.machineType"
_SAME_PLACE = ("project", "location", "gcsUri")

Deployment = Parsed[CustomWeightsDeploymentSpec]


class Machine(msgspec.Struct, frozen=True):
    """A machine to deploy on, and why this one."""

    machine_type: str
    accelerator_type: str
    accelerator_count: int
    why: str

    def __str__(self) -> str:
        """Name the machine."""
        return f"{self.machine_type} with {self.accelerator_count} {self.accelerator_type}"


def is_automatic(parsed: Deployment) -> bool:
    """Tell whether the program leaves the machine to preflight."""
    resources = parsed.spec.dedicated_resources
    machine = resources.machine_spec if resources else None
    return machine is not None and machine.machine_type == AUTO


def kept(parsed: Deployment, old: Mapping[str, Any]) -> Deployment:
    """Put the machine chosen earlier in the place of `auto`: same weights, same region."""
    wire = parsed.spec.wire()
    if not is_automatic(parsed) or any(wire.get(key) != old.get(key) for key in _SAME_PLACE):
        return parsed
    return _with_resources(parsed, pinned(wire, old)["dedicatedResources"])


def settled(parsed: Deployment, machine: Machine) -> Deployment:
    """Put a machine in the place of `auto`."""
    triple = {
        "machineType": machine.machine_type,
        "acceleratorType": machine.accelerator_type,
        "acceleratorCount": machine.accelerator_count,
    }
    resources = parsed.spec.wire()["dedicatedResources"]
    chosen = {**resources, "machineSpec": {**resources["machineSpec"], **triple}}
    return _with_resources(parsed, chosen)


def _with_resources(parsed: Deployment, wire: Mapping[str, Any]) -> Deployment:
    resources = load(DedicatedResources, wire)
    return replace(parsed, spec=parsed.spec.but(dedicated_resources=resources))


def candidates(report: preflight.Report, location: str) -> Iterator[Machine]:
    """Yield the machine the service recommends, if it does, and the cheapest one that fits."""
    for found in report.recommended:
        if found.accelerator_type and found.accelerator_count and found.region in (None, location):
            triple = (found.machine_type, found.accelerator_type, found.accelerator_count)
            yield Machine(*triple, _because(report, triple, "Vertex AI recommends it"))
            break
    offered = [option for option in report.machines if option.offered is not False]
    roomy = [option for option in offered if not option.borderline]
    for option in (roomy or offered)[:1]:
        triple = (option.machine_type, option.accelerator_type, option.accelerator_count)
        why = f"the cheapest of {len(offered)} in the catalog that fit"
        yield Machine(*triple, _because(report, triple, why))


def _because(report: preflight.Report, triple: tuple[str, str, int], why: str) -> str:
    for option in report.machines:
        if triple == (option.machine_type, option.accelerator_type, option.accelerator_count):
            room = f"{option.headroom_gib:.1f} GiB free on each accelerator"
            price = option.usd_per_hour
            told = "price unknown" if price is None else f"about {price:.2f} USD an hour a replica"
            return f"{why}; {room}, {told}"
    return why


def fits(report: preflight.Report) -> bool:
    """Tell whether nothing speaks against the machine that was examined."""
    against = ("dedicatedResources.machineSpec.", "location")
    return not any(f.severity == "error" and f.path.startswith(against) for f in report.findings)


def told(machine: Machine) -> str:
    """Return the line that says what was chosen."""
    return f"machineType auto: {machine}, because {machine.why}. It stays while it fits."


def no_choice(looked: bool) -> Problem:
    """Return what to do when no machine can be chosen.

    Args:
        looked: The weights were looked at.
    """
    if not looked:
        return Problem(_PATH, "auto needs a look at the weights: preflight may not be off.")
    return Problem(
        _PATH, "auto finds no machine for these weights in this location. Name machine and count."
    )
