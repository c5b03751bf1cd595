"""The generated page about the emulator is current, and every behaviour says what it rests on."""

from __future__ import annotations

import importlib.util
import inspect
from pathlib import Path

import pytest

from vertex_custom_weights_provider.emulator import assembly
from vertex_custom_weights_provider.emulator.http.call import Route

ROUTES = {route.method: route for route in assembly.router().routes}
BASES = ("contract", "documented", "reported", "assumed")


def test_the_page_is_generated_from_the_code_as_it_is() -> None:
    path = Path(__file__).parents[2] / "tools/emulator_docs.py"
    spec = importlib.util.spec_from_file_location("emulator_docs", path)
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)

    assert tool.TARGET.read_text() == tool.render(), "run: python tools/emulator_docs.py"


@pytest.mark.parametrize("route", ROUTES.values(), ids=ROUTES)
def test_a_method_is_described_and_tagged(route: Route) -> None:
    assert inspect.getdoc(route.handler)
    assert route.basis in BASES
    for note in route.notes:
        assert note.basis in BASES
        assert note.text.endswith((".", ")"))
