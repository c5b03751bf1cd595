"""Fixtures of the documentation tests."""

from __future__ import annotations

import pulumi
import pytest

from ..components.recording import Program  # noqa: TID252 - tests are no package to import from


@pytest.fixture
def program() -> Program:
    """A program in a stack whose Google project and region are set."""
    pulumi.runtime.set_all_config({"gcp:project": "here", "gcp:region": "us-central1"})
    return Program()
