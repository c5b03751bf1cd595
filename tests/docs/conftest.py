"""Fixtures of the documentation tests."""

from __future__ import annotations

import pulumi
import pytest

from ..components.support.recording import ATTACHMENT, Program

# Stacks that the pages take values from.
OTHER_STACKS = {
    "acme/network/prod": {
        "network": "projects/acme-network/global/networks/apps",
        "subnetwork": "projects/acme-network/regions/us-central1/subnetworks/apps",
    },
    "acme/training/prod": {"weights": {"support": "gs://acme-models/support/run-7"}},
    "acme/models/prod": {
        "endpoints": {
            "support": {"psc_ip_address": "10.20.0.7", "service_attachment": ATTACHMENT},
        }
    },
}


@pytest.fixture
def program() -> Program:
    """A program in a stack whose Google project and region are set."""
    pulumi.runtime.set_all_config(
        {
            "gcp:project": "here",
            "gcp:region": "us-central1",
            "proj:weightsUri": "gs://my-bucket/my-run",
            "proj:consumerProject": "shop",
        }
    )
    made = Program()
    made.answers = {stack: {"outputs": outputs} for stack, outputs in OTHER_STACKS.items()}
    return made
