"""Programs that `pulumi import` generates from our schema call classes and arguments that exist."""

from __future__ import annotations

import importlib
import inspect
import re
import subprocess
import sys
from typing import Any

import pytest

from vertex_custom_weights_provider.adapter import registry

SCHEMA = registry.schema()
PYTHON: dict[str, Any] = SCHEMA["language"]["python"]


def snake_case(name: str) -> str:
    return re.sub(r"(?=[A-Z])", "_", name).lower()


@pytest.mark.parametrize("token", SCHEMA["resources"])
def test_a_generated_program_calls_what_exists(token: str) -> None:
    _, module, name = token.split(":")
    path = f"{PYTHON['packageName']}.{PYTHON['moduleNameOverrides'][module]}"
    resource = getattr(importlib.import_module(path), name)
    parameters = inspect.signature(resource.__init__).parameters
    inputs = SCHEMA["resources"][token]["inputProperties"]
    assert {snake_case(key) for key in inputs} <= parameters.keys()
    assert {"self", "resource_name", "opts"} == parameters.keys() - map(snake_case, inputs)


def test_the_package_alone_brings_its_modules_along() -> None:
    (module,) = PYTHON["moduleNameOverrides"].values()
    program = f"import {PYTHON['packageName']} as package; package.{module}.Endpoint"
    subprocess.run([sys.executable, "-c", program], check=True)
