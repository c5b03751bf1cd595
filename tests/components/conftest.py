"""Fixtures of the component tests; `recording.py` explains them."""

from __future__ import annotations

import pulumi
import pytest

from .support.recording import Program


@pytest.fixture
def program() -> Program:
    """A program in a stack whose Google project and region are set."""
    pulumi.runtime.set_all_config({"gcp:project": "here", "gcp:region": "us-central1"})
    return Program()
