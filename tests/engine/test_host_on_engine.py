"""The provider host under the real engine, with a toy provider: what gRPC tests cannot show."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .support.events import UNKNOWN
from .support.harness import Engine

TOY = (Path(__file__).parent / "support" / "toy.py").read_text()
TYPE = "pulumi-python:dynamic/toy:Thing"
SLOW = """
    from toy import Thing
    Thing("slow", seconds=4)
"""


@pytest.fixture
def toy(engine: Engine) -> Engine:
    engine.write("toy.py", TOY)
    return engine


def things(engine: Engine) -> dict[str, dict[str, Any]]:
    files = (engine.folder / "cloud").glob("*.json")
    return {path.stem: json.loads(path.read_text()) for path in files}


def busiest(spans: list[tuple[float, float]]) -> int:
    """Return how many spans overlap at most."""
    return max(sum(start <= moment <= end for start, end in spans) for moment, _ in spans)


def test_creates_run_all_at_once_and_previews_know_their_outputs(toy: Engine) -> None:
    toy.program("""
        import pulumi
        from toy import Thing
        all_of_them = [Thing(f"thing-{number:02}", seconds=3) for number in range(16)]
        pulumi.export("urls", pulumi.Output.all(*(thing.url for thing in all_of_them)))
    """)
    urls = [f"https://things.example/thing-{number:02}" for number in range(16)]

    preview = toy.preview()
    assert preview.changes["create"] == 17  # the stack counts
    assert preview.outputs["urls"] == urls
    assert things(toy) == {}

    up = toy.up("--parallel", "64")
    assert up.outputs["urls"] == urls
    assert busiest([(thing["began"], thing["ended"]) for thing in things(toy).values()]) == 16
    assert toy.up().unchanged

    toy.destroy()
    assert things(toy) == {}


def test_change_names_the_property_that_replaces(toy: Engine) -> None:
    toy.program("""
        from toy import Thing
        Thing("kept", size=1)
        Thing("moved", name="old")
    """)
    toy.up()
    toy.program("""
        from toy import Thing
        Thing("kept", size=2)
        Thing("moved", name="new")
    """)

    preview = toy.preview()

    assert preview.step("kept").op == "update"
    assert preview.step("kept").detailed == {"size": "update"}
    assert "replace" in preview.ops("moved")
    replaced = [step for step in preview.steps if step.name == "moved" and step.op == "replace"]
    assert replaced[0].replaces == ("name",)
    assert replaced[0].detailed == {"name": "update-replace"}


def test_ctrl_c_during_create_saves_the_resource_and_the_next_up_resumes_it(toy: Engine) -> None:
    toy.program(SLOW)
    with toy.start("up") as update:
        update.wait_until(lambda: "slow" in things(toy))
        update.interrupt()
        update.finish(ok=False)

    assert not toy.stack_export().get("pending_operations")
    saved = toy.resources()["slow"]
    assert saved["id"] == "slow"
    assert saved["outputs"]["url"] == "https://things.example/slow"
    assert saved["initErrors"] == ["slow is still being made"]

    resumed = toy.up()
    assert resumed.ops("slow") == ["update"]
    assert "initErrors" not in toy.resources()["slow"]
    assert things(toy)["slow"]["creations"] == 1
    assert toy.preview().unchanged


def test_kill_9_during_create_is_recovered_by_cancel_and_up(toy: Engine) -> None:
    toy.program(SLOW)
    with toy.start("up") as update:
        update.wait_until(lambda: "slow" in things(toy))
        update.kill()
        update.finish(ok=False)

    locked = toy.up(ok=False)
    assert "pulumi cancel" in locked.text

    toy.cancel()
    toy.refresh("--clear-pending-creates")
    toy.up()
    assert not toy.stack_export().get("pending_operations")
    assert things(toy)["slow"]["creations"] == 1
    assert toy.preview().unchanged


def test_failed_create_shows_its_message_without_a_traceback(toy: Engine) -> None:
    toy.program("""
        from toy import Thing
        Thing("broken")
    """)

    run = toy.up(ok=False)

    errors = [line for line in run.diagnostics if line.severity == "error"]
    assert any(
        line.resource == "broken" and "things may not be called broken" in line.message
        for line in errors
    )
    assert "Traceback" not in run.text
    assert toy.resources() == {}


def test_import_finds_the_provider_by_the_type_and_the_program_agrees(toy: Engine) -> None:
    # What an installed package would bring: the working directory is on the host's module path.
    toy.write("toy-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: toy\nVersion: 1.0\n")
    toy.write(
        "toy-1.0.dist-info/entry_points.txt",
        f"[vertex_custom_weights.dynamic_providers]\n{TYPE} = toy:ThingProvider\n",
    )
    toy.write("cloud/found.json", json.dumps({"creations": 1, "began": 0, "ready": 0}))

    imported = toy.import_(TYPE, "mine", "found")

    assert imported.ops("mine") == ["import"]
    toy.program("""
        from toy import Thing
        Thing("mine", name="found")
    """)
    assert toy.preview().unchanged


BY_VALUE = """
    import pulumi
    from pulumi.dynamic import *

    class LocalProvider(ResourceProvider):
        serialize_as_secret_always = False
        def configure(self, request):
            self.greeting = request.config.require("greeting")
        def check(self, olds, news):
            return CheckResult({**news, "checked": True}, [])
        def create(self, props):
            print("a provider may print")
            return CreateResult("made", {**props, "said": self.greeting + props["whom"]})
        def diff(self, id, olds, news):
            return DiffResult(changes=olds["whom"] != news["whom"])
        def delete(self, id, props):
            pass

    class Local(Resource, module="other", name="Local"):
        said: pulumi.Output[str]
        def __init__(self, name, whom, opts=None):
            super().__init__(LocalProvider(), name, {"whom": whom, "said": None, "n": 3}, opts)

    first = Local("first", pulumi.Output.secret("world"))
    second = Local("second", first.said)
    pulumi.export("said", second.said)
"""


@pytest.mark.parametrize("bundled", [False, True], ids=["our-host", "bundled-server"])
def test_provider_of_another_author_gives_the_same_on_both_servers(
    make_engine: Callable[..., Engine], bundled: bool
) -> None:
    engine = make_engine("foreign", bundled=bundled)
    engine.configure({"scratch:greeting": "hello "})
    engine.program(BY_VALUE)

    assert engine.preview().outputs["said"] == UNKNOWN
    engine.up()

    assert engine.outputs() == {"said": "hello hello world"}
    resources = engine.resources()
    assert resources["second"]["outputs"]["checked"] is True
    assert resources["second"]["outputs"]["n"] == 3
    assert set(resources["first"]["outputs"]["whom"]) >= {"ciphertext"}
    assert engine.up().unchanged
    engine.destroy()
    assert engine.resources() == {}
