"""The harness itself, on a program without resources of any provider."""

from __future__ import annotations

from .support.harness import Engine


def test_program_without_resources_runs_and_config_reaches_it(engine: Engine) -> None:
    engine.configure({"scratch:regions": ["a", "b"], "scratch:size": 3})
    engine.program("""
        import pulumi
        config = pulumi.Config()
        pulumi.export("regions", config.require_object("regions"))
        pulumi.export("size", config.require_int("size"))
    """)

    assert engine.preview().outputs == {"regions": ["a", "b"], "size": 3}
    engine.up()

    assert engine.outputs() == {"regions": ["a", "b"], "size": 3}
    assert engine.up().unchanged
    engine.destroy()
    assert engine.resources() == {}


def test_failing_program_is_reported_with_its_message(engine: Engine) -> None:
    engine.program("raise RuntimeError('the program is broken')")

    run = engine.preview(ok=False)

    assert any("the program is broken" in message for message in run.messages("error"))
