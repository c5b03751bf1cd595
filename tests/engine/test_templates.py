"""`pulumi new` from the templates of this checkout, and what it leaves, on the real CLI."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from .support.harness import CHECKOUT, Engine

TEMPLATES = CHECKOUT / "templates"


@pytest.fixture
def new(make_engine: Callable[..., Engine]) -> Callable[[str], Engine]:
    """Make a project from a template; its environment is the one that runs the tests."""

    def make(template: str) -> Engine:
        engine = make_engine(template, stack="local")
        for path in engine.folder.iterdir():
            path.unlink()
        options = ["--generate-only", "--yes", "--name", "my-models"]
        command = ["pulumi", "new", str(TEMPLATES / template), *options]
        subprocess.run(command, cwd=engine.folder, env=engine.environment, check=True)
        (engine.folder / ".venv").symlink_to(sys.prefix)
        return engine

    return make


def weights(engine: Engine, *models: str) -> None:
    for model in models:
        engine.shell("vcw", "emulator", "sample-weights", model, f".local/weights/{model}")


def test_template_of_one_endpoint_previews_it(new: Callable[[str], Engine]) -> None:
    engine = new("custom-weights-gcp-python")
    weights(engine, "llama-3.2-1b")

    preview = engine.preview()
    assert preview.step("chat-llm").op == "create"
    assert preview.outputs["endpoint_name"].startswith("projects/local-project/")


def test_template_of_several_endpoints_holds_them_to_its_policy(
    new: Callable[[str], Engine],
) -> None:
    engine = new("custom-weights-stacks-gcp-python")
    weights(engine, "llama-3.2-1b", "qwen3-0.6b")
    engine.write("policy/limits.json", '{"total-cost": {"maxUsdPerHour": 0.5}}')
    policy = ["--policy-pack", "policy/launch", "--policy-pack-config", "policy/limits.json"]

    refused = engine.preview(*policy, ok=False)  # what the preview would cost is over the limit
    assert "total-cost" in refused.text
