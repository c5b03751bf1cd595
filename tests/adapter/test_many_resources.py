"""A program may declare any number of resources."""

from __future__ import annotations

import sys

from pulumi.dynamic.dynamic import serialize_provider

from vertex_custom_weights_provider.resources.base import unwound_pickler
from vertex_custom_weights_provider.resources.psc_address import PscAddressProvider


def test_more_resources_than_the_stack_is_deep_are_serialized_alike() -> None:
    forms: set[str] = set()
    for _ in range(sys.getrecursionlimit() + 100):
        with unwound_pickler():
            forms.add(serialize_provider(PscAddressProvider()))
    assert len(forms) == 1
