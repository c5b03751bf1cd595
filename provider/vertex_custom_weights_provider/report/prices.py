"""What deployments cost an hour, by the catalog's dated prices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from vertex_custom_weights_provider import catalog

HOURS_A_MONTH = 730


@dataclass(frozen=True)
class Price:
    """US dollars an hour, at fewest and at most replicas.

    Attributes:
        unpriced: Deployments whose price nobody knows; they are not in the sums.
    """

    floor: float = 0.0
    ceiling: float = 0.0
    unpriced: int = 0

    def __add__(self, other: Price) -> Price:
        """Return what both cost."""
        return Price(
            self.floor + other.floor,
            self.ceiling + other.ceiling,
            self.unpriced + other.unpriced,
        )

    @property
    def known(self) -> bool:
        """Whether everything in it has a price."""
        return self.unpriced == 0


def total(prices: Iterable[Price]) -> Price:
    """Return what all cost together."""
    return sum(prices, Price())


def price_of(machine: str, count: int | None, least: int, most: int) -> Price:
    """Return the price of a deployment.

    Args:
        machine: Machine type, empty when Vertex AI chooses.
        count: Accelerators a replica.
        least: Replicas that always run.
        most: Replicas it may grow to.
    """
    try:
        row = catalog.machine(machine)
    except catalog.UnknownMachineError:
        return Price(unpriced=1)
    floor, ceiling = row.usd_for(least, count), row.usd_for(max(most, 1), count)
    if floor is None or ceiling is None:
        return Price(unpriced=1)
    return Price(floor, max(floor, ceiling))
