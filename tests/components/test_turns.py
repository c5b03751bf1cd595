"""A preview tells when deployments will have to wait for each other."""

from __future__ import annotations

import re

import pytest

from vertex_custom_weights.config.turns import turns


@pytest.mark.parametrize("deployments", [0, 1, 8])
def test_deployments_that_have_a_place_each_are_no_matter(deployments: int) -> None:
    assert turns(deployments, 8) == ""


@pytest.mark.parametrize(
    ("deployments", "places", "rounds"), [(9, 8, 2), (16, 8, 2), (64, 8, 8), (65, 64, 2)]
)
def test_the_rounds_are_counted_and_the_variable_named(
    deployments: int, places: int, rounds: int
) -> None:
    told = turns(deployments, places)
    assert f"{rounds} turns" in told
    asked = re.search(r"PULUMI_PARALLEL=(\d+)", told)
    assert asked
    assert turns(deployments, int(asked[1])) == ""  # following the advice ends it
