"""The contract extract is current, and the emulator serves exactly what it lists."""

from __future__ import annotations

import importlib.util
import re
import time
from pathlib import Path
from types import ModuleType

import pytest

from vertex_custom_weights_provider.emulator import assembly
from vertex_custom_weights_provider.emulator.contract import extract

ROOT = Path(__file__).parents[2]
ROUTES = [route for route in assembly.router().routes if not route.method.startswith("emulator.")]
SERVED = {name: method for api in extract.apis().values() for name, method in api.methods.items()}


def _load_tool() -> ModuleType:
    path = ROOT / "tools/emulator_contract.py"
    spec = importlib.util.spec_from_file_location("emulator_contract", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _shape(path: str) -> str:
    """A path with its variables as stars, whatever they are called and however many segments."""
    path = re.sub(r"\{version\}/|/(download/)?storage/v1/|/compute/v1/", "", path)
    path = re.sub(r"\{\w+(?:=([^}]*))?\}", lambda m: m.group(1) or "*", path)
    return path.lstrip("/").replace("**", "*")


def test_the_extract_matches_the_published_discovery_documents() -> None:
    tool = _load_tool()

    assert tool.TARGET.read_text() == tool.render(tool.extract()), (
        "run: python tools/emulator_contract.py"
    )


def test_the_extract_loads_in_less_than_thirty_milliseconds() -> None:
    took: list[float] = []
    for _ in range(5):
        began = time.process_time()
        extract.apis.__wrapped__()
        took.append(time.process_time() - began)

    assert min(took) < 0.03


@pytest.mark.parametrize(
    "route", ROUTES, ids=[f"{route.method} {route.template}" for route in ROUTES]
)
def test_a_route_has_the_verb_and_path_of_its_published_method(route: assembly.Router) -> None:
    method = SERVED[route.method]

    assert (route.verb, _shape(route.template)) == (method.http, _shape(method.path))


def test_every_method_of_the_extract_has_a_route() -> None:
    assert {route.method for route in ROUTES} == set(SERVED)


@pytest.mark.parametrize(
    ("verb", "path", "method"),
    [
        ("POST", "/v1beta1/projects/p/locations/l/endpoints/1:explain", "endpoints.explain"),
        ("GET", "/v1/projects/p/locations/l/deploymentResourcePools", "ResourcePools.list"),
        ("GET", "/compute/v1/projects/p/global/addresses/a", "compute.globalAddresses.get"),
        ("DELETE", "/storage/v1/b/bucket/o/name", "storage.objects.delete"),
        ("GET", "/v1beta1/publishers/meta/models", "publishers.models.list"),
    ],
)
def test_a_published_method_that_is_not_served_is_known_by_name(
    verb: str, path: str, method: str
) -> None:
    found = extract.unserved(verb, path)

    assert found is not None
    assert found.endswith(method)


def test_a_path_nobody_publishes_is_unknown() -> None:
    assert extract.unserved("GET", "/v1beta1/projects/p/locations/l/unheardOf") is None
