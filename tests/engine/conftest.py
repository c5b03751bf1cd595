"""Fixtures of the tests that run the real Pulumi CLI; `harness.py` explains them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .harness import CHECKOUT, Engine

# Of the user's environment these would change what a run does or which account it uses.
FOREIGN = ("PULUMI_", "GOOGLE_", "CLOUDSDK_", "PYTEST_", "GRPC_", "PYTHON")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.engine)


@pytest.fixture(scope="session")
def engine_environment() -> dict[str, str]:
    """The environment of a Pulumi run; the CLI is built first where there is none."""
    script = CHECKOUT / "tools" / "pulumi" / "environment.py"
    found = subprocess.run([sys.executable, script, "--json"], stdout=subprocess.PIPE, check=True)
    own = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return {**own, **json.loads(found.stdout)}


@pytest.fixture
def make_engine(engine_environment: dict[str, str], tmp_path: Path) -> Callable[..., Engine]:
    """Make scratch projects: `make_engine("name", bundled=True)`."""

    def make(name: str, **options: Any) -> Engine:
        return Engine(tmp_path / name, engine_environment, **options)

    return make


@pytest.fixture
def engine(make_engine: Callable[..., Engine]) -> Engine:
    """One scratch project on the provider host of this checkout."""
    return make_engine("engine")
