"""The wheel in a project outside the checkout."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from .support.harness import Engine

TOY = (Path(__file__).parent / "support" / "toy.py").read_text()


def test_project_with_a_folder_named_provider_runs_on_the_installed_wheel(
    make_engine: Callable[..., Engine], wheel_venv: Path
) -> None:
    engine = make_engine("outside", venv=wheel_venv)
    engine.write("toy.py", TOY)
    engine.write("provider/__init__.py", "MINE = 'the project has a provider of its own'")
    engine.write("components/__init__.py", "")
    engine.program("""
        import pulumi
        import vertex_custom_weights_provider
        from provider import MINE
        from toy import Thing
        pulumi.export("mine", MINE)
        pulumi.export("installed", vertex_custom_weights_provider.__file__)
        pulumi.export("url", Thing("one").url)
    """)

    assert engine.preview().outputs["url"] == "https://things.example/one"
    outputs = engine.up().outputs

    assert Path(outputs["installed"]).is_relative_to(wheel_venv)
    assert outputs["mine"] == "the project has a provider of its own"
    assert engine.preview().unchanged
    engine.destroy()
