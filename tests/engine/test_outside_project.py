"""A project of one's own, outside the checkout, on the installed wheel."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import openai
import pytest

from .support.cloud import LOCATION, EmulatedCloud
from .support.harness import Engine


@pytest.fixture
def outside(make_engine: Callable[..., Engine], wheel_venv: Path) -> Engine:
    """A project with a folder named `provider`, set up by `vcw init` and nothing else."""
    engine = make_engine("outside", venv=wheel_venv, stack="local")
    for path in engine.folder.iterdir():
        path.unlink()
    engine.shell("vcw", "init")
    assert (engine.folder / ".gitignore").exists()
    engine.write("provider/__init__.py", "MINE = 'the project has a provider of its own'")
    engine.write("components/__init__.py", "")
    program = (engine.folder / "__main__.py").read_text()
    engine.program(f"""{program}
from provider import MINE
import vertex_custom_weights
pulumi.export("mine", MINE)
pulumi.export("installed", vertex_custom_weights.__file__)
""")
    weights = ".local/weights/llama-3.2-1b"
    engine.shell("vcw", "emulator", "sample-weights", "llama-3.2-1b", weights)
    return engine


@contextmanager
def served(engine: Engine) -> Iterator[str]:
    """Serve the project's emulator over HTTP; yield its URL."""
    serve = ["emulator", "serve", "--quiet", "--port", "0", "--state", ".local/emulator.db"]
    command = [str(Path(engine.environment["VIRTUAL_ENV"], "bin", "vcw")), *serve]
    with subprocess.Popen(
        command, cwd=engine.folder, env=engine.environment, stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            url = re.search(r"http://127\.0\.0\.1:\d+", server.stdout.readline())
            assert url is not None
            yield url[0]
        finally:
            server.terminate()


def test_project_made_by_init_deploys_answers_and_is_removed(
    outside: Engine, wheel_venv: Path
) -> None:
    planned = outside.preview().outputs
    assert planned["endpoint_name"].startswith(f"{LOCATION}/endpoints/chat-")
    assert planned["mine"] == "the project has a provider of its own"
    assert Path(planned["installed"]).is_relative_to(wheel_venv)

    made = outside.up().outputs
    assert made["endpoint_name"] == planned["endpoint_name"]
    assert outside.up().unchanged
    assert outside.refresh("--expect-no-changes").unchanged

    for options in ([], ["--stream"]):
        assert "hello" in outside.shell("vcw", "query", "hello", *options).stdout
    with served(outside) as url:
        address = urlsplit(made["openai_base_url"])
        base = f"{url}/_emulator/hosts/{address.netloc}{address.path}"
        client = openai.OpenAI(base_url=base, api_key="emulator")
        question = [{"role": "user", "content": "hello"}]
        answer = client.chat.completions.create(model="", messages=question)
        pieces = client.chat.completions.create(model="", messages=question, stream=True)
        told = "".join(piece.choices[0].delta.content or "" for piece in pieces if piece.choices)
        assert "hello" in (answer.choices[0].message.content or "")
        assert told == answer.choices[0].message.content
        client.close()

    outside.destroy()
    cloud = EmulatedCloud(outside.folder / ".local" / "emulator.db")
    assert cloud.empty
    assert outside.up().outputs["endpoint_name"] == f"{made['endpoint_name']}-2"
    outside.destroy()
    assert cloud.empty
